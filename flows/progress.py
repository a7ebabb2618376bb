"""Progress of a step, in Prefect's page of the run and, now and then, in the log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import copy_context
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

#: Seconds between two updates of the artifact (each is a request of some 20 ms), and between two lines of the log.
ARTIFACT_SECONDS, LOG_SECONDS = 2.0, 60.0


class Reporter:
    """Called as (step, shards done, shards in all); to be made inside the task whose page it is for.

    It does not wait for the server: `hand`, one thread, asks it.
    """

    def __init__(self, hand: Executor) -> None:
        """The artifact is made at the first call."""
        self._hand, self._context = hand, copy_context()
        self._began = self._logged = time.monotonic()
        self._drawn = float("-inf")
        self._artifact: UUID | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        """Say how far the step is; most calls say nothing, the last one always does."""
        now, last = time.monotonic(), 0 < total == done
        if last or now > self._drawn + ARTIFACT_SECONDS:
            self._drawn = now
            description = f"{step}: {done} of {total} shards" if total else step
            self._hand.submit(self._context.run, self._draw, description, 100 * done / max(total, 1))
        if last:
            get_run_logger().info("%s: %d shards, %.1f s", step, total, now - self._began)
        elif now > self._logged + LOG_SECONDS:
            self._logged = now
            get_run_logger().info("%s: %d of %d shards", step, done, total)

    def _draw(self, description: str, percent: float) -> None:
        """Move the artifact."""
        with optional("progress"):
            if self._artifact is None:
                artifact = create_progress_artifact(progress=percent, description=description)
                self._artifact = artifact if isinstance(artifact, UUID) else None
            else:
                update_progress_artifact(artifact_id=self._artifact, progress=percent, description=description)


@contextmanager
def optional(what: str) -> Iterator[None]:
    """Run the block, which puts something on Prefect's page; a server that is away costs the picture, not the run."""
    try:
        yield
    except httpx.HTTPError as error:
        get_run_logger().warning("%s cannot be shown, the run goes on: %s", what, error)
