"""Prepare one shard: repair, split into paragraphs, strip boilerplate by rules."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow, ledger
from pipeline.boilerplate.bylines import with_bylines
from pipeline.boilerplate.rules import Rules, load
from pipeline.boilerplate.sites import names
from pipeline.boilerplate.strip import Stripped, strip
from pipeline.clean.suspect import marks
from pipeline.clean.text import clean
from pipeline.language import guess
from pipeline.paragraphs import Split, split
from pipeline.schema import LEDGER, PARAGRAPHS, RAW
from pipeline.settings import BoilerplateSettings, Settings
from pipeline.steps.intake import documents
from pipeline.steps.recur import measures
from pipeline.work import Work

#: Characters of a document that its language is told by: 150 words, of which four must be known. 4,000 took a fourth
#: of the whole step.
LANGUAGE_CHARS = 1000
#: What later steps know of a document, beside its paragraphs.
FACTS = ["doc", "doc_id", "source", "title", "site", "url", "date", "byline", "published"]
#: The columns of the saved documents.
DOCUMENT = [*FACTS, "damage", "language"]


def prepare(work: Work, settings: Settings, shard: int) -> None:
    """Save `paragraphs` (PARAGRAPHS), `documents` and `ledger` of what is left of the shard.

    documents: FACTS, `damage` (encoding repairs) and `language` of those that still have a paragraph, in order, and
    `emptied` of those that have none. `split`
    has of each document as read the number of paragraphs, `site` and `language`, `suspect` names those left (`doc`,
    `position`) that still look damaged; `recur.measures` adds what it will want.
    """
    raw, of_titles = _with_clean_titles(documents(work, shard), settings)
    texts, edits = clean(raw["text"], settings)
    languages = guess(pc.utf8_slice_codeunits(texts, 0, LANGUAGE_CHARS))
    cut = split(texts, settings.paragraphs)
    paragraphs = _paragraphs(raw, cut)
    n_split = np.bincount(arrow.numbers(cut.paragraphs["row"]), minlength=raw.num_rows)
    records = [of_titles, _cleaning_entries(raw, cut, edits), _unwrapping_entries(raw, cut)]
    rules = rules_of(work.keys["prepare"], settings.boilerplate)
    stripped = (
        strip(raw, paragraphs, rules, settings.boilerplate)
        if rules
        else Stripped(paragraphs, with_bylines(raw, [], []), ledger.nothing())
    )
    paragraphs, titled = stripped.paragraphs, stripped.documents.select(FACTS)
    # White space and line ends are no damage, nor is what a spinner did to commas.
    worded = edits.filter(pc.and_(pc.is_valid(edits["text"]), pc.equal(edits["stage"], "encoding")))
    damage = np.bincount(arrow.numbers(worded["row"]), minlength=raw.num_rows)
    titled = titled.append_column("damage", pa.array(damage)).append_column("language", languages)
    left, emptied, gone = _without_empty(titled, paragraphs, n_split)
    suspect, marked = _suspect(paragraphs)
    tables = {
        "paragraphs": paragraphs,
        "documents": left,
        "emptied": emptied,
        "ledger": arrow.concat([*records, stripped.entries, marked, gone], LEDGER),
        "suspect": suspect,
        "split": pa.table({"n_paragraphs": n_split, "site": names(raw), "language": languages}),
        **measures(left, paragraphs, settings),
    }
    work.save("prepare", shard, tables)


def _paragraphs(raw: pa.Table, cut: Split) -> pa.Table:
    rows = cut.paragraphs["row"]
    owner = raw.select(["doc", "doc_id"]).take(rows)
    columns = [owner["doc"], owner["doc_id"], cut.paragraphs["position"], cut.paragraphs["text"]]
    return pa.Table.from_arrays(columns, names=PARAGRAPHS.names).cast(PARAGRAPHS)


def _with_clean_titles(raw: pa.Table, settings: Settings) -> tuple[pa.Table, pa.Table]:
    """Repair the titles like the texts; their ledger rows have no position."""
    titles, edits = clean(raw["title"], settings)
    place = RAW.get_field_index("title")
    cleaned = raw.set_column(place, RAW.field("title"), titles.cast(pa.string()))
    return cleaned, _edit_entries(raw, edits, pa.nulls(edits.num_rows, pa.int32()))


def _cleaning_entries(raw: pa.Table, cut: Split, edits: pa.Table) -> pa.Table:
    """Return ledger rows of the repairs, each at the paragraph in which the repaired line stands."""
    positions = _positions(cut, arrow.numbers(edits["row"]), arrow.numbers(edits["line"]))
    return _edit_entries(raw, edits, positions)


def _edit_entries(raw: pa.Table, edits: pa.Table, positions: pa.Array) -> pa.Table:
    columns = {name: edits[name] for name in ("stage", "rule", "text", "after")}
    columns |= {"doc_id": raw["doc_id"].take(edits["row"]), "position": positions}
    return ledger.entries("encoding", "edit", columns, edits.num_rows)


def _positions(cut: Split, rows: NDArray[np.int64], lines: NDArray[np.int32]) -> pa.Array:
    """Return the position of the paragraph that holds the line of the document; null where none does."""
    place = (np.int64(1) << 32) * arrow.numbers(cut.paragraphs["row"]) + arrow.numbers(cut.paragraphs["line"])
    at = np.searchsorted(place, (np.int64(1) << 32) * rows + lines, side="right") - 1
    own = np.maximum(at, 0)
    found = (at >= 0) & (len(place) > 0)
    if len(place):
        found &= arrow.numbers(cut.paragraphs["row"])[own] == rows
        positions = arrow.numbers(cut.paragraphs["position"])[own]
    else:
        positions = np.zeros(len(rows), np.int32)
    return pa.array(positions, pa.int32(), mask=~found)


def _unwrapping_entries(raw: pa.Table, cut: Split) -> pa.Table:
    ids = raw["doc_id"].take(pa.array(cut.unwrapped))
    return ledger.entries("paragraphs", "edit", {"rule": "unwrapped", "doc_id": ids}, len(ids))


def rules_of(key: str, settings: BoilerplateSettings) -> Rules | None:
    """Return the rules, None when off; `key` digests the rule files, which take 0.1 s to read and check."""
    return _rules_of(key if settings.rules else "", settings)  # without files of the user's, preload's are the same


@lru_cache(1)
def _rules_of(_: str, settings: BoilerplateSettings) -> Rules | None:
    return load(settings) if settings.enabled else None


def _suspect(paragraphs: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return (`doc`, `position` of paragraphs that still look damaged, ledger rows that mark them)."""
    found = marks(arrow.large_strings(paragraphs["text"]))
    rows = paragraphs.select(["doc", "doc_id", "position"]).take(found["row"])
    columns = {"rule": found["rule"], "evidence": found["evidence"]}
    columns |= {name: rows[name] for name in ("doc_id", "position")}
    return rows.drop_columns(["doc_id"]), ledger.entries("encoding", "mark", columns, rows.num_rows)


def _without_empty(
    documents: pa.Table, paragraphs: pa.Table, n_split: NDArray[np.int64]
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Drop documents that have no paragraph: `empty` from the start, or `nothing_left` by now; return them, too."""
    alive = np.isin(arrow.numbers(documents["doc"]), arrow.numbers(paragraphs["doc"]))
    rows = np.flatnonzero(~alive)
    rules = np.where(n_split[rows] == 0, "empty", "nothing_left").tolist()
    verdicts = pa.table({"row": rows, "rule": pa.array(rules, pa.string())})
    left, gone = ledger.drop(documents, "boilerplate", verdicts)
    return left, documents.take(pa.array(rows)), gone
