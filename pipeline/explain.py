"""Explain: what became of each paragraph of a document, by which rule, on what evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline.errors import InputError


class Fate(NamedTuple):
    """What became of one paragraph. `rule` and what follows are None where it was kept."""

    position: int
    text: str
    kept: bool
    stage: str | None
    rule: str | None
    evidence: str | None  #: in words: a rule's counts, features, or the copy that stays and its similarity
    edits: tuple[str, ...]  #: rules that changed it before, `stage: rule`


class Explanation(NamedTuple):
    """What became of a document: kept or not, what was done to it as a whole, and each paragraph in order."""

    doc_id: str
    kept: bool
    whole: tuple[str, ...]
    paragraphs: tuple[Fate, ...]


def explain(out: str | Path, doc_id: str) -> Explanation:
    """Return what became of the document, from the dataset in `out` alone.

    The paragraphs of a document that went as a whole are in its ledger row; they are given as one.
    Raises InputError when the dataset does not know the document.
    """
    entries = _rows(out, "ledger", doc_id)
    kept = _rows(out, "paragraphs", doc_id)
    if not entries and not kept:
        raise InputError(f"{out} holds no document {doc_id!r}: doc_id is a column of documents/ and ledger/")
    drops = [row for row in entries if row["action"] == "drop"]
    gone = [_dropped(row, entries) for row in drops if row["position"] is not None]
    left = [
        Fate(row["position"], row["text"], True, None, None, None, _edits(entries, row["position"])) for row in kept
    ]
    whole = [row for row in entries if row["position"] is None]
    return Explanation(doc_id, bool(kept), tuple(map(_told, whole)), tuple(sorted([*gone, *left])))


def _rows(out: str | Path, name: str, doc_id: str) -> list[dict[str, Any]]:
    table = ds.dataset(Path(out) / name, format="parquet").to_table(filter=pc.field("doc_id") == pa.scalar(doc_id))
    return list(table.to_pylist())


def _dropped(row: dict[str, Any], entries: list[dict[str, Any]]) -> Fate:
    edits = _edits(entries, row["position"])
    return Fate(row["position"], row["text"] or "", False, row["stage"], row["rule"], _evidence(row), edits)


def _evidence(row: dict[str, Any]) -> str | None:
    if row["kept_doc_id"] is None:
        return None if row["evidence"] is None else str(row["evidence"])
    place = "" if row["kept_position"] is None else f", paragraph {row['kept_position']}"
    return f"the copy in {row['kept_doc_id']}{place} stays; similarity {row['similarity']:.3f}"


def _edits(entries: list[dict[str, Any]], position: int) -> tuple[str, ...]:
    return tuple(_told(row) for row in entries if row["position"] == position and row["action"] in ("edit", "mark"))


def _told(row: dict[str, Any]) -> str:
    evidence = _evidence(row)
    return f"{row['stage']}: {row['rule']}" + (f" ({evidence})" if evidence else "")
