"""Near-duplicates beside the copy that stays: documents as clusters, paragraphs as pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.report.documents import Lengths
from pipeline.report.parquet import Group, fetch
from pipeline.report.samples import Entry

#: Clusters, and pairs of paragraphs, that are shown side by side.
SHOWN = 8
#: Copies of a cluster that are shown.
COPIES = 3
#: Rows of the table of the largest clusters.
LARGEST = 10
#: Bytes that are decoded for each of the three.
BUDGET = 24 * 2**20


class Cluster(NamedTuple):
    """A document that stays, and some of the copies that it stands for, as the ledger has them."""

    kept: dict[str, Any]  #: doc_id, title, source, text, n_copies
    copies: list[Entry]


class Pair(NamedTuple):
    """A paragraph that went, and the text of the one that stays."""

    entry: Entry
    kept: str


def clusters(of: Sequence[Group], near: Sequence[Entry], lengths: Lengths) -> list[Cluster]:
    """Return the clusters of these near-duplicate documents."""
    by_row: dict[int, list[Entry]] = {}
    for entry, row in zip(near, _rows(near, lengths), strict=True):
        if row >= 0 and entry.text:
            by_row.setdefault(row, []).append(entry)
    wanted = sorted(by_row, key=lambda row: (-len(by_row[row]), row))
    found = fetch(of, wanted, ("doc_id", "title", "source", "text", "n_copies"), SHOWN, BUDGET)
    kept = dict(zip(found.at.tolist(), found.table.to_pylist(), strict=True))
    return [Cluster(kept[row], by_row[row][:COPIES]) for row in wanted if row in kept]


def largest(of: Sequence[Group], rows: Sequence[int]) -> list[dict[str, Any]]:
    """Return `doc_id`, `title`, `source`, `site`, `n_copies` of the documents that stand for most copies."""
    table = fetch(of, rows, ("doc_id", "title", "source", "site", "n_copies"), LARGEST, BUDGET).table
    return sorted(table.to_pylist(), key=lambda row: (-row["n_copies"], row["doc_id"]))


def pairs(of: Sequence[Group], near: Sequence[Entry], lengths: Lengths) -> list[Pair]:
    """Return pairs of these near-duplicate paragraphs.

    Where a paragraph stands is told by the paragraphs of the documents before; one that is not found there, as
    after an ingest it may be, is left out.
    """
    starts, found = lengths.paragraphs(), list[Pair]()
    rows = _rows(near, lengths)
    places = [range(int(starts[row]), int(starts[row + 1])) if row >= 0 else range(0) for row in rows]
    wanted = [row for place in places for row in place]
    table = fetch(of, wanted, ("doc_id", "position", "text"), len(wanted), BUDGET).table
    texts = {(row["doc_id"], row["position"]): row["text"] for row in table.to_pylist()}
    for entry in near:
        kept = texts.get((entry.kept_doc_id, entry.kept_position))
        if kept and entry.text and len(found) < SHOWN:
            found.append(Pair(entry, kept))
    return found


def _rows(near: Sequence[Entry], lengths: Lengths) -> list[int]:
    """Return the rows of documents/ of what stays; -1 where they are not known."""
    if not near:
        return []
    rows: list[int] = np.asarray(lengths.find(pa.array([entry.kept_doc_id for entry in near], pa.string()))).tolist()
    return rows
