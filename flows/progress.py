"""What Prefect's page of a run shows while it runs: pictures, which no step waits for, and now and then a line."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

#: Seconds between two updates of the artifact (each is a request of some 20 ms), and between two lines of the log.
ARTIFACT_SECONDS, LOG_SECONDS = 2.0, 60.0


class Painter:
    """One thread that puts pictures on the page; a server that is away costs the pictures, not the run.

    Prefect asks it again for a minute. When that was in vain nothing more is painted: it would be a minute each.
    """

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._thread, self._away = ThreadPoolExecutor(1), False

    def __enter__(self) -> Painter:
        """Return the painter."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Wait until all is painted."""
        self._thread.shutdown()

    def paint(self, what: str, draw: Callable[[], object]) -> None:
        """Have `draw()` done soon, for the run or task from which it is called."""
        self._thread.submit(copy_context().run, self._try, what, draw)

    def _try(self, what: str, draw: Callable[[], object]) -> None:
        if self._away:
            return
        try:
            draw()
        except httpx.HTTPError as error:
            self._away = True
            get_run_logger().warning("%s cannot be shown, the run goes on: %s", what, error)


class Reporter:
    """Called as (step, shards done, shards in all); to be made inside the task whose page it is for."""

    def __init__(self, painter: Painter) -> None:
        """The artifact is made at the first call."""
        self._painter = painter
        self._began = self._logged = time.monotonic()
        self._drawn = float("-inf")
        self._artifact: UUID | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        """Say how far the step is; most calls say nothing, the last one always does."""
        now, last = time.monotonic(), 0 < total == done
        if last or now > self._drawn + ARTIFACT_SECONDS:
            self._drawn = now
            description = f"{step}: {done} of {total} shards" if total else step
            percent = 100 * done / max(total, 1)
            self._painter.paint("progress", lambda: self._draw(description, percent))
        if last:
            get_run_logger().info("%s: %d shards, %.1f s", step, total, now - self._began)
        elif now > self._logged + LOG_SECONDS:
            self._logged = now
            get_run_logger().info("%s: %d of %d shards", step, done, total)

    def _draw(self, description: str, percent: float) -> None:
        """Move the artifact."""
        if self._artifact is None:
            artifact = create_progress_artifact(progress=percent, description=description)
            self._artifact = artifact if isinstance(artifact, UUID) else None
        else:
            update_progress_artifact(artifact_id=self._artifact, progress=percent, description=description)
