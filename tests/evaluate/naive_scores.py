"""Scores counted line by line, the slow and obvious way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def counted(documents: Sequence[Sequence[tuple[str, int, bool]]]) -> Counter[str]:
    """Count the lines (text, label, dropped) of documents; blank lines do not count."""
    counts: Counter[str] = Counter()
    for document in documents:
        for text, label, dropped in document:
            if not text.strip():
                continue
            if label == 1:
                counts["article_chars"] += len(text)
                counts["lost_chars"] += len(text) if dropped else 0
                counts["wrong" if dropped else "article"] += 1
            elif label == 0:
                counts["right" if dropped else "missed"] += 1
            elif dropped:
                counts["unsure"] += 1
    return counts
