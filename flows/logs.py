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


def _no_event(record: logging.LogRecord) -> bool:
    """Return False for what Prefect logs of each event that a server does not take: 2,000 characters."""
    return not str(record.msg).startswith("Service %r failed to process item")


def keep_short() -> None:
    """Apply the filters to the loggers of flow and task runs, and of what Prefect sends."""
    logging.getLogger("prefect._internal.concurrency").addFilter(_no_event)
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(OneSentence())
