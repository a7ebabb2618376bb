"""Progress bars of a run, on a terminal or in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec


@contextmanager
def bars(wanted: bool = True) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a callback (step, shards done, shards in all) that draws a bar a step on stderr or in a notebook.

    The bars go when the block ends, before the summary comes. Where they are not wanted, or there is neither a
    terminal nor a notebook, nothing is drawn, and rich, which takes 0.1 s to import, is not imported.
    """
    if not wanted or not (sys.stderr.isatty() or _notebook()):
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


def _notebook() -> bool:
    """Return whether this is a notebook that can draw: rich does so through ipywidgets, and warns where it is not."""
    if "ipykernel" not in sys.modules:
        return False
    from rich.console import Console

    return Console().is_jupyter and find_spec("ipywidgets") is not None
