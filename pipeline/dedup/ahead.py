"""Work on several stretches at once, in order: kernels release the GIL, so threads of one process are enough."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Stretches that are worked on at once, whatever the machine has: what they take of memory is counted.
THREADS = 2


def ahead(do: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield `do(item)` of each item, in order. THREADS of them are worked on while the caller has an earlier one."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield from in_order(pool, do, items, THREADS)


def in_order(
    pool: ThreadPoolExecutor, do: Callable[[Item], Result], items: Iterable[Item], most: int
) -> Iterator[Result]:
    """Yield `do(item)` of each item, in order; at most `most` of them are under way or wait for the caller.

    What has not begun when the caller stops, or one of them fails, is not done.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(do, item))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
