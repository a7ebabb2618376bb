"""JSON Lines: one object a line, one document an object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import InputError
from pipeline.read.columns import Columns, choose, too_many
from pipeline.read.dates import timestamps
from pipeline.read.documents import Batch, decoded, documents, no_columns, nothing
from pipeline.read.inputs import Input
from pipeline.read.json_texts import Cut, Space, cut
from pipeline.read.lines import Line, Lines, batches
from pipeline.read.refusals import Refusals
from pipeline.read.texts import too_long
from pipeline.read.values import MAX_LEVELS, column, is_deep, scalars, sound
from pipeline.settings import ReadSettings

#: orjson reads an integer beyond 64 bits as a float of at least this size.
_FLOAT_FROM = 2.0**63
_NAMES = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object", str: "a text"}


class Row(NamedTuple):
    """One object, with the line it stands in, the charset of that line ("" for UTF-8), and how that is known.

    text: place of its text in `Cut.texts`; -1 where `value` holds it.
    """

    number: int
    raw: bytes
    value: dict[str, Any]
    charset: str
    evidence: str
    text: int = -1


def read_jsonl(item: Input, settings: ReadSettings) -> Iterator[Batch]:
    """Yield the documents of a file of one JSON object a line; lines that are none go to quarantine.

    Positions are physical lines from 1; blank lines count and give nothing. The columns are chosen
    among the keys of the first batch that holds an object.
    """
    lines = Lines(item, settings, blank=False)
    refusals = Refusals(item, settings.quarantine_bytes)
    columns: Columns | None = None
    keys: set[str] = set()
    space = Space()
    for held in batches(lines):
        parts = cut(held, columns.text, settings.max_document_bytes, space) if columns else None
        rows = [row for row in parsed(held, lines, refusals, settings, parts) if narrow(row, keys, refusals, settings)]
        try:
            columns = columns or (choose(keys_of(rows), settings) if rows else None)
        except InputError as error:
            refusals.whole(str(error))
            break
        yield batch_of(item, rows, columns, refusals, parts) if columns else nothing(refusals.flush(), None)
    lines.settle(refusals)
    if len(refusals):
        yield nothing(refusals.flush(), columns)


def parsed(
    held: Sequence[Line], lines: Lines, refusals: Refusals, settings: ReadSettings, parts: Cut | None = None
) -> Iterator[Row]:
    """Yield the objects of the lines; those that hold none are refused, blank ones passed over.

    parts: the lines cut from their texts, where that was done.
    """
    places, rests = (parts.place, parts.rest) if parts else (repeat(-1), (line.data for line in held))
    for (number, data, whole), place, rest in zip(held, places, rests, strict=parts is not None):
        charset, evidence = lines.charset, lines.evidence
        if place >= 0:  # an object that is valid and not deep
            yield Row(number, data, orjson.loads(rest), charset, evidence, place)
            continue
        if not whole:
            refusals.line(number, too_long(settings), data)
            continue
        if not data:  # millions of them come from a small bomb, and an exception takes 1 µs
            continue
        try:
            value = orjson.loads(rest)
        except orjson.JSONDecodeError:
            if not data.strip():
                continue
            try:
                value, charset, evidence = _second_try(data, lines)
            except InputError as error:
                refusals.line(number, str(error), data)
                continue
        if type(value) is not dict:
            what = _NAMES.get(type(value), "null")
            refusals.line(number, f"is {what}, not a JSON object", data)
            continue
        # Counting brackets costs 0.2 µs for 4 KB; only a line with many can be deep.
        if rest.count(b"[") + rest.count(b"{") > MAX_LEVELS and is_deep(value):
            refusals.line(number, f"is nested in more than {MAX_LEVELS} levels", data)
            continue
        yield Row(number, data, value, charset, evidence, place)


def narrow(row: Row, keys: set[str], refusals: Refusals, settings: ReadSettings) -> bool:
    """Return whether all keys of the input are no more than allowed, this row's too; add them, or refuse it."""
    if not keys.issuperset(row.value):
        if len(keys.union(row.value)) > settings.max_columns:
            refusals.line(row.number, f"would give the input more {too_many(settings)}", row.raw)
            return False
        keys.update(row.value)
    return True


def _second_try(data: bytes, lines: Lines) -> tuple[Any, str, str]:
    """Return (value, charset, evidence) of a line that orjson refused: NaN, lone surrogates, another charset."""
    text, charset, evidence = lines.decode(data)
    try:
        return sound(json.loads(text.lstrip("\ufeff"))), charset, evidence
    except json.JSONDecodeError as error:
        where = "unexpected end of data" if error.pos >= len(text.rstrip()) else _complaint(error)
    except RecursionError:
        where = "nested too deep"
    except ValueError as error:  # a number of more than 4,300 digits
        where = str(error)
    raise InputError(f"is not valid JSON ({where})")


def _complaint(error: json.JSONDecodeError) -> str:
    if error.msg.startswith("Unterminated string"):
        return "unexpected end of data"
    return f"{error.msg[0].lower()}{error.msg[1:]} at character {error.pos + 1}"


def batch_of(item: Input, rows: list[Row], columns: Columns, refusals: Refusals, parts: Cut | None = None) -> Batch:
    """Return the batch of these rows; rows whose text is no text are refused."""
    text, rows = _texts(rows, columns.text, refusals, parts)
    keys = [key for key in keys_of(rows) if key != columns.text]
    extra = {key: _column(rows, key) for key in keys}
    given = _given(rows, extra, columns)
    table = documents(item, pa.array([row.number for row in rows], pa.int64()), text, given)
    foreign = [index for index, row in enumerate(rows) if row.charset]
    ids = table["doc_id"].take(pa.array(foreign, pa.int64()))
    record = decoded(ids, [rows[i].charset for i in foreign], [rows[i].evidence for i in foreign])
    own = pa.table(extra) if extra else no_columns(len(rows))
    return Batch(table, own, record, refusals.flush(), columns)


def _texts(rows: list[Row], key: str, refusals: Refusals, parts: Cut | None) -> tuple[pa.Array, list[Row]]:
    """Return (texts, their rows); rows whose text is something else are refused."""
    if parts and len(rows) == len(parts.texts) and all(row.text >= 0 for row in rows):
        return parts.texts, rows
    values = [row.value.get(key) for row in rows]
    if not set(map(type, values)) <= {str, type(None)}:
        for row, value in zip(rows, values, strict=True):
            if not isinstance(value, str | None):
                refusals.line(row.number, f"cannot be taken: `{key}` is {_NAMES[type(value)]}, not text", row.raw)
        rows = [row for row, value in zip(rows, values, strict=True) if isinstance(value, str | None)]
        values = [row.value.get(key) for row in rows]
    texts = pa.array(values, pa.large_string())
    if parts:
        n = len(parts.texts)
        both = pa.concat_arrays([parts.texts, texts])
        texts = both.take(pa.array([row.text if row.text >= 0 else n + i for i, row in enumerate(rows)], pa.int64()))
    return texts, rows


def _column(rows: Sequence[Row], key: str) -> pa.Array:
    array = column([row.value.get(key) for row in rows])
    if pa.types.is_floating(array.type) and pc.any(pc.greater_equal(pc.abs(array), _FLOAT_FROM)).as_py():
        return column([_exact(row, key) for row in rows])
    return array


def _exact(row: Row, key: str) -> Any:
    """Return the value with integers beyond 64 bits as they are written."""
    value = row.value.get(key)
    if type(value) is float and abs(value) >= _FLOAT_FROM:
        return json.loads(row.raw.decode(errors="replace")).get(key, value)
    return value


def _given(rows: Sequence[Row], extra: dict[str, pa.Array], columns: Columns) -> dict[str, pa.Array]:
    """Return the arrays of the roles that have a column here, in the types that `documents` wants."""
    roles = {"doc_id": columns.id, "title": columns.title, "url": columns.url, "site": columns.site}
    given = {role: _strings(rows, name) for role, name in roles.items() if name in extra}
    return given | ({"date": timestamps(extra[columns.date])} if columns.date in extra else {})


def _strings(rows: Sequence[Row], key: str) -> pa.Array:
    """Return the values as strings: numbers as they are written, lists and objects as null."""
    values = [row.value.get(key) for row in rows]
    if set(map(type, values)) <= {str, type(None)}:
        return pa.array(values, pa.string())
    return scalars([_exact(row, key) for row in rows])


def keys_of(rows: Sequence[Row]) -> list[str]:
    """Return the keys of all rows in order of appearance."""
    return list(dict.fromkeys(key for row in rows for key in row.value))
