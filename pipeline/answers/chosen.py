"""Which removals are to be undone: rows of the ledger whose text is not back yet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline import arrow
from pipeline.answers.version import Version, among
from pipeline.errors import InputError

#: Rules that follow from others, or name what has no text: they cannot be undone by themselves.
_NO_TEXT = {
    "nothing_left": "it follows from other removals: name the rule that removed the paragraphs, or the document",
    "empty": "the document had no text when it was read",
    "unreadable": "the input could not be read: mend it and run again",
    "retired": "the input is gone: ingest it again",
    "updated": "the input changed: the old text is in the ledger only",
}


class Wish(NamedTuple):
    """What a user wants back: what a rule removed (of one stage, where given), a document, one of its paragraphs."""

    rule: str | None = None
    stage: str | None = None
    doc_id: str | None = None
    paragraph: int | None = None

    def told(self) -> str:
        """Return it as the options of the command."""
        given = (
            ("--rule", self.rule),
            ("--stage", self.stage),
            ("--doc", self.doc_id),
            ("--paragraph", self.paragraph),
        )
        return " ".join(f"{flag} {value}" for flag, value in given if value is not None)


class Chosen(NamedTuple):
    """Ledger rows to be undone.

    paragraphs: with position and text, each once, by document and position, those of documents that come back whole
    too. documents: one row a document that comes back. passed: paragraphs that stay away because their document does.
    """

    paragraphs: pa.Table
    documents: pa.Table
    passed: int


def chosen(version: Version, wish: Wish) -> Chosen:
    """Return what is to be undone, nothing where all of it is there. Raises InputError for what cannot be."""
    if wish.rule in _NO_TEXT:
        raise InputError(f"what {wish.rule} removed cannot be put back: {_NO_TEXT[wish.rule]}")
    drops = version.rows("ledger", _wanted(wish)).filter(pc.field("action") == "drop")
    if not drops.num_rows:
        raise InputError(
            f"{version.name} has no removal by {wish.told()}: `corpusmill ledger {version.name}` counts them"
        )
    ids = pc.unique(arrow.one_chunk(drops["doc_id"]))
    drops = drops.filter(pc.invert(pc.is_in(drops["doc_id"], _moved(version, ids))))
    there = pc.unique(arrow.one_chunk(version.rows("documents", _of(ids), ["doc_id"])["doc_id"]))
    whole = drops.filter(pc.is_null(drops["position"]))
    whole = whole.filter(pc.and_(pc.is_valid(whole["text"]), pc.invert(pc.is_in(whole["doc_id"], there))))
    single = _absent(version, drops.filter(pc.is_valid(drops["position"])))
    alive = pc.is_in(single["doc_id"], there)
    if wish.doc_id is not None and whole.num_rows:
        if wish.paragraph is not None:
            raise InputError(
                f"{wish.doc_id} is removed as a whole: `corpusmill restore {version.name} --doc {wish.doc_id}` first"
            )
        alive = pc.equal(single["doc_id"], None)
    emptied = _emptied(version, single.filter(pc.invert(pc.fill_null(alive, False))), wish, whole)
    back = single.filter(
        pc.or_(pc.fill_null(alive, False), pc.is_in(single["doc_id"], arrow.one_chunk(emptied["doc_id"])))
    )
    documents = pa.concat_tables([_last(whole, ["doc_id"]), emptied])
    passed = 0 if wish.doc_id is not None else single.num_rows - back.num_rows
    return Chosen(_last(back, ["doc_id", "position"]), documents, passed)


def _wanted(wish: Wish) -> pc.Expression:
    if wish.doc_id is not None:
        found = ds.field("doc_id") == wish.doc_id
        if wish.paragraph is not None:
            found = found & (ds.field("position").is_null() | (ds.field("position") == wish.paragraph))
        return found
    found = ds.field("rule") == wish.rule
    return found if wish.stage is None else found & (ds.field("stage") == wish.stage)


def _of(ids: pa.Array) -> pc.Expression:
    return among("doc_id", ids.to_pylist())


def _moved(version: Version, ids: pa.Array) -> pa.Array:
    """Return the documents whose input changed or vanished after rows about them were written."""
    gone = pc.is_in(ds.field("rule"), pa.array(["retired", "updated"])) & (ds.field("stage") == "ingest")
    return pc.unique(arrow.one_chunk(version.rows("ledger", gone & _of(ids), ["doc_id"])["doc_id"]))


def _absent(version: Version, drops: pa.Table) -> pa.Table:
    """Return the rows whose paragraph is not in the dataset."""
    ids = pc.unique(arrow.one_chunk(drops["doc_id"]))
    there = version.rows("paragraphs", _of(ids), ["doc_id", "position"])
    return drops.filter(pc.invert(pc.is_in(spelt(drops), spelt(there))))


def _emptied(version: Version, single: pa.Table, wish: Wish, whole: pa.Table) -> pa.Table:
    """Return the rows of documents that come back because paragraphs of theirs do: nothing or too little was left."""
    ids = pc.unique(arrow.one_chunk(single["doc_id"]))
    if not len(ids) or (wish.doc_id is not None and whole.num_rows):
        return whole.slice(0, 0)
    rules = ["nothing_left"]
    if wish.doc_id is not None or wish.rule == "too_little_left":
        rules.append("too_little_left")
    wanted = pc.is_in(ds.field("rule"), pa.array(rules)) & ds.field("position").is_null() & _of(ids)
    return _last(version.rows("ledger", wanted), ["doc_id"])


def spelt(table: pa.Table) -> pa.Array:
    """Return document and position of each row as one string."""
    position = arrow.one_chunk(table["position"]).cast(pa.string())
    return pc.binary_join_element_wise(position, arrow.one_chunk(table["doc_id"]).cast(pa.string()), " ")


def _last(rows: pa.Table, keys: list[str]) -> pa.Table:
    """Return the last row of each combination of the keys, by the keys."""
    numbered = rows.select(keys).append_column("row", pa.array(np.arange(rows.num_rows)))
    last = numbered.group_by(keys).aggregate([("row", "max")]).sort_by([(key, "ascending") for key in keys])
    return rows.take(last["row_max"])
