"""A slow, obvious twin of `pipeline.boilerplate.recurring.measure`: which lines count, and as the same."""

from __future__ import annotations

import unicodedata

from pipeline.boilerplate.body import CALENDAR
from pipeline.boilerplate.recurring import (
    HEAD,
    HEAD_LONG,
    HEAD_ROWS,
    LABEL_BYTES,
    LONG_BYTES,
    MAX_BYTES,
    TAIL,
    TAIL_LONG,
    TAIL_ROWS,
    WITHIN,
)


def measured(documents: list[list[str]]) -> list[list[tuple[int, int, int]]]:
    """Return the occurrences (document, rank, place) of each line that counts."""
    found: dict[tuple[str, ...], list[tuple[int, int, int]]] = {}
    for number, texts in enumerate(documents):
        for rank, text in enumerate(texts):
            place = placed(texts, rank)
            size = len(text.encode())
            words = skeleton(text)
            if words and size <= (LABEL_BYTES if place == WITHIN else MAX_BYTES):
                found.setdefault(words, []).append((number, rank, place))
    return list(found.values())


def placed(texts: list[str], rank: int) -> int:
    long = [len(text.encode()) > LONG_BYTES for text in texts]
    left = len(texts) - 1 - rank
    if sum(long[rank + 1 :]) < TAIL_LONG and left < TAIL_ROWS and left <= rank:
        return TAIL
    if sum(long[:rank]) < HEAD_LONG and rank < HEAD_ROWS and rank <= left:
        return HEAD
    return WITHIN


def skeleton(text: str) -> tuple[str, ...]:
    plain = "".join(
        c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFKC", text).lower()
    )
    digits = "".join("0" if unicodedata.category(c) == "Nd" else c for c in plain)
    while "00" in digits:
        digits = digits.replace("00", "0")
    return tuple("date" if w in CALENDAR or w in ("month", "day") else w.casefold() for w in digits.split())
