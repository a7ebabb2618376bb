"""Guesses: which column holds what, by the values where names do not tell."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.read.columns import NAMES
from pipeline.read.dates import timestamps

ROLES = ("text", "id", "title", "url", "date")
#: Characters that a column's values have on average before it is taken for the text: headlines have 60, urls 80.
TEXT = 150
#: Share of the values that must be what they are taken for.
MOST = 0.9
_ID = re.compile(r"(?:^|_|\b)(?:id|uid|uuid|guid|key)$", re.IGNORECASE)
_TITLE = re.compile(r"title|headline|subject|heading", re.IGNORECASE)
_DATE = re.compile(r"date|time|publish|created", re.IGNORECASE)
_ADDRESS = r"^\s*https?://"


def usual(names: list[str], role: str) -> str:
    """Return the column that reading takes for the role by itself; "" when there is none."""
    folded = {name.strip().casefold(): name for name in reversed(names)}
    return next((folded[name] for name in getattr(NAMES, role).split() if name in folded), "")


def guessed(table: pa.Table) -> dict[str, tuple[str, str]]:
    """Return role to (column, why) for the roles that no usual name tells and the values of a column do."""
    found: dict[str, tuple[str, str]] = {}
    taken = {usual(table.column_names, role) for role in ROLES}
    free = [name for name in table.column_names if name not in taken and _filled(table[name])]
    for role in ROLES:
        if not usual(table.column_names, role):
            name, why = _GUESS[role](table, [one for one in free if one not in {name for name, _ in found.values()}])
            found |= {role: (name, why)} if name else {}
    return found


def _text(table: pa.Table, names: list[str]) -> tuple[str, str]:
    lengths = {name: pc.mean(pc.utf8_length(table[name])).as_py() or 0 for name in names if _is_text(table[name])}
    best = max(lengths, key=lambda name: lengths[name], default="")
    if not best or lengths[best] < TEXT:
        return "", ""
    return best, f"its texts are the longest, {lengths[best]:,.0f} characters on average"


def _id(table: pa.Table, names: list[str]) -> tuple[str, str]:
    for name in names:
        column = table[name]
        kind = column.type
        if _ID.search(name) and (_is_text(column) or pa.types.is_integer(kind)) and not column.null_count:
            return name, "its name ends like one, and every row has a value"
    return "", ""


def _title(table: pa.Table, names: list[str]) -> tuple[str, str]:
    found = next((name for name in names if _TITLE.search(name) and _is_text(table[name])), "")
    return found, "its name says so" if found else ""


def _url(table: pa.Table, names: list[str]) -> tuple[str, str]:
    for name in names:
        if _is_text(table[name]) and _share(pc.match_substring_regex(table[name], _ADDRESS)) >= MOST:
            return name, "its values are addresses"
    return "", ""


def _date(table: pa.Table, names: list[str]) -> tuple[str, str]:
    for name in names:
        values = pc.drop_null(table[name]).combine_chunks()
        if _DATE.search(name) and len(values) and _share(pc.is_valid(timestamps(values))) >= MOST:
            return name, "its values are dates"
    return "", ""


def _filled(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count < len(column))


def _is_text(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _share(mask: pa.ChunkedArray) -> float:
    return float(pc.mean(pc.drop_null(mask).cast(pa.int8())).as_py() or 0.0)


_GUESS = {"text": _text, "id": _id, "title": _title, "url": _url, "date": _date}
