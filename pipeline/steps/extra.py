"""The user's own columns: carried through with their types, under names that do not clash with ours."""

from __future__ import annotations

from collections.abc import Sequence, Set

import pyarrow as pa

from pipeline import arrow
from pipeline.read.portable import converted, portable, valued
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
    `site`) do not travel; any other name that is ours becomes `input_…`. So does one that another differs from only
    in case: for DuckDB and Spark they are the same.
    """
    said = {name for name in ("doc_id", "title", "site") if name in taken}
    own: dict[str, str] = {}
    used = {name.casefold() for name in DOCUMENTS.names}
    for name in names:
        if name not in said:
            own[name] = _free(name, used, names)
            used.add(own[name].casefold())
    return own


def unify(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """Return a schema with every column of `schemas`, in order of appearance.

    A column of different types takes the type that holds them all (int and float: float), or string
    where there is none; null, where no value is known yet. Names that differ only in case are one column.
    The result does not depend on how rows were spread over the schemas' tables.
    """
    types: dict[str, list[pa.DataType]] = {}
    names: dict[str, str] = {}
    for schema in schemas:
        for field in schema:
            name = names.setdefault(field.name.casefold(), field.name)
            types.setdefault(name, []).append(field.type)
    return pa.schema([pa.field(name, _common(kinds)) for name, kinds in types.items()])


def written(schema: pa.Schema) -> pa.Schema:
    """Return the schema in types that all engines open; a column without a value is one of strings."""
    return pa.schema([pa.field(field.name, valued(portable(field.type))) for field in schema])


def conform(table: pa.Table, schema: pa.Schema, n: int) -> pa.Table:
    """Return `table` (`n` rows, perhaps without columns) with the columns of `schema`; absent ones are null."""
    there = {name.casefold(): column for name, column in zip(table.column_names, table.columns, strict=True)}
    columns = [
        converted(there[name], kind) if name in there else pa.nulls(n, kind)
        for name, kind in ((field.name.casefold(), field.type) for field in schema)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _free(name: str, used: Set[str], names: Sequence[str]) -> str:
    new = name
    while new.casefold() in used or (new != name and new in names):
        new = f"input_{new}"
    return new


def _common(kinds: Sequence[pa.DataType]) -> pa.DataType:
    try:
        fields = [pa.schema([pa.field("column", kind)]) for kind in dict.fromkeys(kinds)]
        return pa.unify_schemas(fields, promote_options="permissive").field(0).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()
