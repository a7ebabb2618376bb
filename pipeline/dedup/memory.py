"""How much memory matching may take, and arrays that lie on disk when there is no more of it."""

from __future__ import annotations

import mmap
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import RunError, SettingsError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
#: Runs of items that are worked on apart, at least.
RUNS = 8
#: Below this a budget buys nothing: the tables of one batch of text and the compiled kernels take as much.
LEAST = 16 * 2**20


def budget(wanted: str | int) -> int:
    """Return a setting such as "2GB", "512MiB" or 2000000000 in bytes; 0 or "": a quarter of the machine's memory.

    Raises SettingsError for anything else.
    """
    return max(size(wanted, "dedup.memory") or machine() // 4, LEAST)


def size(wanted: str | int, key: str) -> int:
    """Return such a size in bytes; 0 for "". Raises SettingsError, with the name of the setting, for anything else."""
    if isinstance(wanted, int):
        number = wanted
    else:
        found = re.fullmatch(r"(\d+(?:\.\d+)?|)\s*(|[kmgt]i?)b?", wanted.strip().lower())
        if not found or (found[2] and not found[1]):
            raise SettingsError(f"{key} = {wanted!r} is no size: write it like 2GB, 512MiB or 2000000000")
        number = int(float(found[1] or 0) * _UNITS[found[2]])
    if number < 0:
        raise SettingsError(f"{key} = {wanted!r} is less than nothing: write it like 2GB")
    return number


def machine() -> int:
    """Return the bytes of memory of this machine, or of the control group it is confined to."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        limit = Path(path).read_text().strip() if Path(path).is_file() else "max"
        total = min(total, int(limit)) if limit.isdigit() else total
    return total


class Space:
    """Arrays in memory as long as the budget lasts, then in unnamed files that are gone when they are dropped."""

    def __init__(self, size: int, folder: Path | None) -> None:
        """size: bytes. folder: where the files lie; None: the system's folder for temporary files."""
        self._left = size
        self._folder = folder
        self._maps: list[mmap.mmap] = []

    def array(self, shape: Sequence[int], kind: Any) -> NDArray[Any]:
        """Return an array of any content.

        Raises RunError when neither memory nor disk has room for it.
        """
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        if size <= self._left:
            self._left -= size
            return np.empty(tuple(shape), dtype=kind)
        spilled = _mapped(size, self._folder)
        self._maps.append(spilled)
        return np.frombuffer(spilled, dtype=kind).reshape(tuple(shape))

    def rest(self) -> None:
        """Let the pages of spilled arrays go; they come back from their files when they are looked at."""
        for spilled in self._maps:
            if hasattr(mmap, "MADV_DONTNEED"):
                spilled.madvise(mmap.MADV_DONTNEED)


def _mapped(size: int, folder: Path | None) -> mmap.mmap:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            # A file with holes would kill the process with SIGBUS when the disk fills up later.
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
            return mmap.mmap(file.fileno(), size)
    except OSError as error:
        raise RunError(
            f"duplicates need {size / 1e9:.1f} GB of disk in {folder or tempfile.gettempdir()} ({error.strerror}): "
            "make room there or raise dedup.memory; the same command goes on where it was"
        ) from error


def stretches(sizes: NDArray[np.int64], at_once: int) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of runs of items whose sizes add up to about `at_once`, at least one item each.

    Of few items runs are shorter, lest there be one only, and one thread at work.
    """
    ends = np.cumsum(sizes)
    run = ends // max(min(at_once, int(ends[-1]) // RUNS if len(ends) else 0), 1)
    starts = np.flatnonzero(np.diff(run, prepend=-1)).tolist()
    yield from zip(starts, [*starts[1:], len(sizes)] if starts else [], strict=True)
