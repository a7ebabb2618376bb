"""Values: lists of Python values from JSON become Arrow columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pipeline import arrow

#: A JSON object used as a map has as many keys as there are words; as a struct it would have as many fields.
_MAX_FIELDS = 200
#: Levels of lists and objects in one document; Python's own JSON writer gives up at about 1,000.
MAX_LEVELS = 200
#: A column has as many leaves, however its structs lie in each other: 200 of 200 of 200 would be eight million.
_MAX_LEAVES = 1000
#: Arrow files may nest 64 levels; deeper columns than this become JSON.
_MAX_DEPTH = 16


def column(values: Sequence[Any]) -> pa.Array:
    """Return the values, decoded JSON, as one array of the type that fits them all.

    Strings stay strings, whatever they look like. Where no type fits (strings and numbers mixed,
    integers beyond 64 bits, objects without keys, with very many, or very deep), the array is of
    strings: strings as they are, anything else as JSON.
    """
    try:
        array = pa.array(values)
    except (pa.ArrowException, OverflowError):
        return strings(values)
    if (
        not _can_leave(array.type, _MAX_DEPTH)
        or arrow.leaves(array.type) > _MAX_LEAVES
        or (pa.types.is_floating(array.type) and bool in set(map(type, values)))
    ):
        return strings(values)
    return array


def strings(values: Sequence[Any]) -> pa.Array:
    """Return the values as strings: strings as they are, null as null, anything else as JSON."""
    return pa.array([_text(value) for value in values], pa.string())


def scalars(values: Sequence[Any]) -> pa.Array:
    """Return the values as strings, objects and lists as null."""
    return strings([None if isinstance(value, (dict, list)) else value for value in values])


def is_deep(value: Any) -> bool:
    """Return whether decoded JSON has lists and objects in more than `MAX_LEVELS` levels."""
    level = [value]
    for _ in range(MAX_LEVELS + 1):
        inner = [item for item in level if isinstance(item, (dict, list))]
        level = [child for item in inner for child in (item.values() if isinstance(item, dict) else item)]
        if not inner:
            return False
    return True


def sound(value: Any) -> Any:
    """Return decoded JSON with surrogates joined to characters, lone ones as U+FFFD, in all its strings."""
    if isinstance(value, str):
        return _sound_string(value)
    if isinstance(value, list):
        return [sound(item) for item in value]
    if isinstance(value, dict):
        return {_sound_string(key): sound(item) for key, item in value.items()}
    return value


def _sound_string(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _can_leave(kind: pa.DataType, depth: int) -> bool:
    """Return whether a column of this type can be written to Parquet."""
    if depth == 0:
        return False
    if pa.types.is_struct(kind):
        fields = [kind.field(index).type for index in range(kind.num_fields)]
        return 0 < len(fields) <= _MAX_FIELDS and all(_can_leave(field, depth - 1) for field in fields)
    if pa.types.is_list(kind):
        return _can_leave(kind.value_type, depth - 1)
    return True
