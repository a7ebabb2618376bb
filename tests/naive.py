"""Slow, obvious twins of the kernels: Python strings, sets and loops, no arrays."""

from __future__ import annotations

import unicodedata

from pipeline.kernels.shingles import BASE
from pipeline.kernels.tokens import WORD_PRIME, WORD_SEED
from pipeline.kernels.unicode import SIZE, fold

MASK = 2**64 - 1
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "KANGXI", "IDEOGRAPHIC", "HALFWIDTH KATA")


def is_word(char: str) -> bool:
    return (ord(char) < SIZE and unicodedata.category(char)[0] in "LMN") or unicodedata.category(char) == "Pc"


def is_single(char: str) -> bool:
    """Only for characters the tests draw: by name, where the kernel goes by ranges."""
    name = unicodedata.name(char, "")
    return is_word(char) and name.startswith(UNSPACED)


def words(text: str) -> list[str]:
    """Return the folded words of a text."""
    found, word = [], ""
    for char in text:
        if is_word(char) and not is_single(char):
            word += fold(char)
            continue
        if word:
            found.append(word)
            word = ""
        if is_single(char):
            found.append(fold(char))
    return [*found, word] if word else found


def mix64(h: int) -> int:
    """MurmurHash3's 64-bit finaliser."""
    h = ((h ^ (h >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    h = ((h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return h ^ (h >> 33)


def word_hash(word: str) -> int:
    h = int(WORD_SEED)
    for char in word:
        h = ((h ^ ord(char)) * int(WORD_PRIME)) & MASK
    return mix64(h)


def shingle_hash(shingle: tuple[str, ...]) -> int:
    h = 0
    for word in shingle:
        h = (h * int(BASE) + word_hash(word)) & MASK
    return mix64(h)


def shingles(text: str, n: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + n]) for i in range(len(found) - n + 1)}


def jaccard(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0


def buckets(band: list[int]) -> list[int | None]:
    """Return for each item the first item with the same hash, or None when it is alone."""
    return [band.index(value) if band.count(value) > 1 else None for value in band]


def leaders(
    bands: list[list[int]], sets: list[set[tuple[str, ...]]], threshold: float
) -> list[tuple[int | None, float]]:
    """Return (leader or None, similarity) of each item, items in keep order, without a cap."""
    representatives: list[int] = []
    verdicts: list[tuple[int | None, float]] = []
    for item, mine in enumerate(sets):
        near = [
            (jaccard(mine, sets[other]), -other)
            for other in representatives
            if any(a == b for a, b in zip(bands[item], bands[other], strict=True))
            and jaccard(mine, sets[other]) >= threshold
        ]
        if near:
            similarity, leader = max(near)
            verdicts.append((-leader, similarity))
        else:
            representatives.append(item)
            verdicts.append((None, 0.0))
    return verdicts
