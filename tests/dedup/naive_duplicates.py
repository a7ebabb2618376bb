"""The slow twin of `duplicates.find`: all pairs, Python lists and sets."""

from __future__ import annotations

from tests import naive


def find(
    items: list[str], bands: list[list[int]], order: list[int], ngram: int, threshold: float
) -> dict[int, tuple[int, float]]:
    """Return for each removed item (the item that stays, similarity); without a cap."""
    removed: dict[int, tuple[int, float]] = {}
    firsts: dict[tuple[str, ...], int] = {}
    unique: list[int] = []
    for item in order:
        said = tuple(naive.words(items[item]))
        if not said:
            continue
        if said in firsts:
            removed[item] = (firsts[said], 1.0)
            continue
        firsts[said] = item
        if len(said) >= ngram:
            unique.append(item)
    sets = [naive.shingles(items[item], ngram) for item in unique]
    verdicts = naive.leaders([bands[item] for item in unique], sets, threshold)
    near = {unique[k]: (unique[leader], s) for k, (leader, s) in enumerate(verdicts) if leader is not None}
    through = {item: near.get(kept, (kept, similarity)) for item, (kept, similarity) in removed.items()}
    return through | near
