"""The user's own columns: carried through with their types, under names that do not clash with ours."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pipeline import arrow
from pipeline.schema import DOCUMENTS


class Width:
    """How many columns all inputs bring together, with the fields within columns."""

    def __init__(self, most: int) -> None:
        """`most`: how many there may be."""
        self._most = most
        self._widths: dict[str, int] = {}

    def takes(self, schema: pa.Schema) -> bool:
        """Return whether there is room for the columns of `schema` too; then they count from now on."""
        wider = {field.name: max(arrow.leaves(field.type), self._widths.get(field.name, 0)) for field in schema}
        widths = self._widths | wider
        if sum(widths.values()) > self._most:
            return False
        self._widths = widths
        return True


def own_names(names: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """Return {name in the input: name in `documents/`} of the columns that travel through.

    taken: columns that became ours. Those that say the same under the same name (`doc_id`, `title`,
    `site`) do not travel; any other name that is ours becomes `input_…`.
    """
    said = {name for name in ("doc_id", "title", "site") if name in taken}
    return {name: _free(name, names) for name in names if name not in said}


def unify(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """Return a schema with every column of `schemas`, in order of appearance.

    A column of different types takes the type that holds them all (int and float: float), or string
    where there is none. The result does not depend on how rows were spread over the schemas' tables.
    """
    types: dict[str, list[pa.DataType]] = {}
    for schema in schemas:
        for field in schema:
            types.setdefault(field.name, []).append(field.type)
    return pa.schema([pa.field(name, _common(kinds)) for name, kinds in types.items()])


def conform(table: pa.Table, schema: pa.Schema, n: int) -> pa.Table:
    """Return `table` (`n` rows, perhaps without columns) with the columns of `schema`; absent ones are null."""
    columns = [
        _cast(table[field.name], field.type) if field.name in table.column_names else pa.nulls(n, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _free(name: str, names: Sequence[str]) -> str:
    new = name
    while new in DOCUMENTS.names or (new != name and new in names):
        new = f"input_{new}"
    return new


def _common(kinds: Sequence[pa.DataType]) -> pa.DataType:
    try:
        fields = [pa.schema([pa.field("column", kind)]) for kind in dict.fromkeys(kinds)]
        common = pa.unify_schemas(fields, promote_options="permissive").field(0).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        common = pa.string()
    return pa.string() if pa.types.is_null(common) else common


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if column.type == kind:
        return column
    if pa.types.is_string(kind) and not _plain(column.type):
        return pa.chunked_array([arrow.as_texts(column)])
    try:
        return column.cast(kind)
    except pa.ArrowInvalid:  # an integer above 2^53 among floats, a far year among times in ns
        return column.cast(kind, safe=False) if pa.types.is_floating(kind) else _what_fits(column, kind)


def _what_fits(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Return the column in another type, null where it has no such value."""
    values = []
    for value in arrow.one_chunk(column):
        try:
            values.append(value.cast(kind))
        except pa.ArrowInvalid:
            values.append(pa.scalar(None, kind))
    return pa.chunked_array([pa.array(values, kind)])


def _plain(kind: pa.DataType) -> bool:
    text: bool = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return text or bool(pa.types.is_integer(kind)) or bool(pa.types.is_null(kind))
