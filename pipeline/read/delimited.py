"""CSV and TSV: a header line, then one document a record. All columns are strings, so that 007 stays 007."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pyarrow as pa

from pipeline.errors import InputError
from pipeline.read.columns import Columns, choose
from pipeline.read.dates import timestamps
from pipeline.read.documents import Batch, decoded, documents, no_columns, nothing
from pipeline.read.inputs import Input
from pipeline.read.lines import Lines
from pipeline.read.records import Record, Records
from pipeline.read.refusals import Refusals
from pipeline.settings import ReadSettings


def read_delimited(item: Input, settings: ReadSettings) -> Iterator[Batch]:
    """Yield the documents of a CSV or TSV file; records that do not fit the header go to quarantine.

    Positions are the physical lines, from 1, in which records start.
    """
    lines = Lines(item, settings)
    refusals = Refusals(item, settings.quarantine_bytes)
    records = Records(lines, refusals, settings, "\t" if item.suffix == ".tsv" else "")
    columns: Columns | None = None
    try:
        for held in records.batches():
            if records.header:
                columns = columns or _columns(records.header, settings)
                yield _batch(item, records.header, held, columns, refusals)
    except InputError as error:
        refusals.whole(str(error))
    lines.settle(refusals)
    if not records.header and not len(refusals):
        refusals.whole("is empty: a first line with the names of the columns is needed")
    if len(refusals):
        yield nothing(refusals.flush(), columns)


def _columns(header: Sequence[str], settings: ReadSettings) -> Columns:
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise InputError(f"has more than one column `{twice[0]}`: rename all but one")
    return choose(header, settings)


def _batch(item: Input, header: Sequence[str], held: Sequence[Record], columns: Columns, refusals: Refusals) -> Batch:
    fields = list(zip(*(record.fields for record in held), strict=True)) or [()] * len(header)
    table = {name: pa.array(values, pa.large_string()) for name, values in zip(header, fields, strict=True)}
    text = table.pop(columns.text)
    extra = {name: values.cast(pa.string()) for name, values in table.items()}
    roles = {"doc_id": columns.id, "title": columns.title, "url": columns.url, "site": columns.site}
    given = {role: extra[name] for role, name in roles.items() if name in extra}
    if columns.date in extra:
        given["date"] = timestamps(extra[columns.date])
    positions = pa.array([record.number for record in held], pa.int64())
    made = documents(item, positions, text, given)
    foreign = [index for index, record in enumerate(held) if record.charset]
    ids = made["doc_id"].take(pa.array(foreign, pa.int64()))
    record = decoded(ids, [held[i].charset for i in foreign], [held[i].evidence for i in foreign])
    return Batch(made, pa.table(extra) if extra else no_columns(len(held)), record, refusals.flush(), columns)
