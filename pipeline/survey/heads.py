"""Heads: the first rows of an input with all its columns, before any of them is chosen."""

from __future__ import annotations

import json
from itertools import islice

import pyarrow as pa
import pyarrow.dataset as ds

from pipeline import stores
from pipeline.errors import InputError
from pipeline.read.inputs import Input
from pipeline.read.jsonl import keys_of, parsed
from pipeline.read.lines import Lines
from pipeline.read.records import Records
from pipeline.read.refusals import Refusals
from pipeline.read.streams import blocks
from pipeline.read.values import column
from pipeline.settings import ReadSettings

#: Rows of one input that are looked at for its columns.
ROWS = 200
#: A JSON file up to this size is read as a whole, in case it is one array.
WHOLE = 8 * 2**20


def head(item: Input, settings: ReadSettings) -> pa.Table:
    """Return the first rows of an input that is no plain text; a table without columns where none can be read."""
    if item.kind in ("parquet", "arrow"):
        return _columnar(item)
    if item.kind == "delimited":
        return _delimited(item, settings)
    return _objects(item, settings)


def _columnar(item: Input) -> pa.Table:
    if stores.is_remote(item.path):  # not worth a connection of its own: the run names the columns
        return pa.table({})
    try:
        return ds.dataset(item.path, format="parquet" if item.kind == "parquet" else "ipc").head(ROWS)
    except (pa.ArrowException, OSError):  # reading it says why
        return pa.table({})


def _delimited(item: Input, settings: ReadSettings) -> pa.Table:
    refusals = Refusals(item, 0)
    records = Records(Lines(item, settings), refusals, settings, "\t" if item.suffix == ".tsv" else "")
    try:
        held = next(records.batches(), [])[:ROWS]
    except InputError:
        return pa.table({})
    fields = list(zip(*(record.fields for record in held), strict=True)) or [()] * len(records.header)
    named = dict(zip(records.header, fields, strict=True))
    return pa.table({name: pa.array(values, pa.string()) for name, values in named.items()})


def _objects(item: Input, settings: ReadSettings) -> pa.Table:
    values = _array(item) if item.suffix == ".json" else []
    if not values:
        lines = Lines(item, settings)
        rows = list(parsed(list(islice(lines, ROWS)), lines, Refusals(item, 0), settings))
        return pa.table({key: column([row.value.get(key) for row in rows]) for key in keys_of(rows)})
    keys = dict.fromkeys(key for value in values for key in value)
    return pa.table({key: column([value.get(key) for value in values]) for key in keys})


def _array(item: Input) -> list[dict[str, object]]:
    """Return the first objects of a file that is one JSON array or object; none where it is read line by line."""
    data = bytearray()
    try:
        for block in blocks(item, ReadSettings()):
            data += block
            if len(data) > WHOLE:
                return []
        value = json.loads(data)
    except (InputError, ValueError, RecursionError):
        return []
    items = value if isinstance(value, list) else [value]
    return [one for one in items[:ROWS] if isinstance(one, dict)]
