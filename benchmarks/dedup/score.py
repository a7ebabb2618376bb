"""How right a set of kept documents is, by the exact pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.dedup.truth import Pairs

Flags = NDArray[np.bool_]


class Score(NamedTuple):
    """Shares are from 0 to 1, or NaN where there was nothing to share."""

    kept: int
    #: Of the documents that have an earlier one at the threshold or above, how many are no longer both there with
    #: one. 1 exactly when no two kept documents are alike. (Counting those removed beyond the first of each group
    #: would not reach 1: in a group that is not all alike a right result keeps several.)
    recall: float
    #: The same with equal documents counted once, as there when one of them is: exact copies, which all find, do not
    #: hide what is missed.
    near_recall: float
    #: Of the documents removed, how many have a kept document at the threshold or above.
    precision: float
    #: The same, a tenth below the threshold.
    near_precision: float
    #: Groups of two or more at the threshold of which nothing was kept, nor anything like them (see `__main__.LEAST`).
    lost: int


def score(kept: Flags, pairs: Pairs, threshold: float) -> Score:
    """Return the score of the kept documents; kept: shape (documents,)."""
    close = pairs.jaccard >= threshold
    left, right = pairs.left[close], pairs.right[close]
    once = _equal(len(kept), pairs)
    there = np.bincount(once[kept], minlength=len(kept)) > 0
    one, other = once[left], once[right]
    near = one != other
    gone = int((~kept).sum())
    return Score(
        int(kept.sum()),
        _found(kept, left, right),
        _found(there, np.minimum(one, other)[near], np.maximum(one, other)[near]),
        _share(int((~kept & _has_kept(kept, pairs, threshold)).sum()), gone),
        _share(int((~kept & _has_kept(kept, pairs, round(threshold - 0.1, 9))).sum()), gone),
        _lost(kept, pairs, groups(len(kept), left, right)),
    )


def by_kind(kept: Flags, pairs: Pairs, ids: list[str], planted: Path, threshold: float) -> dict[str, tuple[int, float]]:
    """Return for each kind of planted copy how many are as like their original as the threshold, and the share of
    which the two are no longer both there.
    """
    number = {name: i for i, name in enumerate(ids)}
    known = _known(pairs)
    found: dict[str, list[bool]] = {}
    for line in planted.read_text("utf-8").splitlines():
        row = json.loads(line)
        original, copy = sorted((number[row["of"]], number[row["id"]]))
        if known.get((original, copy), 0) >= threshold:
            found.setdefault(row["kind"], []).append(not (kept[copy] and kept[original]))
    return {kind: (len(hits), float(np.mean(hits))) for kind, hits in sorted(found.items())}


def least_named(named: list[tuple[str, str]], pairs: Pairs, ids: list[str]) -> float:
    """Return the least Jaccard similarity of a removed document to the copy that is said to stand for it.

    named: (removed id, kept id). Pairs that the exact join did not find count as 0.
    """
    number = {name: i for i, name in enumerate(ids)}
    known = _known(pairs)
    ends = [sorted((number[gone], number[stays])) for gone, stays in named]
    return min((known.get((one, other), 0.0) for one, other in ends), default=float("nan"))


def groups(n: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each of `n` items the least item that it is connected with."""
    parent = list(range(n))
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        a, b = _root(parent, one), _root(parent, other)
        parent[max(a, b)] = min(a, b)
    return np.array([_root(parent, item) for item in range(n)], dtype=np.int64)


def _root(parent: list[int], item: int) -> int:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item


def _known(pairs: Pairs) -> dict[tuple[int, int], float]:
    return dict(zip(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True), pairs.jaccard.tolist(), strict=True))


def _equal(n: int, pairs: Pairs) -> NDArray[np.int64]:
    """Return for each document the first that has the same shingles."""
    same = pairs.jaccard == 1
    return groups(n, pairs.left[same], pairs.right[same])


def _found(kept: Flags, earlier: NDArray[np.int64], later: NDArray[np.int64]) -> float:
    """Return the share of the documents `later` that are not there together with one of their `earlier`."""
    due = np.unique(later)
    missed = np.unique(later[kept[earlier] & kept[later]])
    return _share(len(due) - len(missed), len(due))


def _lost(kept: Flags, pairs: Pairs, group: NDArray[np.int64]) -> int:
    """Return how many groups of two or more have neither a kept document nor a pair with one."""
    alive = kept | _has_kept(kept, pairs, 0)
    sizes, live = np.bincount(group), np.bincount(group, weights=alive)
    return int(((sizes > 1) & (live == 0)).sum())


def _has_kept(kept: Flags, pairs: Pairs, least: float) -> Flags:
    """Return which documents have a kept document at least so similar."""
    close = pairs.jaccard >= least
    has = np.zeros(len(kept), dtype=bool)
    for here, there in ((pairs.left[close], pairs.right[close]), (pairs.right[close], pairs.left[close])):
        has[here[kept[there]]] = True
    return has


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
