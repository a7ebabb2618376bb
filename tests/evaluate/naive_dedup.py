"""Slow, obvious twins: scores pair by pair, shingles as strings, leader clustering over all pairs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations


def counted(truth: Sequence[int], found: Sequence[int]) -> tuple[int, int, int, int]:
    """Return right, wrong, missed, apart over all pairs of items of two clusterings."""
    right = wrong = missed = apart = 0
    for i, j in combinations(range(len(truth)), 2):
        same, together = truth[i] == truth[j], found[i] == found[j]
        right += same and together
        wrong += together and not same
        missed += same and not together
        apart += not same and not together
    return right, wrong, missed, apart


def rand_adjusted(truth: Sequence[int], found: Sequence[int]) -> float:
    """Return the index as Hubert and Arabie write it: (index - expected) / (maximum - expected)."""
    right, wrong, missed, apart = counted(truth, found)
    pairs = right + wrong + missed + apart
    if not pairs:
        return 1.0
    expected = (right + missed) * (right + wrong) / pairs
    most = ((right + missed) + (right + wrong)) / 2
    return 1.0 if most == expected else (right - expected) / (most - expected)


def shingles(text: str, n: int) -> set[tuple[str, ...]]:
    """Return the shingles of a text of lower-case ASCII words."""
    words = text.split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def similarity(one: str, other: str, n: int, containment: bool = False) -> float:
    """Return the Jaccard similarity, or the share of the smaller set in the larger; 1 for the same words."""
    if one.split() == other.split():
        return 1.0 if one.split() else 0.0
    a, b = shingles(one, n), shingles(other, n)
    whole = min(len(a), len(b)) if containment else len(a | b)
    return len(a & b) / whole if whole else 0.0
