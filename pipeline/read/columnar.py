"""Parquet and Arrow files: one row, one document; columns keep their types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline import arrow, ledger, stores
from pipeline.errors import InputError
from pipeline.read import storage
from pipeline.read.columns import Columns, choose
from pipeline.read.dates import timestamps
from pipeline.read.documents import Batch, documents, no_columns, nothing
from pipeline.read.inputs import Input
from pipeline.read.lines import BATCH_BYTES, BATCH_ROWS
from pipeline.read.pages import rows_at_once
from pipeline.read.portable import carried
from pipeline.read.refusals import Refusals
from pipeline.read.streams import expands, unpacked
from pipeline.read.texts import too_long
from pipeline.settings import ReadSettings

_MAGIC = b"ARROW1\0\0"
#: UnicodeDecodeError: names of columns are decoded by pyarrow, and nobody has checked them.
_BROKEN = (pa.ArrowException, OSError, UnicodeDecodeError)


def read_columnar(item: Input, settings: ReadSettings) -> Iterator[Batch]:
    """Yield the documents of a Parquet or Arrow IPC file (file or stream format); positions are rows from 1.

    A file whose text column is no text goes to quarantine as a whole; so does one that cannot be
    opened. Of one that breaks off later the rows before the break are kept.
    """
    refusals = Refusals(item, settings.quarantine_bytes)
    columns: Columns | None = None
    last = given = 0
    try:
        most = unpacked(item, settings)
        for part in _parquet(item, settings) if item.kind == "parquet" else _arrow(item):
            if given > most:
                raise pa.ArrowInvalid(expands(most, settings))
            columns = columns or _columns(part.schema, settings)
            batch = _batch(item, part, last, columns, settings, refusals)
            yield batch
            last, given = last + part.num_rows, given + batch.documents["text"].nbytes
    except InputError as error:
        refusals.whole(str(error))
    except _BROKEN as error:
        refusals.rest(last, "row", _first_line(error))
    if len(refusals):
        yield nothing(refusals.flush(), columns)


def _parquet(item: Input, settings: ReadSettings) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(_remote(item) or item.path) as file, _remote(item) or pa.OSFile(item.path) as raw:
        yield pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
        yield from _gathered(_groups(file, raw, unpacked(item, settings), settings))


def _groups(file: pq.ParquetFile, raw: Any, most: int, settings: ReadSettings) -> Iterator[pa.RecordBatch]:
    for group in range(file.metadata.num_row_groups):
        meta = file.metadata.row_group(group)
        if meta.total_byte_size > most:
            raise pa.ArrowInvalid(expands(most, settings))
        a_row = max(meta.total_byte_size // max(meta.num_rows, 1), 1)
        rows = min(BATCH_ROWS, max(1, BATCH_BYTES // a_row), rows_at_once(file.metadata, group, raw))
        yield from file.iter_batches(batch_size=rows, row_groups=[group])


def _gathered(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the parts joined to batches: few rows are read at once where some may be long, and most are not."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for part in parts:
        held.append(part)
        rows, size = rows + part.num_rows, size + part.nbytes
        if rows >= BATCH_ROWS or size >= BATCH_BYTES:
            yield held[0] if len(held) == 1 else pa.concat_batches(held)
            held, rows, size = [], 0, 0
    if held:
        yield held[0] if len(held) == 1 else pa.concat_batches(held)


def _remote(item: Input) -> Any:
    return storage.opened(item.path, 0) if stores.is_remote(item.path) else None


def _arrow(item: Input) -> Iterator[pa.RecordBatch]:
    with _remote(item) or pa.OSFile(item.path) as file:
        schema, parts = _ipc(file)
        yield pa.RecordBatch.from_pylist([], schema=schema)
        for part in parts:
            part.validate(full=True)
            for first, last in pairwise(_cuts(_row_sizes(part))):
                yield part.slice(first, last - first)


def _row_sizes(part: pa.RecordBatch) -> NDArray[np.int64]:
    """Return how many bytes each row is: rows may share a long text that is there once."""
    sizes = np.full(part.num_rows, part.nbytes // max(part.num_rows, 1) + 1, np.int64)
    for column in part.columns:
        if pa.types.is_dictionary(column.type) and _is_text(column.type):
            lengths = pc.binary_length(_long(column.dictionary)).take(column.indices)
        elif pa.types.is_string_view(column.type) or pa.types.is_binary_view(column.type):
            lengths = _view_lengths(column)
        else:
            continue
        sizes += pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return sizes


def _view_lengths(column: pa.Array) -> pa.Array:
    """Return the bytes of each value of a view array, which begins each view of 16 bytes."""
    views = np.frombuffer(column.buffers()[1] or b"", np.int32).reshape(-1, 4)
    return pa.array(views[column.offset : column.offset + len(column), 0])


def _long(texts: pa.Array) -> pa.Array:
    return texts.cast(pa.large_string() if _is_string(texts.type) else pa.large_binary())


def _cuts(sizes: NDArray[np.int64]) -> list[int]:
    """Return where to cut rows so that no piece is larger than a batch may be, if it has more than one row."""
    cuts, size = [0], 0
    for row, more in enumerate(sizes.tolist()):
        if row > cuts[-1] and (size + more > BATCH_BYTES or row - cuts[-1] >= BATCH_ROWS):
            cuts.append(row)
            size = 0
        size += more
    return [*cuts, len(sizes)] if len(sizes) else cuts


def _ipc(file: pa.NativeFile) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Return (schema, parts) of an IPC file or stream.

    Below its magic word a file is a stream with a footer after it. One that has lost its footer is
    read as a stream, so that the rows before the break are kept.
    """
    start = file.read(len(_MAGIC))
    file.seek(0)
    if start != _MAGIC:
        stream = pa.ipc.open_stream(file)
        return stream.schema, iter(stream)
    try:
        reader = pa.ipc.open_file(file)
        return reader.schema, (reader.get_batch(index) for index in range(reader.num_record_batches))
    except pa.ArrowInvalid:
        file.seek(len(_MAGIC))
        stream = pa.ipc.open_stream(file)
        return stream.schema, _without_footer(stream)


def _without_footer(stream: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    yield from stream
    raise pa.ArrowInvalid("the footer is missing")


def _columns(schema: pa.Schema, settings: ReadSettings) -> Columns:
    twice = [name for name, count in Counter(schema.names).items() if count > 1]
    if twice:
        raise InputError(f"has more than one column `{twice[0]}`: rename all but one")
    columns = choose(schema.names, settings)
    kind = schema.field(columns.text).type
    if not _is_text(kind):
        raise InputError(
            f"cannot be read: column `{columns.text}` is {kind}, not text: name another with --text-column"
        )
    return columns


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    raw = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    return _is_string(kind) or raw or bool(pa.types.is_null(kind))


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _batch(
    item: Input, part: pa.RecordBatch, before: int, columns: Columns, settings: ReadSettings, refusals: Refusals
) -> Batch:
    table = _portable(pa.Table.from_batches([part]))
    rows = pa.array(range(before + 1, before + 1 + part.num_rows), pa.int64())
    data = _decoded(table[columns.text]).cast(pa.large_binary())
    text, keep = _texts(data, rows, settings, refusals)
    extra = _sound(table.drop_columns([columns.text]))
    if keep is not None:
        extra, rows = extra.filter(keep), rows.filter(keep)
    made = documents(item, rows, text, _given(extra, columns))
    extra = extra if extra.num_columns else no_columns(len(rows))
    return Batch(made, extra, ledger.nothing(), refusals.flush(), columns)


def _portable(table: pa.Table) -> pa.Table:
    """Return the columns in types that all engines open, before a kernel meets one that it cannot take rows of."""
    return pa.Table.from_arrays([carried(column) for column in table.columns], names=table.column_names)


def _decoded(column: pa.ChunkedArray) -> pa.Array:
    array = arrow.one_chunk(column)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _texts(
    data: pa.Array, rows: pa.Array, settings: ReadSettings, refusals: Refusals
) -> tuple[pa.Array, pa.Array | None]:
    """Return the texts that can be taken, and which rows they are (None: all); the others are refused."""
    longest = pc.max(pc.binary_length(data)).as_py() or 0
    if longest <= settings.max_document_bytes:
        try:
            return data.cast(pa.large_string()), None
        except pa.ArrowInvalid:
            pass  # some row is no UTF-8: one by one
    keep = [_is_sound(data[index], rows[index].as_py(), settings, refusals) for index in range(len(data))]
    return data.filter(pa.array(keep)).cast(pa.large_string()), pa.array(keep)


def _is_sound(cell: pa.Scalar, row: int, settings: ReadSettings, refusals: Refusals) -> bool:
    raw = memoryview(cell.as_buffer() or b"")
    why = ""
    if len(raw) > settings.max_document_bytes:
        why = too_long(settings)
    elif cell.is_valid:
        try:
            cell.cast(pa.large_string())
        except pa.ArrowInvalid:
            why = "is not UTF-8: decode it before it is written to the file"
    if why:
        refusals.row(row, why, bytes(raw[: settings.quarantine_bytes]))
    return not why


def _sound(table: pa.Table) -> pa.Table:
    """Return the table with strings that are not UTF-8, which Arrow does not check, repaired with U+FFFD."""
    for index, field in enumerate(table.schema):
        if _is_string(field.type):
            try:
                table.column(index).validate(full=True)
            except pa.ArrowInvalid:
                cells = table.column(index).cast(pa.large_binary()).to_pylist()
                texts = [None if cell is None else cell.decode(errors="replace") for cell in cells]
                table = table.set_column(index, field, pa.array(texts, field.type))
    return table


def _given(extra: pa.Table, columns: Columns) -> dict[str, pa.Array]:
    roles = {"doc_id": columns.id, "title": columns.title, "url": columns.url, "site": columns.site}
    names = extra.column_names
    given = {role: _strings(_decoded(extra[name])) for role, name in roles.items() if name in names}
    return given | ({"date": timestamps(arrow.one_chunk(extra[columns.date]))} if columns.date in names else {})


def _strings(array: pa.Array) -> pa.Array:
    """Return the values as strings; nulls where the type has no such form (lists, objects, raw bytes)."""
    try:
        return array.cast(pa.string())
    except pa.ArrowException:
        return pa.nulls(len(array), pa.string())


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].removesuffix(".")
