"""The layout of `documents/`: in folders by the values of columns, sorted, in files of a wanted size.

All rows have one order: by folder, by `write.sort_by`, then as they were read. It is known from a few columns of all
rows; each shard's rows are brought into it, and then every file takes one stretch of each shard. So the rows, and
their order, depend on neither shards nor workers. Memory: 40 bytes a document, the columns sorted by, and a row group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline import arrow, write
from pipeline.dataset import part
from pipeline.dedup.memory import size
from pipeline.errors import OutputError, RunError, SettingsError
from pipeline.schema import DOCUMENTS
from pipeline.settings import Settings, WriteSettings

#: What readers take for null.
NULL = "__HIVE_DEFAULT_PARTITION__"
#: More folders than this are slower to list than to read.
MAX_FOLDERS = 10_000
#: Size of files where none is wanted but rows are laid out.
FILE_BYTES = 128 * 2**20
#: Bytes of the name of a folder that file systems take.
_NAME_BYTES = 255
_FORMATS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}

Ints = NDArray[np.int64]


class Key(NamedTuple):
    """What one level of folders is named for: a column, or the year, month or day of one."""

    column: str
    of: str  # "", or a key of _FORMATS

    @property
    def name(self) -> str:
        """The name of the column that a reader gets from the folders."""
        return f"{self.column}_{self.of}" if self.of else self.column


class Order(NamedTuple):
    """Where each row goes; rows count through all input files."""

    folders: list[str]  # of each output file
    file: Ints  # of each row: the output file
    rank: Ints  # of each row: its place in the order of all


def laid_out(settings: WriteSettings) -> bool:
    """Return whether documents get another order or place than that of their shards."""
    return bool(settings.partition_by or settings.sort_by)


def keys(settings: WriteSettings) -> list[Key]:
    """Return the levels of folders. Raises SettingsError for what is none."""
    found = [Key(*each.partition(":")[::2]) for each in settings.partition_by]
    for key in found:
        if key.of and key.of not in _FORMATS:
            raise SettingsError(
                f"write.partition_by = {key.column}:{key.of}: write year, month or day behind the colon"
            )
    return found


def check(settings: Settings) -> None:
    """Raise SettingsError for what can be told before a column is known."""
    keys(settings.write)
    size(settings.write.file_size, "write.file_size")


def require_columns(settings: WriteSettings, theirs: pa.Schema) -> None:
    """Raise SettingsError where a column to partition or sort by is not there, or of a type that cannot be.

    theirs: the user's columns in `documents/`.
    """
    schema = pa.schema([*DOCUMENTS, *theirs])
    for key in keys(settings):
        kind = _kind(schema, key.column, "write.partition_by")
        if key.of and not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
            raise SettingsError(f"write.partition_by = {key.column}:{key.of}: column `{key.column}` is {kind}, no time")
        if not key.of and not _names_folders(kind):
            raise SettingsError(
                f"write.partition_by = {key.column}: a folder cannot be named for {kind}: take a column of text, whole "
                "numbers, booleans or days, or the year, month or day of a time"
            )
        if key.column in ("doc_id", "text", "n_chars") and not key.of:
            raise SettingsError(f"write.partition_by = {key.column}: that would be a folder a document")
    for name in settings.sort_by:
        if pa.types.is_nested(kind := _kind(schema, name, "write.sort_by")):
            raise SettingsError(f"write.sort_by = {name}: rows cannot be sorted by {kind}")


def partitions(settings: WriteSettings, schema: pa.Schema) -> dict[str, str]:
    """Return {name: Arrow type} of the columns that a reader gets from the folders."""
    return {key.name: str(pa.string() if key.of else _value(schema.field(key.column).type)) for key in keys(settings)}


def lay_out(files: Sequence[Path], staged: Path, version: int, settings: WriteSettings, beside: Path) -> None:
    """Write the rows of the Parquet `files` into files below `staged`, named for `version`.

    beside: where a folder lies meanwhile with the rows, not compressed.

    Raises OutputError where there would be too many folders, RunError for a value that cannot name one.
    """
    schema = pq.read_schema(files[0])
    order = _order(files, settings)
    if not order.folders:
        write.parquet_of(staged / part(version, 0), [], _stored(schema, settings), settings)
        return
    with TemporaryDirectory(dir=beside, prefix="layout-") as place:
        stretches = list(_spilled(files, order, Path(place)))
        for number, folder in enumerate(order.folders):
            (staged / folder).mkdir(parents=True, exist_ok=True)
            tables = _sorted([each for each in stretches if number in each.starts], number, settings.row_group_rows)
            write.parquet_of(staged / folder / part(version, number), tables, _stored(schema, settings), settings)


class _Stretches(NamedTuple):
    """The rows of one input file, in the order of all, and where those of each output file start and end."""

    path: Path
    ranks: Ints
    starts: Mapping[int, tuple[int, int]]


def _kind(schema: pa.Schema, name: str, setting: str) -> pa.DataType:
    if name not in schema.names:
        raise SettingsError(f"{setting} = {name}: there is no such column; there are {', '.join(schema.names)}")
    return _value(schema.field(name).type)


def _value(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _names_folders(kind: pa.DataType) -> bool:
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(text or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind))


def _stored(schema: pa.Schema, settings: WriteSettings) -> pa.Schema:
    """Return the schema of the files: what a folder says stands in no file, for readers would have it twice."""
    said = {key.column for key in keys(settings) if not key.of}
    return pa.schema([field for field in schema if field.name not in said], metadata=schema.metadata)


def _order(files: Sequence[Path], settings: WriteSettings) -> Order:
    levels = keys(settings)
    columns = list(dict.fromkeys(["n_chars", *(key.column for key in levels), *settings.sort_by]))
    table = pa.concat_tables([pq.read_table(file, columns=columns) for file in files]).unify_dictionaries()
    codes, names = _folders(table, levels)
    sorting = {f"by{i}": _sortable(table[name]) for i, name in enumerate(settings.sort_by)}
    rows = pa.table({"folder": codes, **sorting, "row": np.arange(table.num_rows)})
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in rows.column_names]).to_numpy()
    chars = arrow.numbers(table["n_chars"])[order].astype(np.float64)
    chars *= sum(file.stat().st_size for file in files) / max(chars.sum(), 1)
    number, folder = _cut(codes[order], chars, size(settings.file_size, "write.file_size") or FILE_BYTES)
    file, rank = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    file[order], rank[order] = number, np.arange(len(order))
    return Order([names[code] for code in folder.tolist()], file, rank)


def _cut(folders: Ints, sizes: NDArray[np.float64], file_bytes: int) -> tuple[Ints, Ints]:
    """Return for each row in order the number of its file, and for each file the code of its folder."""
    if not len(folders):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = arrow.run_starts(folders)
    before = np.cumsum(sizes) - sizes
    within = (before - np.repeat(before[starts[:-1]], np.diff(starts))) // file_bytes
    new = np.concatenate([[True], (np.diff(folders) != 0) | (np.diff(within) != 0)])
    return np.cumsum(new) - 1, folders[new]


def _sortable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _folders(table: pa.Table, levels: Sequence[Key]) -> tuple[Ints, list[str]]:
    """Return for each row a code of its folder, ascending as the names of folders do, and these names."""
    texts = [_texts(table[key.column], key) for key in levels]
    named = pc.binary_join_element_wise(*texts, "/") if texts else pa.repeat(pa.scalar("."), table.num_rows)
    coded = arrow.one_chunk(named).dictionary_encode()
    names = coded.dictionary.to_pylist()
    if len(names) > MAX_FOLDERS:
        by = ",".join(":".join(key).rstrip(":") for key in levels)
        raise OutputError(
            f"write.partition_by = {by} makes {len(names):,} folders, more than {MAX_FOLDERS:,}: take something "
            "coarser, such as published:month, or sort by it with write.sort_by; the same command goes on here"
        )
    places = np.argsort(np.array(names, dtype=object), kind="stable")
    code = np.empty(len(names), np.int64)
    code[places] = np.arange(len(names))
    return code[coded.indices.to_numpy()], [names[place] for place in places.tolist()]


def _texts(column: pa.ChunkedArray, key: Key) -> pa.Array:
    """Return `name=value` for each row, the value as folders have it."""
    plain = _sortable(column)
    said = pc.strftime(plain, format=_FORMATS[key.of]) if key.of else plain.cast(pa.string())
    coded = arrow.one_chunk(said).dictionary_encode()
    values = [_folder(key, value) for value in coded.dictionary.to_pylist()] + [f"{key.name}={NULL}"]
    return pa.array(values, pa.string()).take(pc.fill_null(coded.indices, len(values) - 1))


def _folder(key: Key, value: str) -> str:
    name = f"{quote(key.name, safe='')}={quote(value, safe='')}"
    if value in ("", NULL) or len(name) > _NAME_BYTES:
        what = "nothing" if not value else f"{value[:40]}…" if len(value) > 40 else value
        raise RunError(
            f"write.partition_by = {key.column}: a folder cannot be named for the value {what!r}: take another column; "
            "the same command goes on here"
        )
    return name


def _spilled(files: Sequence[Path], order: Order, place: Path) -> Iterator[_Stretches]:
    """Write the rows of each file in the order of all, not compressed, so that a stretch is mapped."""
    first = 0
    for number, file in enumerate(files):
        table = pq.read_table(file, partitioning=None)
        rows = slice(first, first + table.num_rows)
        local = np.argsort(order.rank[rows], kind="stable")
        path = place / f"{number:06d}.arrow"
        arrow.write_file(path, table.take(pa.array(local)))
        of = order.file[rows][local]
        starts = arrow.run_starts(of)
        spans = {int(of[a]): (int(a), int(b)) for a, b in pairwise(starts)} if len(of) else {}
        yield _Stretches(path, order.rank[rows][local], spans)
        first = rows.stop


def _sorted(stretches: Sequence[_Stretches], number: int, rows: int) -> Iterator[pa.Table]:
    """Yield the rows of one output file, a row group at a time."""
    spans = [(each, *each.starts[number]) for each in stretches]
    table = pa.concat_tables([arrow.read_file(each.path).slice(a, b - a) for each, a, b in spans])
    order = np.argsort(np.concatenate([each.ranks[a:b] for each, a, b in spans]), kind="stable")
    table = table.unify_dictionaries()
    for first in range(0, len(order), rows):
        yield table.take(pa.array(order[first : first + rows]))


def as_of(manifest: Mapping[str, Any]) -> pa.Schema | None:
    """Return the columns that the folders of a published dataset say; None where there are none."""
    found = manifest.get("partitions") or {}
    return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in found.items()]) if found else None
