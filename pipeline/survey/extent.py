"""Extent: how many rows an input has, counted where that is cheap, else estimated."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.dataset as ds

from pipeline import stores
from pipeline.errors import InputError
from pipeline.read import storage
from pipeline.read.inputs import Input
from pipeline.read.streams import blocks
from pipeline.settings import ReadSettings

#: Bytes of a file up to which its lines are counted; 1 GB takes 0.3 s.
COUNTED = 512 * 2**20
#: Bytes of text from which the density of rows is taken, and bytes of a file from which how well it is compressed.
SAMPLE, PACKED = 4 * 2**20, 2 * 2**20
#: Where that cannot be seen without fetching: English prose in JSON, zstd 3 and gzip 6, is 2.6 to 3.2.
REMOTE_RATIO = 3.0


class Extent(NamedTuple):
    """Rows of inputs, whether they are counted, and bytes as they lie there."""

    rows: int
    exact: bool
    bytes: int


def extent(item: Input, seen: int, last: int, whole: bool) -> Extent:
    """Return the extent of an input of which `seen` rows were read, the last of them at position `last`.

    whole: nothing came after them.
    """
    size = stored(item)
    if whole:
        return Extent(seen, True, size)
    if item.kind in ("parquet", "arrow"):
        counted = None if stores.is_remote(item.path) else _counted(item)
        return Extent(seen if counted is None else counted, counted is not None, size)
    if not item.compression and not stores.is_remote(item.path) and size <= COUNTED:
        lines = _lines(Path(item.path))
        return Extent(round(lines * seen / last), seen == last, size)
    return Extent(max(round(_estimated(item, size) * seen / last), seen), False, size)


def stored(item: Input) -> int:
    """Return the size of an input as it lies there, in bytes."""
    return storage.state(item.path)[0] if stores.is_remote(item.path) else Path(item.path).stat().st_size


def _counted(item: Input) -> int | None:
    try:
        return int(ds.dataset(item.path, format="parquet" if item.kind == "parquet" else "ipc").count_rows())
    except (pa.ArrowException, OSError):
        return None


def _lines(path: Path) -> int:
    count, block = 0, b"\n"
    with path.open("rb") as file:
        while more := file.read(1 << 20):
            count, block = count + more.count(b"\n"), more
    return count + (not block.endswith(b"\n"))


def _estimated(item: Input, size: int) -> float:
    """Return how many lines an input may have, by the first 4 MiB of its text."""
    lines, given = 0, 0
    try:
        for block in blocks(item, ReadSettings()):
            lines, given = lines + block.count(b"\n"), given + len(block)
            if given >= SAMPLE:
                break
    except InputError:  # it breaks off: reading it says so
        pass
    return lines / max(given, 1) * size * (_ratio(item) if item.compression else 1)


def _ratio(item: Input) -> float:
    """Return bytes of text a byte of the compressed file, over its first 2 MiB; it is read in pieces of 64 KiB."""
    if stores.is_remote(item.path):
        return REMOTE_RATIO
    with Path(item.path).open("rb") as raw, pa.CompressedInputStream(pa.PythonFile(raw), item.compression) as stream:
        given = 0
        with suppress(OSError):  # it breaks off: reading it says so
            while raw.tell() < PACKED and (block := stream.read(1 << 16)):
                given += len(block)
        return given / max(raw.tell(), 1)
