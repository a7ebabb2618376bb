"""Where the text of each document lies, and how it is read again: never is all text in memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.arrow import run_starts
from pipeline.errors import RunError
from pipeline.kernels.json_strings import PAD, unescape

Rows = NDArray[np.int64]


class Places(NamedTuple):
    """Byte ranges of texts; `escaped`: it is the inside of a JSON string that has escapes."""

    file: NDArray[np.int32]
    begin: Rows
    size: Rows
    escaped: NDArray[np.bool_]

    def take(self, rows: Rows) -> Places:
        """Return the places of these rows."""
        return Places._make(column[rows] for column in self)


class Texts(NamedTuple):
    """Texts as bytes: `data[offsets[i]:offsets[i + 1]]`."""

    data: NDArray[np.uint8]
    offsets: Rows


def stacked(parts: Sequence[Places]) -> Places:
    """Return the places one below the other."""
    empty = Places(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool))
    return Places._make(np.concatenate(columns) for columns in zip(empty, *parts, strict=True))


def written(files: Sequence[Path], places: Places) -> Texts:
    """Return the texts as they are written in the files, escapes and all.

    Raises RunError where a file became shorter since it was first read.
    """
    offsets = np.zeros(len(places.size) + 1, dtype=np.int64)
    np.cumsum(places.size, out=offsets[1:])
    data = np.empty(int(offsets[-1]) + PAD, dtype=np.uint8)
    by_file = np.argsort(places.file, kind="stable")
    runs = run_starts(places.file[by_file])
    for first, last in zip(runs[:-1].tolist(), runs[1:].tolist(), strict=True):
        rows = by_file[first:last]
        _fill(files[int(places.file[rows[0]])], places, rows, offsets, data.data)
    return Texts(data, offsets)


def texts(files: Sequence[Path], places: Places) -> Texts:
    """Return the texts themselves; raises RunError as `written` does."""
    data, offsets = written(files, places)
    return Texts(*unescape(data, offsets, places.escaped)) if places.escaped.any() else Texts(data, offsets)


def _fill(path: Path, places: Places, rows: Rows, offsets: Rows, data: memoryview) -> None:
    ranges = zip(places.begin[rows].tolist(), offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
    with closing(_Descriptor(path)) as file:
        for begin, to, end in ranges:
            if os.preadv(file.number, [data[to:end]], begin) != end - to:
                raise RunError(f"{path} was changed while it was read: start again when it stays as it is")


class _Descriptor:
    def __init__(self, path: Path) -> None:
        self.number = os.open(path, os.O_RDONLY)

    def close(self) -> None:
        os.close(self.number)
