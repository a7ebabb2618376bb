"""Processes of this machine to work on shards."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any


@contextmanager
def workers(wanted: int) -> Iterator[Executor | None]:
    """Yield a pool of `wanted` processes (0: one a core); None for one, which needs no pool."""
    count = wanted or len(os.sched_getaffinity(0))
    if count == 1:
        yield None
        return
    # Not forks of this process: threads do not survive that. Workers start with the first shard they are given.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.preload"])
    pool = ProcessPoolExecutor(count, context, initializer=_die_with_parent)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # after an error or a time-out no further shard is begun


def _die_with_parent() -> None:
    """End this process when its parent ends: after kill -9 of the parent it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    parent.join()
    os._exit(1)
