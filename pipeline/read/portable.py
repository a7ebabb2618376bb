"""Types of the user's columns that DuckDB, Polars, pandas, Hugging Face datasets and Spark all open in Parquet."""

from __future__ import annotations

import json

import pyarrow as pa

from pipeline import arrow

_SIMPLE = {
    pa.string_view(): pa.string(),
    pa.binary_view(): pa.binary(),
    pa.float16(): pa.float32(),  # Spark has no half floats
    pa.date64(): pa.date32(),  # of which Polars makes a time of the day
}


def portable(kind: pa.DataType) -> pa.DataType:
    """Return the type that a column of `kind` is written with: itself, where all engines open it.

    Views, half floats, fixed-size lists, maps and extensions become their plain forms, nanoseconds microseconds.
    string, for text or JSON, where somewhere it cannot be written or read: structs without fields, times of the day
    (Spark), durations (DuckDB has numbers without a unit, Delta nothing), intervals, decimals of more than 38 digits.
    """
    return _plain(kind) or pa.string()


def valued(kind: pa.DataType) -> pa.DataType:
    """Return a portable type with strings for what is always null, also in lists and structs: null is no type there."""
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, valued(field.type)) for field in kind])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return (pa.list_ if pa.types.is_list(kind) else pa.large_list)(valued(kind.value_type))
    return kind


def converted(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Return the column as one of `kind`: its portable type, or one that holds it and others."""
    if column.type == kind:
        return column
    if pa.types.is_string(kind) and not _says_itself(column.type):
        return pa.chunked_array([_texts(column)])
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.cast(column.type.storage_type)
    if pa.types.is_map(column.type):
        column = column.cast(pa.list_(column.type.field(0).type))
    if _is_list_view(column.type):  # whose cast fails at a null (PyArrow 25)
        return pa.chunked_array([pa.array(column.to_pylist(), kind)])
    try:
        return column.cast(kind, safe=not _in_nanoseconds(column.type))
    except pa.ArrowInvalid:  # an integer above 2^53 among floats, a far year among times in ns
        return column.cast(kind, safe=False) if pa.types.is_floating(kind) else _what_fits(column, kind)


def carried(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column in its portable type; as text where it has dates beyond the years that milliseconds count."""
    return converted(column, portable(column.type)) if _in_range(column) else pa.chunked_array([_texts(column)])


def _in_range(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_timestamp(column.type):
        return True
    try:
        column.cast(pa.timestamp("ms", column.type.tz), safe=column.type.unit == "s")
    except pa.ArrowInvalid:
        return False
    return True


def _what_fits(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Return the column in another type, null where it has no such value."""
    values = []
    for value in arrow.one_chunk(column):
        try:
            values.append(value.cast(kind))
        except pa.ArrowInvalid:
            values.append(pa.scalar(None, kind))
    return pa.chunked_array([pa.array(values, kind)])


def _texts(column: pa.ChunkedArray) -> pa.Array:
    try:
        return pa.array([_text(value) for value in column.to_pylist()], pa.string())
    except (ValueError, OverflowError):  # what Python has no value for stands as Arrow prints it
        return arrow.as_texts(column)


def _plain(kind: pa.DataType) -> pa.DataType | None:
    """Return the portable form of `kind`; None where it has none but text."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(kind.storage_type)
    if pa.types.is_run_end_encoded(kind):
        return _plain(kind.value_type)
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", kind.tz)
    if pa.types.is_decimal(kind):
        return pa.decimal128(kind.precision, kind.scale) if kind.precision <= 38 else None
    if pa.types.is_nested(kind):
        return _nested(kind)
    textual = pa.types.is_time(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind)
    return None if textual else kind


def _nested(kind: pa.DataType) -> pa.DataType | None:
    if pa.types.is_struct(kind):
        return _struct(list(kind))
    if pa.types.is_map(kind):
        pair = _struct([kind.key_field, kind.item_field])
        return pair and pa.list_(pair)
    if pa.types.is_union(kind):
        return None
    value = _inner(kind.value_type)
    large = pa.types.is_large_list(kind) or pa.types.is_large_list_view(kind)
    return value and (pa.large_list(value) if large else pa.list_(value))


def _struct(fields: list[pa.Field]) -> pa.DataType | None:
    kinds = [_inner(field.type) for field in fields]
    if not kinds or None in kinds:
        return None
    return pa.struct([pa.field(field.name, kind) for field, kind in zip(fields, kinds, strict=True)])


def _inner(kind: pa.DataType) -> pa.DataType | None:
    """Return the portable form of what lies in a list or struct, if a cast of the whole brings it there."""
    hard = isinstance(kind, pa.BaseExtensionType) or pa.types.is_map(kind) or pa.types.is_run_end_encoded(kind)
    return None if hard or _is_list_view(kind) else _plain(kind)


def _is_list_view(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind))


def _in_nanoseconds(kind: pa.DataType) -> bool:
    """Return whether there are nanoseconds in it, which are cut."""
    if pa.types.is_nested(kind):
        return any(_in_nanoseconds(kind.field(i).type) for i in range(kind.num_fields))
    return bool(pa.types.is_timestamp(kind) and kind.unit == "ns")


def _says_itself(kind: pa.DataType) -> bool:
    """Return whether a cast to string gives the text that stands for each value."""
    if pa.types.is_run_end_encoded(kind) or pa.types.is_dictionary(kind):
        return _says_itself(kind.value_type)
    text: bool = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return text or bool(pa.types.is_integer(kind)) or bool(pa.types.is_null(kind))


def _text(value: object) -> str | None:
    """Return a value as the string that stands for it where types clash: JSON of objects, lists, numbers and bools."""
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, (dict, list, tuple, bool, int, float)):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)
