"""JSON Lines in UTF-8, uncompressed: cut into chunks at line ends, each read and sketched by kernels."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.distinct.places import Places
from pipeline.distinct.recipe import Recipe, Workspace, sketched
from pipeline.kernels.documents import Sketches
from pipeline.kernels.json_strings import PAD
from pipeline.kernels.objects import READ, UNSURE, Lines, read_lines
from pipeline.read.columns import Columns, choose
from pipeline.read.inputs import Input
from pipeline.read.values import MAX_LEVELS
from pipeline.settings import ReadSettings

#: What of a file is looked at to tell what it is; and what the columns are chosen by, as `read` does.
HEAD = 1 << 20
_BATCH_BYTES, _BATCH_ROWS = 8 * 2**20, 20_000


class Chunk(NamedTuple):
    """Whole lines of one file: the bytes from `begin` to `end`."""

    path: Path
    file: int
    begin: int
    end: int


class Found(NamedTuple):
    """What a chunk holds; lines are counted from 0 within it.

    line, ids, places, sketches: of the documents. `unsure`: (line, bytes) for the full parser.
    """

    n_lines: int
    line: NDArray[np.int64]
    ids: pa.Array
    places: Places
    sketches: Sketches
    unsure: list[tuple[int, bytes]]


class File(NamedTuple):
    """A file that chunks can be read of."""

    columns: Columns
    begin: int
    cuts: list[int]


def look(item: Input, settings: ReadSettings, chunk_bytes: int) -> File | None:
    """Return how the file is read by chunks, or None where `read.batches.read` must read it.

    That is where it is compressed, of another kind or charset, where its first line holds no object, or
    a line is longer than a document may be. Raises InputError where no column can be chosen.
    """
    if item.kind != "jsonl" or item.compression or item.path == "-" or item.suffix == ".json" or settings.charset:
        return None
    with Path(item.path).open("rb") as file:
        head = file.read(HEAD)
        begin = 3 if head.startswith(b"\xef\xbb\xbf") else 0
        if not _is_plain(head[begin:]):
            return None
        file.seek(begin)
        columns = _columns(file.read(_BATCH_BYTES + HEAD), item, settings)
        cuts = _cuts(file.fileno(), begin, chunk_bytes, settings.max_document_bytes)
    return File(columns, begin, cuts) if columns and cuts else None


def read_chunk(chunk: Chunk, columns: Columns, recipe: Recipe, settings: ReadSettings, workspace: Workspace) -> Found:
    """Return the documents of the chunk, sketched; its text is forgotten. May run in any thread."""
    size = chunk.end - chunk.begin
    if len(workspace.buffer) < size + PAD:
        workspace.buffer = np.empty(size + PAD, dtype=np.uint8)
    with chunk.path.open("rb", buffering=0) as file:
        _read_into(file.fileno(), workspace.buffer.data[:size], chunk)
    lines = read_lines(
        workspace.buffer, size, columns.text.encode(), columns.id.encode(), settings.max_document_bytes, workspace.room
    )
    unsure = np.flatnonzero(lines.kind == UNSURE)
    view = workspace.buffer.data
    ranges = zip(unsure.tolist(), lines.begin[unsure].tolist(), lines.end[unsure].tolist(), strict=True)
    return Found(
        len(lines.kind),
        np.flatnonzero(lines.kind == READ),
        _ids(lines),
        _places(lines, chunk),
        sketched(lines.texts, lines.text_offsets, recipe, workspace),
        [(number, bytes(view[first:last])) for number, first, last in ranges],
    )


def _is_plain(head: bytes) -> bool:
    """Return whether the bytes begin like JSON Lines in UTF-8: an object, no zero byte, a line feed."""
    start = head.lstrip(b" \t\r\n")[:1]
    return start == b"{" and b"\0" not in head and (b"\n" in head or b"\r" not in head)


def _columns(head: bytes, item: Input, settings: ReadSettings) -> Columns | None:
    """Return the columns chosen among the keys of the first batch; None where that is not all here, or has no key."""
    keys: dict[str, None] = {}
    size = rows = 0
    lines = head.split(b"\n")
    if len(head) >= _BATCH_BYTES + HEAD:
        lines.pop()  # cut off
    for rows, line in enumerate(lines, 1):
        keys.update(dict.fromkeys(_keys(line, rows, item, settings)))
        size += len(line)
        if size >= _BATCH_BYTES or rows == _BATCH_ROWS:
            break
    whole = size >= _BATCH_BYTES or rows == _BATCH_ROWS or len(head) < _BATCH_BYTES + HEAD
    return choose(list(keys), settings) if keys and whole else None


def _keys(line: bytes, number: int, item: Input, settings: ReadSettings) -> Iterable[str]:
    try:
        value = orjson.loads(line)
        if type(value) is dict and line.count(b"[") + line.count(b"{") <= MAX_LEVELS:
            return value
    except orjson.JSONDecodeError:
        if not line.strip():
            return ()
    from pipeline.read import jsonl, lines, refusals

    whole = len(line) <= settings.max_document_bytes
    one = [lines.Line(number, line, whole)]
    read = jsonl.parsed(one, lines.Lines(item, settings), refusals.Refusals(item, 0), settings)
    return jsonl.keys_of(list(read))


def _cuts(number: int, begin: int, chunk_bytes: int, longest: int) -> list[int]:
    """Return where chunks of about `chunk_bytes` begin, and the end; none where a line is too long."""
    size = os.fstat(number).st_size
    cuts = [begin]
    with mmap.mmap(number, 0, access=mmap.ACCESS_READ) as view:
        while cuts[-1] < size:
            wanted = cuts[-1] + chunk_bytes - 1
            found = view.find(b"\n", wanted, wanted + longest) if wanted < size else -1
            if found < 0 and wanted + longest < size:
                return []
            cuts.append(found + 1 if found >= 0 else size)
    return cuts


def _read_into(number: int, view: memoryview, chunk: Chunk) -> None:
    done = 0
    while done < len(view):
        count = os.preadv(number, [view[done:]], chunk.begin + done)
        if count == 0:
            raise OSError(f"{chunk.path} became shorter while it was read")
        done += count


def _ids(lines: Lines) -> pa.Array:
    """Return the ids; null where there is none."""
    offsets = lines.id_offsets
    data = pa.py_buffer(lines.ids[: offsets[-1]].tobytes())
    ids = pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, [None, pa.py_buffer(offsets.tobytes()), data])
    missing = np.diff(offsets) == 0
    if not missing.any():
        return ids
    import pyarrow.compute as pc

    return pc.if_else(pa.array(missing), pa.scalar(None, pa.large_string()), ids)


def _places(lines: Lines, chunk: Chunk) -> Places:
    begin, end = lines.raw[:, 0], lines.raw[:, 1]
    size = end - begin
    escaped = size != np.diff(lines.text_offsets)  # an escape is longer than what it stands for
    at = np.where(begin >= 0, begin + chunk.begin, 0)
    return Places(np.full(len(begin), chunk.file, np.int32), at, size, escaped)


def numbered(item: Input, file: File, number: int) -> Sequence[Chunk]:
    """Return the chunks of the file."""
    path = Path(item.path)
    return [Chunk(path, number, *cut) for cut in zip(file.cuts[:-1], file.cuts[1:], strict=True)]
