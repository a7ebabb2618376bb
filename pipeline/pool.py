"""Processes of this machine to work on shards."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager


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
    with ProcessPoolExecutor(count, context) as pool:
        yield pool
