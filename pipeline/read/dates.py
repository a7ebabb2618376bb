"""Dates: whatever a date column holds becomes timestamp[us] in UTC without a zone, or null."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

NAIVE = pa.timestamp("us")
_UTC = pa.timestamp("us", "UTC")
_TIME = r"[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"
_PLAIN = rf"^\d{{4}}-\d{{2}}-\d{{2}}(?:{_TIME})?$"
_ZONED = rf"^\d{{4}}-\d{{2}}-\d{{2}}{_TIME}(?:Z|[+-]\d{{2}}(?::?\d{{2}})?)$"
#: Digits of a second beyond microseconds.
_TOO_FINE = r"(\.\d{6})\d+"


def timestamps(column: pa.Array) -> pa.Array:
    """Return dates, timestamps of any unit and zone, or ISO 8601 strings as timestamp[us], UTC, no zone.

    Strings are calendar dates with or without a time (`2024-05-01`, `2024-05-01T10:00:00.5+02:00`), with
    T or a space between; without a zone they are taken as UTC. Anything else is null.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return timestamps(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return _cast(column, pa.timestamp("us", kind.tz)).cast(NAIVE)
    if pa.types.is_date(kind):
        return _cast(column, NAIVE)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _parsed(column.cast(pa.string()))
    return pa.nulls(len(column), NAIVE)


def _parsed(texts: pa.Array) -> pa.Array:
    texts = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), _TOO_FINE, r"\1")
    plain = _cast(_only(texts, _PLAIN), NAIVE)
    zoned = _cast(_only(texts, _ZONED), _UTC).cast(NAIVE)
    return pc.coalesce(plain, zoned)


def _only(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.if_else(pc.match_substring_regex(texts, pattern), texts, pa.scalar(None, pa.string()))


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return the column as `kind`; values that are no such moment (30 February, the year 300000) are null."""
    try:
        return pc.cast(column, kind, safe=not _is_fine(column.type))
    except pa.ArrowInvalid:
        return pa.array([_cast_one(value, kind) for value in column], kind)


def _cast_one(value: pa.Scalar, kind: pa.DataType) -> pa.Scalar:
    try:
        return value.cast(kind)
    except pa.ArrowInvalid:
        return pa.scalar(None, kind)


def _is_fine(kind: pa.DataType) -> bool:
    """Return whether a cast to microseconds drops digits, which is no error here, and cannot overflow."""
    return bool(pa.types.is_timestamp(kind) and kind.unit == "ns")
