"""Verdicts on the items of one level: copies, near-duplicates, then what lies in a larger item of those that stay."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.dedup.containment import Samples, contained
from pipeline.dedup.duplicates import Duplicates, find
from pipeline.dedup.memory import budget
from pipeline.dedup.sketches import Sketches
from pipeline.dedup.texts import Fetch
from pipeline.settings import DedupSettings, DocumentDedup, ParagraphDedup

Rows = NDArray[np.int64]
Level = DocumentDedup | ParagraphDedup
#: Names of the rules in the ledger.
RULES = ("exact", "near", "contained", "kept_quote")
EXACT, NEAR, CONTAINED, KEPT_QUOTE = range(4)


class Verdicts(NamedTuple):
    """Row `row[i]` repeats row `kept[i]`, or lies in it; each row at most once. Not `drop`: it is only marked."""

    row: Rows
    kept: Rows
    similarity: NDArray[np.float64]  # Jaccard; where the rule is CONTAINED the share of the row's shingles
    rule: NDArray[np.int8]  # index of RULES
    drop: NDArray[np.bool_]
    capped: int = 0  # see `Duplicates`
    contained_capped: int = 0  # see `Contained`

    def only(self, mask: NDArray[np.bool_]) -> Verdicts:
        """Return the verdicts that the mask names."""
        row, kept, similarity, rule, drop = self[:5]
        return self._replace(
            row=row[mask], kept=kept[mask], similarity=similarity[mask], rule=rule[mask], drop=drop[mask]
        )

    def named(self) -> dict[str, pa.Array]:
        """Return the columns `similarity`, `rule` and `action` of the ledger."""
        rules = pa.DictionaryArray.from_arrays(pa.array(self.rule), pa.array(RULES)).cast(pa.string())
        actions = pa.DictionaryArray.from_arrays(pa.array(self.drop.astype(np.int8)), pa.array(["mark", "drop"]))
        return {"similarity": pa.array(self.similarity), "rule": rules, "action": actions.cast(pa.string())}


class Items(NamedTuple):
    """All documents, or all paragraphs."""

    level: Level
    sketches: Sketches
    samples: Samples
    fetch: Fetch


def nothing() -> Verdicts:
    """Return no verdict."""
    rows = np.zeros(0, dtype=np.int64)
    return Verdicts(rows, rows, np.zeros(0), np.zeros(0, np.int8), np.zeros(0, bool))


def judged(items: Items, keep_order: Rows, dedup: DedupSettings, folder: Path) -> Verdicts:
    """Return the verdicts on the rows of `keep_order`, the one to keep first. folder: for what memory cannot hold."""
    level = items.level
    if level.action == "off":
        return nothing()
    cap, memory = dedup.max_representatives, budget(dedup.memory)
    found = find(items.sketches, keep_order, items.fetch, level.ngram, level.threshold, cap, memory, folder)
    near = _near(found, level)
    if level.containment.action == "off":
        return near
    return _joined(near, _contained(items, keep_order[~np.isin(keep_order, found.row)], near, memory, folder))


def _near(found: Duplicates, level: Level) -> Verdicts:
    rule = np.where(found.exact, EXACT, NEAR).astype(np.int8)
    drop = np.full(len(rule), level.action == "drop")
    return Verdicts(found.row, found.kept, found.similarity, rule, drop, found.capped)


def _contained(items: Items, keep_order: Rows, near: Verdicts, memory: int, folder: Path) -> Verdicts:
    """Return what lies in larger items. One that stands for others stays whatever the action: they name it."""
    level, sketches = items.level, items.sketches
    n_words = sketches.column("n_words", np.int64)
    threshold = level.containment.threshold
    found = contained(items.samples, keep_order, n_words, items.fetch, level.ngram, threshold, memory, folder)
    drop = np.full(len(found.row), level.containment.action == "drop") & ~np.isin(found.row, near.kept)
    rule = np.full(len(found.row), CONTAINED, np.int8)
    return Verdicts(found.row, found.container, found.share, rule, drop, 0, found.capped)


def _joined(near: Verdicts, lies: Verdicts) -> Verdicts:
    return Verdicts(
        np.concatenate([near.row, lies.row]),
        np.concatenate([near.kept, lies.kept]),
        np.concatenate([near.similarity, lies.similarity]),
        np.concatenate([near.rule, lies.rule]),
        np.concatenate([near.drop, lies.drop]),
        near.capped,
        lies.contained_capped,
    )
