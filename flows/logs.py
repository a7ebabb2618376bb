"""Prefect's run logs, without tracebacks for errors that we raise on purpose and lines that say nothing."""

from __future__ import annotations

import logging

from pipeline.errors import CorpusmillError

#: What a task logs that ended well: each of ours has said more by then.
WELL = "Finished in state Completed()"


class OneSentence(logging.Filter):
    """Makes a record about one of our errors its sentence, which says all; its traceback goes."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through but WELL."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, CorpusmillError):
            record.msg, record.args, record.exc_info = str(error), (), None
        return record.getMessage() != WELL


def keep_short() -> None:
    """Apply the filter to the loggers of flow and task runs."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(OneSentence())
