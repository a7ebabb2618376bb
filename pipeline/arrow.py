"""The door between Arrow and NumPy: views, joins, and Arrow files that are memory-mapped.

All NumPy views are read-only: a view of an in-memory Arrow buffer is writeable by default, and a
kernel that writes into it changes an "immutable" table.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def one_chunk(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the column as one Array; a lone chunk is not copied (`combine_chunks` would)."""
    if isinstance(column, pa.Array):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def large_strings(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a string column as one large_string array (64-bit offsets)."""
    return one_chunk(column.cast(pa.large_string()))


def text_view(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (data, offsets) of a large_string array without copying, both read-only.

    data: uint8, all bytes of the buffer. offsets: int64, shape (len + 1,), absolute into `data`; they
    start elsewhere than 0 when the array is a slice. Nulls must have been filled before.
    """
    if texts.null_count:
        raise ValueError("text_view needs an array without nulls")
    _, offset_buffer, data_buffer = texts.buffers()
    if len(texts) == 0:
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(data_buffer or b"", dtype=np.uint8)
    return _read_only(data), _read_only(offsets)


def of_view(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> pa.Array:
    """Return a large_string array of these bytes, valid UTF-8, without copying; shapes as `text_view` gives them."""
    return pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def put(texts: pa.Array, rows: NDArray[np.int64], others: pa.Array) -> pa.Array:
    """Return the texts with `others`, of the same type, in the places `rows`, ascending."""
    mask = np.zeros(len(texts), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), others)


def numbers(column: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """Return a numeric column without nulls as a read-only array."""
    return _read_only(column.to_numpy())


def run_starts(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return where each run of equal neighbours starts, and the length at the end, shape (runs + 1,)."""
    if len(values) == 0:
        return np.zeros(1, np.int64)
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1
    return np.concatenate([[0], changes, [len(values)]]).astype(np.int64)


def join_runs(texts: pa.Array, starts: NDArray[np.int64], separator: str | NDArray[np.object_]) -> pa.Array:
    """Return one large_string a run: `texts[starts[i]:starts[i + 1]]` joined by `separator`.

    texts: large_string without nulls. starts: int64, shape (runs + 1,), from 0 to len(texts).
    separator: one for all, or one behind each text (those behind the last of a run are not used).
    """
    behind = np.full(len(texts), separator, dtype=object) if isinstance(separator, str) else separator.copy()
    behind[starts[1:][np.diff(starts) > 0] - 1] = ""
    nothing = pa.scalar("", pa.large_string())
    joined = pc.binary_join_element_wise(texts, pa.array(behind, pa.large_string()), nothing)
    data, offsets = text_view(joined)
    # The separators are in place: a run is one stretch of the buffer, so new offsets are all it takes.
    return of_view(data, offsets[starts])


def string_lengths(texts: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """Return the length of each text in characters, int64, shape (texts,); a null has none."""
    from pipeline.kernels import characters  # here: numba takes 0.3 s, and what only looks at a dataset needs none

    return characters.counts(*text_view(large_strings(pc.fill_null(texts, "") if texts.null_count else texts)))


def as_texts(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the values as strings: strings as they are, null as null, anything else as JSON.

    What Python has no value for (times in ns, years beyond 9999) stands as Arrow prints it.
    """
    try:
        values = [_as_text(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):
        values = [one.to_string(indent=0) if one.is_valid()[0].as_py() else None for one in _ones(one_chunk(column))]
    return pa.array(values, pa.string())


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _ones(array: pa.Array) -> Iterator[pa.Array]:
    return (array.slice(row, 1) for row in range(len(array)))


def leaves(kind: pa.DataType) -> int:
    """Return how many columns of plain values a column of this type is."""
    inner = [kind.field(index).type for index in range(kind.num_fields)]
    return sum(map(leaves, inner)) if inner else 1


def write_file(path: Path, table: pa.Table) -> None:
    """Write `table` as an uncompressed Arrow IPC file, so that it can be memory-mapped."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())


def read_file(path: Path) -> pa.Table:
    """Return the table of an Arrow IPC file, memory-mapped: nothing is read until it is looked at."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


class Columns:
    """The columns of a file that `write_file` wrote, each mapped anew for each look, so that its pages are let go.

    What is mapped counts as memory of the process as long as it is. The file is parsed once, for that takes 0.3 ms:
    a look at a column takes 0.02.
    """

    def __init__(self, path: Path) -> None:
        """path: of a table without nested columns."""
        self._path = path
        whole = self._mapped()
        table = pa.ipc.open_file(whole).read_all()
        self.num_rows, self.column_names, self._types = table.num_rows, table.column_names, table.schema.types
        chunks = [one_chunk(column) for column in table.columns] if table.num_rows else []
        self._places = [[_place(buffer, whole.address) for buffer in chunk.buffers()] for chunk in chunks]

    def __getitem__(self, name: str) -> pa.Array:
        """Return a column, memory-mapped."""
        at = self.column_names.index(name)
        if not self.num_rows:
            return pa.array([], self._types[at])
        whole = self._mapped()
        buffers = [place and whole.slice(*place) for place in self._places[at]]
        return pa.Array.from_buffers(self._types[at], self.num_rows, buffers)

    def _mapped(self) -> pa.Buffer:
        with self._path.open("rb") as file:
            return pa.py_buffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _place(buffer: pa.Buffer | None, start: int) -> tuple[int, int] | None:
    """Return (byte of the file, size) of a buffer of a file that is mapped at `start`; a bitmap may be None."""
    return buffer and (buffer.address - start, buffer.size)


def concat(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    """Return the tables one below the other; an empty table of `schema` when there are none."""
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
