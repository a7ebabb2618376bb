"""Workers for shards: processes or threads of this machine, or an executor that a package brings."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import entry_points
from typing import Any

from pipeline.errors import SettingsError
from pipeline.settings import RunSettings

#: Entry points of executors: each names a function of RunSettings that returns a context manager of an Executor.
GROUP = "corpusmill.executors"
_OWN = ("processes", "threads")


@contextmanager
def workers(run: RunSettings) -> Iterator[Executor | None]:
    """Yield where shards are worked on, as `run` says; None for one worker of this machine, which needs no pool.

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
    pool = ThreadPoolExecutor(count) if name == "threads" else _processes(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # after an error or a time-out no further shard is begun


def _processes(count: int) -> ProcessPoolExecutor:
    # Not forks of this process: threads do not survive that. Workers start with the first shard they are given.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.preload"])
    return ProcessPoolExecutor(count, context, initializer=_die_with_parent)


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
