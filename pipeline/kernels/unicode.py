r"""One number per code point: is it part of a word, and what does it fold to?

A word is a maximal run of letters, marks, digits and connector punctuation (general categories L*,
M*, N*, Pc). That is `\w` plus marks: without them every vowel sign would cut an Indic word in two.
Scripts written without spaces (Han, Kana, Thai, Lao, Khmer, Myanmar) give one token a character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

#: Code points from here on are separators: above CJK extension H there are only tags, variation
#: selectors and private use.
SIZE = 0x323B0
#: Set in a table entry when the character is a token of its own.
SINGLE = 1 << 31

_WORD = ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc")
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # Han radicals
    (0x3005, 0x3007),  # Han iteration mark, closing mark, zero
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3041, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # Han extension A
    (0x4E00, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # Han compatibility
    (0xFF66, 0xFF9F),  # half-width Katakana
    (0x20000, SIZE - 1),  # Han extensions B to H
)


def not_ideographs(end: int) -> Iterator[int]:
    """Yield the code points below `end` but surrogates and unified ideographs.

    Half of all code points are such ideographs: without case, without decomposition, letters or not yet assigned.
    """
    begin = 0
    for first, last in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xD800, 0xE000), (0x20000, 0x2F800), (0x30000, 0x33480)):
        yield from range(begin, min(first, end))
        begin = last
    yield from range(begin, end)


def fold(char: str) -> str:
    """Return the simple case folding of one character: one character for one, so `ß` stays."""
    for folded in (char.casefold(), char.lower()):
        if len(folded) == 1:
            return folded
    return char


@cache
def _categories() -> NDArray[np.uint16]:
    """Return the two letters of each code point's general category, as one number."""
    letters = "".join(map(unicodedata.category, map(chr, range(SIZE))))
    return np.frombuffer(letters.encode(), np.uint16)


def of_category(*names: str) -> NDArray[np.bool_]:
    """Return whether each code point is of one of these general categories, shape (SIZE,)."""
    return np.isin(_categories(), np.frombuffer("".join(names).encode(), np.uint16))


@cache
def fold_table() -> NDArray[np.uint32]:
    """Return the table, shape (SIZE,), read-only.

    0: not part of a word; else the folded code point, plus SINGLE for a token of its own.
    """
    table = np.arange(SIZE, dtype=np.uint32)
    table[~of_category(*_WORD)] = 0
    words = table > 0
    changing = [code for code in not_ideographs(SIZE) if words.item(code)]
    table[changing] = [ord(fold(chr(code))) for code in changing]
    for first, last in _UNSPACED:
        part = table[first : last + 1]
        part[part > 0] |= np.uint32(SINGLE)
    table.flags.writeable = False
    return table


def secret_table() -> NDArray[np.uint32]:
    """Return `fold_table` with each character under another number, drawn anew, which nobody who wrote a text knows.

    Word hashes are known to all, so two words of equal hash can be looked for (2**25 words are enough). Under this
    table they differ, whatever was found: similarity that removes a text is measured with it. What is equal stays so.
    """
    table = fold_table()
    codes = table & np.uint32(SINGLE - 1)
    drawn = np.random.default_rng().permutation(int(codes.max()) + 1).astype(np.uint32) + 1
    return np.where(table > 0, drawn[codes] | (table & np.uint32(SINGLE)), 0).astype(np.uint32)
