"""Real processes that die by SIGKILL: at a moment in time, or just before the nth thing they do to files of a folder."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Audit events of calls that change folders; Arrow's own writing raises none, which is what kills in time are for.
CHANGES = {"os.rename", "os.mkdir", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.truncate"}
#: A process starts in 0.02 s, with all that is slow to import: forked from a server that has done nothing else.
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["pipeline.preload", "tests.killed_calls"])


def run(place: Path, call: Callable[..., Any], *arguments: Any, at: int = 0, seconds: float | None = None) -> int:
    """Call in a process of its own; return its exit status: 0, or -9 when it was killed.

    at: the change under `place` before which it dies, from 1; 0: none. seconds: after so many it is killed.
    """
    process = FORKED.Process(target=_watched, args=(place, at, call, arguments))
    process.start()
    process.join(seconds)
    if seconds is not None:
        process.kill()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def changes(place: Path) -> int:
    """Return how many changes the last process that ended by itself has made."""
    return int((place / "changes").read_text())


def _watched(place: Path, at: int, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    seen = 0

    def watch(event: str, details: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in CHANGES or (event == "open" and _writes(details)):
            here = os.fspath(details[0]) if isinstance(details[0], (str, os.PathLike)) else ""
            if here.startswith(f"{place}/") or (
                here and not here.startswith("/")
            ):  # rmtree names files from their folder
                seen += 1
                if seen == at:
                    os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    call(*arguments)
    (place / "changes").write_text(str(seen))


def _writes(details: tuple[Any, ...]) -> bool:
    return bool(details[2] & (os.O_WRONLY | os.O_RDWR))
