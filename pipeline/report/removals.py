"""What the ledger says in figures, from one look at its columns: by rule, by similarity, by document."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.report.documents import Lengths
from pipeline.report.parquet import Group, batches

#: Rows of a rule that are kept in mind for samples, at most twice as many.
SPREAD = 8
#: Edges of the histograms of similarities.
EDGES = np.linspace(0.5, 1.0, 26)
Histograms = dict[str, NDArray[np.int64]]
_REPAIRING = ("read", "encoding", "typography", "paragraphs")
_CODED = ("stage", "rule", "action")
_COLUMNS = (*_CODED, "doc_id", "position", "text", "similarity")
#: Ends of documents that are looked up together.
_TOGETHER = 500_000


class Spread:
    """Every so manieth of the rows that were seen, evenly over all of them, however many come."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self._seen, self._stride = 0, 1

    def add(self, rows: NDArray[np.int64]) -> None:
        """See more rows."""
        self.rows += rows[-self._seen % self._stride :: self._stride].tolist()
        self._seen += len(rows)
        while len(self.rows) > 2 * SPREAD:
            self.rows, self._stride = self.rows[::2], 2 * self._stride


class Rule:
    """What one rule of a stage did in one way: rows, those of them that are whole documents, characters, samples."""

    def __init__(self, stage: str, rule: str, action: str) -> None:
        self.stage, self.rule, self.action = stage, rule, action
        self.rows = self.documents = self.chars = 0
        self.samples = Spread()

    @property
    def paragraphs(self) -> int:
        """Rows that are no whole document."""
        return self.rows - self.documents

    @property
    def repairs(self) -> bool:
        """Whether it mends what was damaged."""
        return self.action == "edit" and self.stage in _REPAIRING


class Removals(NamedTuple):
    """What the ledger says."""

    rules: list[Rule]  #: most characters first, then most rows
    similar: Histograms  #: near-duplicates by similarity (EDGES), for `documents`, `paragraphs`

    def dropped(self) -> list[Rule]:
        """Return the rules that removed text, those that removed most first; what retired was not removed by a rule."""
        return [rule for rule in self.rules if rule.action == "drop" and rule.stage != "ingest"]


def removals(of: Sequence[Group], lengths: Lengths) -> Removals:
    """Return what the ledger in these row groups says; add what documents lost to `lengths`."""
    rules: dict[tuple[str, str, str], Rule] = {}
    similar: Histograms = {level: np.zeros(len(EDGES) - 1, np.int64) for level in ("documents", "paragraphs")}
    pending: list[tuple[pa.Array, NDArray[np.int64]]] = []
    first = 0
    for batch in batches(of, _COLUMNS, _CODED):
        chars = arrow.string_lengths(batch["text"])
        _count(batch, chars, first, rules)
        _compare(batch, similar)
        pending.append(_lost(batch, chars))
        if sum(len(ids) for ids, _ in pending) > _TOGETHER:
            lengths.lose(pending)
            pending = []
        first += len(batch)
    lengths.lose(pending)
    order = sorted(rules.values(), key=lambda rule: (-rule.chars, -rule.rows, rule.stage, rule.rule, rule.action))
    return Removals(order, similar)


def _count(
    batch: pa.RecordBatch, chars: NDArray[np.int64], first: int, rules: dict[tuple[str, str, str], Rule]
) -> None:
    """Add the rows to the rules that they name."""
    columns = [batch[name] for name in _CODED]
    shape = [len(column.dictionary) for column in columns]
    codes = np.ravel_multi_index([column.indices.to_numpy() for column in columns], shape)
    order = np.argsort(codes, kind="stable")
    starts = arrow.run_starts(codes[order])
    whole = batch["position"].is_null().to_numpy(zero_copy_only=False)
    names = [column.dictionary.to_pylist() for column in columns]
    for start, end in pairwise(starts.tolist()):
        rows = order[start:end]
        at = np.unravel_index(codes[rows[0]], shape)
        key = (names[0][at[0]], names[1][at[1]], names[2][at[2]])
        rule = rules.setdefault(key, Rule(*key))
        rule.rows += len(rows)
        rule.documents += int(whole[rows].sum())
        rule.chars += int(chars[rows].sum())
        rule.samples.add(rows + first)


def _compare(batch: pa.RecordBatch, similar: Histograms) -> None:
    """Count near-duplicates by similarity; exact copies and texts that lie in others are not among them."""
    near = pc.equal(batch["rule"].cast(pa.string()), "near")
    for level, counts in similar.items():
        here = pc.and_(near, pc.equal(batch["stage"].cast(pa.string()), f"dedup.{level}"))
        counts += np.histogram(batch["similarity"].filter(here).drop_null().to_numpy(), EDGES)[0]


def _lost(batch: pa.RecordBatch, chars: NDArray[np.int64]) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return (ids, characters) of what documents lost by single paragraphs, one row for neighbours of one document."""
    dropped = pc.and_(pc.equal(batch["action"].cast(pa.string()), "drop"), pc.is_valid(batch["position"]))
    ids, gone = batch["doc_id"].filter(dropped), chars[dropped.to_numpy(zero_copy_only=False)]
    if not len(ids):
        return ids, gone
    changes = pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    return ids.take(pa.array(starts)), np.add.reduceat(gone, starts)
