"""What the kept documents say in figures: their characters, their lengths, those that stand for most copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.report.parquet import Group, batches

#: Documents of which the length before is told: the first ones, so that memory has a limit.
MEASURED = 500_000
#: Clusters of duplicates, of which some are shown.
CLUSTERS = 200
#: Edges of the histograms of lengths in characters: four to a power of ten.
EDGES = np.concatenate([[0], np.round(10 ** np.arange(1.5, 6.26, 0.25)), [np.inf]])


class Lengths:
    """Characters of documents now, and what they lost."""

    def __init__(self) -> None:
        self.ids: list[pa.Array] = []
        self.sites: list[pa.Array] = []
        self._kept: list[NDArray[np.int64]] = []
        self._paragraphs: list[NDArray[np.int32]] = []
        self._lost: NDArray[np.int64] = np.zeros(0, np.int64)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take documents in, up to MEASURED: `doc_id`, `site`, `n_chars`, `n_paragraphs`."""
        batch = batch.slice(0, MEASURED - sum(map(len, self.ids)))
        self.ids.append(batch["doc_id"])
        self.sites.append(batch["site"])
        self._kept.append(arrow.numbers(batch["n_chars"]))
        self._paragraphs.append(arrow.numbers(batch["n_paragraphs"]))

    def lose(self, pending: Sequence[tuple[pa.Array, NDArray[np.int64]]]) -> None:
        """Add (ids, characters lost); ids that are not measured are passed over."""
        if not pending:
            return
        found = self.find(pa.concat_arrays([ids for ids, _ in pending]))
        lost = np.concatenate([chars for _, chars in pending])
        here = found >= 0
        self._lost = self.lost() + np.bincount(found[here], lost[here], len(self._lost)).astype(np.int64)

    def find(self, ids: pa.Array) -> NDArray[np.int64]:
        """Return the rows of these documents; -1 where they are not measured."""
        rows: NDArray[np.int64] = pc.fill_null(pc.index_in(ids, _one(self.ids)), -1).to_numpy().astype(np.int64)
        return rows

    def paragraphs(self) -> NDArray[np.int64]:
        """Return the row of paragraphs/ at which each document begins, and the one behind the last."""
        return np.concatenate([[0], np.cumsum(np.concatenate([np.zeros(0, np.int64), *self._paragraphs]))])

    def kept(self) -> NDArray[np.int64]:
        """Return the characters of each document."""
        return np.concatenate([np.zeros(0, np.int64), *self._kept])

    def lost(self) -> NDArray[np.int64]:
        """Return what each document lost by paragraphs that were removed."""
        if not len(self._lost):
            self._lost = np.zeros(sum(map(len, self._kept)), np.int64)
        return self._lost

    def site_of(self, ids: pa.Array) -> list[str | None]:
        """Return the sites of these documents; None where they are not known."""
        at = self.find(ids)
        return list(_one(self.sites).take(pa.array(at, mask=at < 0)).to_pylist())


class Documents(NamedTuple):
    """What the kept documents say."""

    chars: int
    lengths: Lengths
    clusters: list[int]  #: rows of those that stand for most copies, most first
    copied: int  #: documents that stand for copies


def documents(of: Sequence[Group]) -> Documents:
    """Return what the documents in these row groups say."""
    lengths, total, first = Lengths(), 0, 0
    rows: NDArray[np.int64] = np.zeros(0, np.int64)
    copies = rows
    copied = 0
    for batch in batches(of, ("doc_id", "site", "n_chars", "n_paragraphs", "n_copies")):
        lengths.add(batch)
        total += int(arrow.numbers(batch["n_chars"]).sum())
        here = np.flatnonzero(arrow.numbers(batch["n_copies"]))
        copied += len(here)
        rows = np.concatenate([rows, here + first])
        copies = np.concatenate([copies, arrow.numbers(batch["n_copies"])[here]])
        most = np.argsort(-copies, kind="stable")[:CLUSTERS]
        rows, copies = rows[most], copies[most]
        first += len(batch)
    return Documents(total, lengths, rows.tolist(), copied)


def _one(parts: list[pa.Array]) -> pa.Array:
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())
