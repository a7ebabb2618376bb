"""The verdict on a document as one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.report.amounts import many

if TYPE_CHECKING:
    from pipeline.answers.explain import Change

#: kept, and marked as a copy of another; removed; gone with its input; could not be read.
STATUS = ("kept", "marked", "removed", "retired", "quarantined")
_PLAIN = {
    "empty": "removed: it has no text",
    "nothing_left": "removed: all its paragraphs were removed, so nothing was left of it",
    "too_little_left": "removed: less of it was left than dedup.paragraphs.min_remaining_share wants",
    "retired": "retired by ingest: its input is gone",
    "updated": "retired by ingest: its input changed, and the new one brought the id with another text",
}


def of(document: dict[str, Any], whole: Sequence[Change], kept: int, paragraphs: int) -> tuple[str, str]:
    """Return (status, sentence). document: its row of documents/, empty where there is none."""
    if document:
        return _of_kept(document, kept, paragraphs)
    last = next((change for change in reversed(whole) if change.action == "drop"), None)
    if last is None:
        return "removed", "removed: the ledger does not say by what"
    status = "retired" if last.rule in ("retired", "updated") else "removed"
    if last.copy is None:
        return status, _PLAIN.get(last.rule, f"removed by {last.told}")
    source = f" ({last.copy.source})" if last.copy.source else ""
    here = "" if last.copy.text is not None else "; that one is not in the dataset any more"
    how = "is contained in" if last.rule == "contained" else "repeats"
    return status, f"removed: it {how} {last.copy.doc_id}{source}, similarity {last.similarity:.3f}{here}"


def _of_kept(document: dict[str, Any], kept: int, paragraphs: int) -> tuple[str, str]:
    copies = many(document["n_copies"], "removed copy", "removed copies")
    told = f"{kept} of {paragraphs} paragraphs are left" + (f"; it stands for {copies}" if document["n_copies"] else "")
    if document["duplicate_of"] is None:
        return "kept", f"kept: {told}"
    return "marked", f"kept, and marked: it repeats {document['duplicate_of']}, similarity {document['similarity']:.3f}"
