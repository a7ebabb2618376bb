"""Strip boilerplate from documents: rules, structure and model, then headlines, until nothing more goes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow, ledger
from pipeline.boilerplate.bylines import with_bylines
from pipeline.boilerplate.judge import matches
from pipeline.boilerplate.live import Ints
from pipeline.boilerplate.rules import Rules
from pipeline.boilerplate.sites import names
from pipeline.boilerplate.sweep import SCHEMA, sweep
from pipeline.boilerplate.titles import headlines
from pipeline.schema import LEDGER
from pipeline.settings import BoilerplateSettings


class Stripped(NamedTuple):
    """What is left of the paragraphs, the documents with what was read off them, ledger rows of what changed."""

    paragraphs: pa.Table
    documents: pa.Table
    entries: pa.Table


def strip(documents: pa.Table, paragraphs: pa.Table, rules: Rules, settings: BoilerplateSettings) -> Stripped:
    """Return what is left, and the documents with title, site, `byline` and `published` that were found.

    documents: schema RAW, ordered by `doc`. paragraphs: schema PARAGRAPHS, ordered, every document whole.
    A document that lost a headline is looked at again without it, so that what is left for good is what a
    run on the result would leave.
    """
    owner = np.searchsorted(arrow.numbers(documents["doc"]), arrow.numbers(paragraphs["doc"]))
    sites = names(documents).take(pa.array(owner)) if any(rule.sites for rule in rules.paragraphs) else None
    matched = matches(paragraphs, rules, sites)
    rows, verdicts, edits = np.arange(paragraphs.num_rows), [SCHEMA.empty_table()], [LEDGER.empty_table()]
    while len(rows):
        first = len(rows) == paragraphs.num_rows
        taken = paragraphs if first else paragraphs.take(pa.array(rows))
        # A headline is no running text, so it opens no window for a rule: rules are asked once.
        swept = sweep(taken, rules, settings, matched.part(rows), judged=not first)
        verdicts.append(_placed(swept, rows))
        rows = np.delete(rows, arrow.numbers(swept["row"]))
        docs = np.unique(owner[rows])
        titled = documents.select(["doc", "title", "site", "url"]).take(pa.array(docs))
        found = headlines(titled, paragraphs, rules, rows)
        documents = _titled(documents, docs, found.title, found.site)
        edits.append(_entries(documents, docs, found.edits))
        verdicts.append(_placed(found.verdicts, rows))
        lost = arrow.numbers(found.verdicts["row"])
        rows = np.delete(rows, lost)[np.isin(np.delete(owner[rows], lost), owner[rows[lost]])]
    left, gone = ledger.drop(paragraphs, "boilerplate", pa.concat_tables(verdicts).sort_by("row"))
    return Stripped(left, _with_bylines(documents, gone, rules), pa.concat_tables([gone, *edits]))


def _with_bylines(documents: pa.Table, gone: pa.Table, rules: Rules) -> pa.Table:
    ids = [rule.id for rule in rules.paragraphs if rule.family == "bylines"]
    lines = gone.filter(pc.is_in(gone["rule"], pa.array(ids, pa.string())))
    return with_bylines(documents, lines["doc_id"].to_pylist(), lines["text"].to_pylist())


def _placed(verdicts: pa.Table, rows: Ints) -> pa.Table:
    """Name rows of the whole table instead of rows of a part of it."""
    evidence = verdicts["evidence"] if "evidence" in verdicts.column_names else pa.nulls(verdicts.num_rows, pa.string())
    columns = [pa.array(rows[arrow.numbers(verdicts["row"])], pa.int64()), verdicts["rule"], evidence]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _titled(documents: pa.Table, docs: Ints, title: pa.Array, site: pa.Array) -> pa.Table:
    """Put titles and sites into the rows `docs`; a site that was given stays."""
    mask = np.zeros(documents.num_rows, dtype=bool)
    mask[docs] = True
    for name, column in (("title", title), ("site", site)):
        place = documents.schema.get_field_index(name)
        old = arrow.one_chunk(documents[name])
        new = pc.replace_with_mask(old, pa.array(mask), column.cast(old.type))
        documents = documents.set_column(place, documents.schema.field(name), new)
    return documents


def _entries(documents: pa.Table, docs: Ints, edits: pa.Table) -> pa.Table:
    """Return ledger rows of the titles that were cut."""
    columns = {name: edits[name] for name in ("rule", "text", "after")}
    columns["doc_id"] = documents["doc_id"].take(pa.array(docs[arrow.numbers(edits["doc"])]))
    return ledger.entries("boilerplate", "edit", columns, edits.num_rows)
