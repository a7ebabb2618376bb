"""Explain: what became of a document and of each of its paragraphs, by which rule, on what evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.dataset as ds

from pipeline.answers import verdict
from pipeline.answers.version import Version, among, opened
from pipeline.dedup.texts import SEPARATOR
from pipeline.errors import InputError

Row = dict[str, Any]
#: Paragraphs `text`, `position` of documents, and of these what tells where they are from.
_OF_DOCUMENT = ["doc_id", "source", "title", "site", "n_copies", "copies", "duplicate_of", "similarity"]


class Copy(NamedTuple):
    """A copy that is kept in place of something; `text` is None where the dataset has it no more."""

    doc_id: str
    source: str | None
    position: int | None
    text: str | None


class Change(NamedTuple):
    """One ledger row: an edit, a mark, or a removal. `before`, `after`: the line that was edited."""

    stage: str
    rule: str
    action: str
    evidence: str | None
    similarity: float | None
    copy: Copy | None
    before: str | None
    after: str | None

    @property
    def told(self) -> str:
        """Stage, rule and, in words, what they went by."""
        return f"{self.stage}: {self.rule}" + (f" ({self.reason})" if self.reason else "")

    @property
    def reason(self) -> str | None:
        """In words what the rule went by: its counts, features, or the copy that stays and its similarity."""
        if self.copy is None:
            return self.evidence
        place = "" if self.copy.position is None else f", paragraph {self.copy.position}"
        return f"the copy in {self.copy.doc_id}{place} stays; similarity {self.similarity:.3f}"


class Fate(NamedTuple):
    """What became of one paragraph. `raw`: before it was edited, as far as the ledger tells."""

    position: int
    raw: str
    text: str
    removal: Change | None
    changes: tuple[Change, ...]
    with_document: bool  #: it went with its document; `removal` is the document's

    @property
    def kept(self) -> bool:
        """Whether it stands in the dataset."""
        return self.removal is None

    @property
    def rule(self) -> str | None:
        """The rule that removed it."""
        return self.removal and self.removal.rule

    @property
    def evidence(self) -> str | None:
        """What that rule went by, in words."""
        return self.removal and self.removal.reason

    @property
    def edits(self) -> tuple[str, ...]:
        """Rules that changed or marked it, `stage: rule`."""
        return tuple(change.told for change in self.changes)


class Explanation(NamedTuple):
    """What became of a document: `status` (of verdict.STATUS), a sentence, what was done to it as a whole.

    copies: documents it stands for. paragraphs: in reading order.
    """

    doc_id: str
    source: str | None
    title: str | None
    status: str
    sentence: str
    whole: tuple[Change, ...]
    copies: tuple[Copy, ...]
    paragraphs: tuple[Fate, ...]

    @property
    def kept(self) -> bool:
        """Whether the document stands in the dataset."""
        return self.status in ("kept", "marked")

    def only(self, position: int) -> Explanation:
        """Return it with one paragraph; raises InputError when there is none at that position."""
        chosen = tuple(fate for fate in self.paragraphs if fate.position == position)
        if not chosen:
            there = f"it has 0 to {self.paragraphs[-1].position}" if self.paragraphs else "it has none"
            raise InputError(f"{self.doc_id} has no paragraph {position}: {there}")
        return self._replace(paragraphs=chosen)


def explain(out: str | Path, doc_id: str) -> Explanation:
    """Return what became of the document, from the dataset OUT (or OUT@N) alone.

    The name of an input that could not be read, or NAME:POSITION, is explained too.
    Raises InputError when the dataset does not know the document, OutputError when there is no dataset.
    """
    version = opened(out)
    entries = _since_last_text(version.rows("ledger", ds.field("doc_id") == doc_id).to_pylist())
    documents = version.rows("documents", ds.field("doc_id") == doc_id, _OF_DOCUMENT).to_pylist()
    if not entries and not documents:
        return _unread(version, doc_id)
    kept = version.rows("paragraphs", ds.field("doc_id") == doc_id).sort_by("position").to_pylist() if documents else []
    known = _kept_copies(version, entries)
    fates = _fates(kept, entries, known)
    whole = tuple(_change(row, known) for row in entries if row["position"] is None)
    document = documents[0] if documents else {}
    status, sentence = verdict.of(document, whole, len(kept), len(fates))
    copies = tuple(Copy(one["doc_id"], one["source"], None, None) for one in document.get("copies", ()))
    source = document.get("source") or next((row["source"] for row in entries if row["source"]), None)
    return Explanation(doc_id, source, document.get("title"), status, sentence, whole, copies, fates)


def _since_last_text(entries: list[Row]) -> list[Row]:
    """Return the rows about the text that the id has now: `ingest` may have brought another one under the id."""
    updated = [at for at, row in enumerate(entries) if (row["stage"], row["rule"]) == ("ingest", "updated")]
    return entries[updated[-1] + 1 :] if updated and updated[-1] + 1 < len(entries) else entries


def _unread(version: Version, name: str) -> Explanation:
    """Return what is known of an input that was set aside; raises InputError when there is none of that name."""
    source, _, position = name.rpartition(":")
    chosen = ds.field("source") == name
    if source and position.isdecimal():
        chosen = chosen | ((ds.field("source") == source) & (ds.field("position") == int(position)))
    found = version.rows("quarantine", chosen).to_pylist()
    if not found:
        raise InputError(
            f"{version.name} holds no document {name!r}: doc_id is a column of documents/ and ledger/, and "
            "quarantine/ names the inputs that could not be read by `source`"
        )
    places = [f"{row['source']}{'' if row['position'] is None else ':' + str(row['position'])}" for row in found]
    more = f" (and {len(found) - 1} more of this input)" if len(found) > 1 else ""
    sentence = f"{places[0]} could not be read{more}: {found[0]['error']}"
    return Explanation(name, found[0]["source"], None, "quarantined", sentence, (), (), ())


def _fates(kept: list[Row], entries: list[Row], known: dict[tuple[str, int | None], Copy]) -> tuple[Fate, ...]:
    """Return the paragraphs in reading order, from those that are kept and those that the ledger has."""
    texts = {row["position"]: row["text"] for row in kept}
    removals: dict[int, Row] = {}
    for row in entries:
        if row["action"] == "drop" and row["position"] is not None and row["position"] not in texts:
            removals[row["position"]] = row
    together = {} if kept else _with_document(entries, removals)
    removals |= together
    found = []
    for position in sorted({*texts, *removals}):
        gone = removals.get(position)
        changes = tuple(
            _change(row, known)
            for row in entries
            if row["position"] == position and row["action"] in ("edit", "mark", "restore")
        )
        text = texts[position] if gone is None else gone["text"] or ""
        removal = None if gone is None else _change(gone, known)
        found.append(Fate(position, raw(text, changes), text, removal, changes, position in together))
    return tuple(found)


def _with_document(entries: list[Row], removals: dict[int, Row]) -> dict[int, Row]:
    """Return the paragraphs that went with their document, each as a ledger row at its position."""
    whole = [row for row in entries if row["position"] is None and row["action"] == "drop" and row["text"]]
    if not whole:
        return {}
    texts = whole[-1]["text"].split(SEPARATOR)
    own = {"kept_position": None}
    return {at: whole[-1] | own | {"text": text} for at, text in zip(free(removals, len(texts)), texts, strict=True)}


def free(taken: Sequence[int] | dict[int, Row], n: int) -> list[int]:
    """Return the first `n` positions from 0 that are not taken: those that paragraphs which were left have."""
    gone = set(taken)
    return [position for position in range(n + len(gone)) if position not in gone][:n]


def raw(text: str, changes: Sequence[Change]) -> str:
    """Return the paragraph before its lines were edited; an edit whose line is not found in it is passed over."""
    for change in reversed(changes):
        before, after = (change.before or "").strip(), (change.after or "").strip()
        if change.action == "edit" and after:
            text = text.replace(after, before, 1)
    return text


def _kept_copies(version: Version, entries: list[Row]) -> dict[tuple[str, int | None], Copy]:
    """Return the copies that the rows name, by id and position, with source and text."""
    named = {(row["kept_doc_id"], row["kept_position"]) for row in entries if row["kept_doc_id"] is not None}
    ids = sorted({doc_id for doc_id, _ in named})
    if not ids:
        return {}
    sources = _by_id(version, ids, ["doc_id", "source"])
    of_paragraphs = sorted({doc_id for doc_id, position in named if position is not None})
    texts: dict[tuple[str, int | None], str] = {}
    if of_paragraphs:
        for row in version.rows("paragraphs", among("doc_id", of_paragraphs)).to_pylist():
            texts[row["doc_id"], row["position"]] = row["text"]
    whole = sorted({doc_id for doc_id, position in named if position is None})
    for doc_id, row in _by_id(version, whole, ["doc_id", "text"]).items():
        texts[doc_id, None] = row["text"]
    return {key: Copy(key[0], sources.get(key[0], {}).get("source"), key[1], texts.get(key)) for key in named}


def _by_id(version: Version, ids: list[str], columns: list[str]) -> dict[str, Row]:
    if not ids:
        return {}
    return {row["doc_id"]: row for row in version.rows("documents", among("doc_id", ids), columns).to_pylist()}


def _change(row: Row, known: dict[tuple[str, int | None], Copy]) -> Change:
    copy = None
    if row["kept_doc_id"] is not None:
        key = row["kept_doc_id"], row["kept_position"]
        copy = known.get(key) or Copy(*key[:1], None, key[1], None)
    edited = row["action"] == "edit"
    return Change(
        row["stage"],
        row["rule"],
        row["action"],
        row["evidence"],
        row["similarity"],
        copy,
        row["text"] if edited else None,
        row["after"] if edited else None,
    )
