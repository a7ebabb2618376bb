"""Progress bars of a run on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a callback (step, shards done, shards in all) that draws a bar a step on stderr.

    The bars go when the block ends, before the summary comes. Where stderr is no terminal nothing is drawn, and
    rich, which takes 0.1 s to import, is not imported.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        of: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in of:
                of[step] = progress.add_task(step, total=None)
            progress.update(of[step], completed=done, total=total or None)

        yield show
