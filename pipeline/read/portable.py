"""Portable columns: what a file may hold and Parquet cannot becomes text, before it can stop a run at its end."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import arrow


def portable(table: pa.Table) -> pa.Table:
    """Return the table with columns that cannot be written to Parquet as strings: each value as JSON.

    Those are intervals, unions, structs without fields, runs and views of other than text, and dates beyond the years
    that milliseconds can count.
    """
    for index, field in enumerate(table.schema):
        column = table.column(index)
        if not _travels(field.type) or not _in_range(column):
            table = table.set_column(index, pa.field(field.name, pa.string()), arrow.as_texts(column))
    return table


@lru_cache(1024)
def _travels(kind: pa.DataType) -> bool:
    """Return whether rows of such a column can be picked, and written to Parquet."""
    try:
        none = pa.table({"column": pa.array([], kind).take(pa.array([], pa.int64()))})
        pq.write_table(none, pa.BufferOutputStream())
    except (pa.ArrowException, KeyError):
        return False
    return True


def _in_range(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_timestamp(column.type):
        return True
    try:
        column.cast(pa.timestamp("ms", column.type.tz), safe=column.type.unit == "s")
    except pa.ArrowInvalid:
        return False
    return True
