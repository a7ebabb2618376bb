"""The slow twin of `distinct`: all pairs, Python sets, no sketches."""

from __future__ import annotations

from tests import naive

Verdict = tuple[int, float, str]


def distinct(texts: list[str], ngram: int, threshold: float) -> dict[int, Verdict]:
    """Return for each duplicate, by row: (row that stays, similarity, rule)."""
    words = [tuple(naive.words(text)) for text in texts]
    original = {i: words.index(words[i]) for i in range(len(texts)) if words[i] and words.index(words[i]) < i}
    sets = {i: naive.shingles(texts[i], ngram) for i in range(len(texts)) if i not in original}
    representatives: list[int] = []
    near: dict[int, Verdict] = {}
    for i, mine in sets.items():
        found = [(naive.jaccard(mine, sets[other]), -other) for other in representatives]
        best = max((pair for pair in found if pair[0] >= threshold), default=None)
        if best and mine:
            near[i] = (-best[1], best[0], "near")
        else:
            representatives.append(i)
    exact = {i: near.get(first, (first, 1.0, "exact")) for i, first in original.items()}
    return near | exact
