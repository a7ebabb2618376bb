"""What lines have in common: the same text but for figures, or the same length, end and place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

#: How many samples of a shape are kept.
SAMPLES = 3

_MASKS = (
    (re.compile(r"https?://\S+|www\.\S+"), "<url>"),
    (re.compile(r"\S+@\S+\.\w+"), "<mail>"),
    (re.compile(r"\d+(?:[.,:/-]\d+)*"), "0"),
    (re.compile(r"[^\w<>]+"), " "),
)
_SIZES = ((20, "20 or more words"), (10, "10–19 words"), (5, "5–9 words"), (2, "2–4 words"), (0, "1 word"))
_ENDS = tuple(".!?:…。．！？；।؟۔")
_CLOSERS = "\"'“”‘’«»)]」』） "


class Shape(NamedTuple):
    """What lines have in common."""

    shape: str
    documents: int
    lines: int
    samples: list[str]


def masked(text: str) -> str:
    """Return the line in lower case, addresses and figures masked, other signs left out."""
    result = text.lower()
    for pattern, mask in _MASKS:
        result = pattern.sub(mask, result)
    return result.strip()


def form(text: str, place: str) -> str:
    """Return the line as its number of words, its end, whether it holds figures, and its place."""
    words = len(text.split())
    size = next(name for least, name in _SIZES if words >= least)
    end = "closed" if text.rstrip(_CLOSERS).endswith(_ENDS) else "open"
    figures = ", figures" if any(char.isdigit() for char in text) else ""
    return f"{size}, {end}{figures}, {place} the article"


def frequent(lines: Iterable[tuple[str, str, str]]) -> list[Shape]:
    """Return the shapes of lines (document, shape, text), those of most documents first."""
    texts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for doc, shape, text in lines:
        texts[shape][doc].append(text)
    found = [
        Shape(shape, len(some), sum(map(len, some.values())), _samples(list(some.values())))
        for shape, some in texts.items()
    ]
    return sorted(found, key=lambda one: (-one.documents, -one.lines, one.shape))


def _samples(texts: list[list[str]]) -> list[str]:
    """Return distinct texts, from as many documents as there are."""
    in_turns = [text for turn in zip_longest(*texts) for text in turn if text is not None]
    return list(dict.fromkeys(in_turns))[:SAMPLES]
