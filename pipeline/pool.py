"""Workers for shards: processes or threads of this machine, or an executor that a package brings."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib.metadata import entry_points
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.errors import SettingsError
from pipeline.settings import RunSettings
from pipeline.start import ENVIRONMENT

#: Entry points of executors: each names a function of RunSettings that returns a context manager of an Executor.
GROUP = "corpusmill.executors"
_OWN = ("processes", "threads")


@contextmanager
def workers(run: RunSettings, inputs: Sequence[str] = ()) -> Iterator[Executor | None]:
    """Yield where shards are worked on, as `run` says; None for one worker of this machine, which needs no pool.

    inputs: what will be read; where it is more than a shard, processes are being loaded from now on, which takes 2 s.

    Raises SettingsError for an executor that there is not, or whose package is not installed; and what the
    executor of a package raises.
    """
    name = run.executor or ("dask" if run.dask else "processes")
    if run.dask and name != "dask":
        raise SettingsError(f"run.dask is given, but run.executor is {name}: leave one of them out")
    if name not in _OWN:
        with _plugged(name)(run) as plugged:
            yield plugged
        return
    count = run.workers or len(os.sched_getaffinity(0))
    if count == 1:
        yield None
        return
    pool = ThreadPoolExecutor(count) if name == "threads" else Processes(count)
    ahead(run, inputs)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # after an error or a time-out no further shard is begun


def ahead(run: RunSettings, inputs: Sequence[str]) -> None:
    """Let processes be loaded from now on where `workers` will want some: for who has other things to do first.

    A few inputs that are one shard need none.
    """
    wanted = (run.executor or "processes") == "processes" and not run.dask
    several = (run.workers or len(os.sched_getaffinity(0))) > 1
    if wanted and several and _bytes_of(inputs, run.shard_bytes) > run.shard_bytes:
        Processes(1).load()


class _Worker(ForkServerProcess):
    def start(self) -> None:
        with _nameless(sys.modules["__main__"]):
            super().start()


class _Context(ForkServerContext):
    Process = _Worker


class Processes(ProcessPoolExecutor):
    """Workers that are forked from a process that has loaded `pipeline.preload`.

    Not forks of this process: threads do not survive that. All of it starts with the first shard that is given.
    They do not import the program that uses them, so a script needs no `if __name__ == "__main__"`.
    """

    def __init__(self, count: int) -> None:
        """Nothing is started yet."""
        context = _Context()
        context.set_forkserver_preload(["pipeline.preload"])
        super().__init__(count, context, initializer=_die_with_parent)

    def load(self) -> None:
        """Start the process that workers are forked from."""
        with _environment(ENVIRONMENT), _deaf_to_interrupts():
            forkserver.ensure_running()

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do what the executor does."""
        self.load()
        return super().submit(*args, **kwargs)


def _bytes_of(inputs: Sequence[str], enough: int) -> int:
    """Return how large the inputs are that are files or folders here, no more exactly than `enough`."""
    size = 0
    with suppress(OSError):  # what cannot be read says so where it is read
        for place in map(Path, inputs):
            for file in place.rglob("*") if place.is_dir() else [place]:
                size += file.stat().st_size if file.is_file() else 0
                if size > enough:
                    return size
    return size


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set variables that this process does not have, for what it starts meanwhile."""
    missing = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let what is started meanwhile not hear Ctrl-C: this process does, and ends them; each had a traceback to say."""
    resource_tracker.ensure_running()  # now, for it unblocks what it starts under
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _nameless(main: ModuleType) -> Iterator[None]:
    """Take from a module what would let a new process import it: our tasks need nothing of a user's program.

    A script that is not guarded would start the run again in each worker; `flows.clean` would import Prefect.
    """
    names = {name: value for name, value in vars(main).items() if name in ("__spec__", "__file__")}
    main.__spec__ = None
    vars(main).pop("__file__", None)
    try:
        yield
    finally:
        vars(main).update(names)


def _plugged(name: str) -> Callable[[RunSettings], AbstractContextManager[Executor]]:
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise SettingsError(f"there is no executor {name}: run.executor takes {', '.join(sorted({*_OWN, *found}))}")
    point = found[name]
    try:
        plugged: Callable[[RunSettings], AbstractContextManager[Executor]] = point.load()
    except ModuleNotFoundError as error:
        package = point.dist.name if point.dist else "corpusmill"
        raise SettingsError(
            f"the executor {name} needs {error.name}, which is not installed: pip install '{package}[{name}]'"
        ) from error
    return plugged


def _die_with_parent() -> None:
    """End this process when its parent ends: after kill -9 of the parent it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    parent.join()
    os._exit(1)
