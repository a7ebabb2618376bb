"""Prefect's run logs, without tracebacks for errors that we raise on purpose."""

from __future__ import annotations

import logging

from pipeline.errors import CorpusmillError


class OneSentence(logging.Filter):
    """Takes the traceback off a record about one of our errors: its sentence says all."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        if record.exc_info and isinstance(record.exc_info[1], CorpusmillError):
            record.exc_info = None
        return True


def keep_short() -> None:
    """Apply the filter to the loggers of flow and task runs."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(OneSentence())
