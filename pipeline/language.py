"""Which language a text is in, by its script and its function words; null where that is not certain.

No model: function words make up 20 to 50 % of running text, and they hardly depend on what a text is about.
Words are runs of letters, so a guess does not change when punctuation or the space beside it does.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.kernels.function_words import count

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WORDS = Path(__file__).with_suffix(".toml")

#: Fewer function words than this are chance: `The Times of Israel` holds two.
MIN_WORDS = 4
#: Share of a text's words: 590 web pages with all their menus have 0.14 or more, half of them over 0.3 (Polish 0.23,
#: Hungarian 0.19); lists of names and code stay under 0.1.
MIN_SHARE = 0.12
#: The runner-up, in weight, over the best: on those pages 0.07 for English, 0.1 for German, 0.4 for Portuguese beside
#: Galician; Russian beside Bulgarian comes to 0.5 to 0.8, and half of one language and half of another to 0.7.
MAX_RUNNER_UP = 0.6
#: Letters of a script that says the language by itself.
MIN_LETTERS = 10
#: Share of the letters that must be of one script, a Han character or Kana counted as three, Hangul as two.
MIN_SCRIPT_SHARE = 0.6
#: Japanese has half its characters in Kana; Chinese has none but in names.
MIN_KANA, MAX_KANA = 0.1, 0.02
#: A word that k languages share weighs WHOLE // k for each: whole numbers, so sums are exact in any order.
WHOLE = 27720
#: Texts are taken in pieces of about so many bytes; a piece needs some twenty times as much memory.
PIECE = 4 * 2**20

SCRIPTS = ("none", "latin", "greek", "cyrillic", "hebrew", "arabic", "thai", "kana", "han", "hangul", "other")
_WEIGHT = {"none": 0, "kana": 3, "han": 3, "hangul": 2}


class Vocabulary(NamedTuple):
    """Function words of all languages, packed.

    languages: names. keys: uint64, sorted, a word's bytes little-endian. starts: int64, shape (keys + 1,), into
    `members`: int64, indices of the languages that have the word. whole: the scripts that are one language.
    """

    languages: tuple[str, ...]
    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    members: NDArray[np.int64]
    whole: dict[str, str]


def guess(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the language of each text as an ISO 639-1 code (string), null where unsure.

    texts: strings; null gives null. Sure is a text with at least four function words of the language that make
    up 12 % of its words and outweigh the next language's clearly, or ten letters of a script of one language.
    A text half in one language and half in another gets null.
    """
    column = pc.fill_null(arrow.large_strings(texts), "")
    data, offsets = arrow.text_view(column)
    names: list[str | None] = []
    begin = 0
    while begin < len(column):
        end = int(np.searchsorted(offsets, offsets[begin] + PIECE, side="right")) - 1
        end = min(max(end, begin + 1), len(column))
        names += _piece(data[offsets[begin] : offsets[end]], offsets[begin : end + 1] - offsets[begin])
        begin = end
    return pa.array(names, pa.string())


@cache
def vocabulary() -> Vocabulary:
    """Return the words of language.toml, ready for look-up."""
    content = tomllib.loads(WORDS.read_text("utf-8"))
    owners: dict[int, set[int]] = {}
    for place, words in enumerate(content["words"].values()):
        for word in words.split():
            owners.setdefault(int.from_bytes(word.encode(), "little"), set()).add(place)
    keys = sorted(owners)
    counts = [len(owners[key]) for key in keys]
    return Vocabulary(
        tuple(content["words"]),
        np.array(keys, np.uint64),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.array([place for key in keys for place in sorted(owners[key])], np.int64),
        content["scripts"],
    )


def _piece(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str | None]:
    letters = _letters(data)
    scripts = _scripts(data, letters, offsets)
    sums = scripts.sum(axis=1)
    top = np.argmax(scripts, axis=1)
    clear = (scripts.max(axis=1) >= MIN_SCRIPT_SHARE * sums) & (sums > 0)
    found: list[str | None] = [None] * len(top)
    for row, name in _by_words(data, letters, offsets):
        if clear[row] and SCRIPTS[top[row]] in ("latin", "cyrillic", "arabic"):
            found[row] = name
    east = scripts[:, SCRIPTS.index("kana")] + scripts[:, SCRIPTS.index("han")]
    clear |= (east >= MIN_SCRIPT_SHARE * sums) & (sums > 0)
    for row in np.flatnonzero(clear & ~np.isin(top, [0, 1, 3, 5])).tolist():
        found[row] = _by_script(scripts[row])
    return found


def _letters(data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which bytes belong to letters: not ASCII marks and digits, not U+0080–00BF, U+2000–2FFF, U+3000–303F."""
    mask = _LETTER[data]
    for lead, width in ((0xC2, 2), (0xE2, 3), (0xEF, 3)):
        at = np.flatnonzero(data == lead)
        for step in range(width):
            mask[at + step] = False
    at = np.flatnonzero(data == 0xE3)
    at = at[data[at + 1] == 0x80]
    for step in range(3):
        mask[at + step] = False
    return mask


def _scripts(data: NDArray[np.uint8], letters: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the weight of each script in each text, shape (texts, scripts), by the first byte of each letter."""
    n, m = len(offsets) - 1, len(SCRIPTS)
    leads = np.flatnonzero((data >= 0xCB) & letters)
    first = data[leads]
    second = data[np.minimum(leads + 1, len(data) - 1)]
    kinds = _SCRIPT[first]
    for lead, low, high, script in _SECOND:
        kinds[(first == lead) & (second >= low) & (second <= high)] = SCRIPTS.index(script)
    rows = np.searchsorted(offsets[1:], leads, side="right")
    counts = np.bincount(rows * m + kinds, minlength=n * m).reshape(n, m)
    latin = np.append(_LATIN[data] & letters, False).astype(np.uint8)
    counts[:, SCRIPTS.index("latin")] += np.where(
        np.diff(offsets) > 0, np.add.reduceat(latin, offsets[:-1], dtype=np.int64), 0
    )
    weights: NDArray[np.int64] = counts * np.array([_WEIGHT.get(name, 1) for name in SCRIPTS], np.int64)
    return weights


def _by_script(weights: NDArray[np.int64]) -> str | None:
    """Return the language that the script says; weights: int64, shape (scripts,)."""
    kana, han = weights[SCRIPTS.index("kana")], weights[SCRIPTS.index("han")]
    name = SCRIPTS[int(np.argmax(weights))]
    if name in ("kana", "han"):
        share = kana / (kana + han)
        enough = kana + han >= MIN_LETTERS
        return ("ja" if share >= MIN_KANA else "zh" if share <= MAX_KANA else None) if enough else None
    enough = weights.max() >= MIN_LETTERS * _WEIGHT.get(name, 1)
    return vocabulary().whole.get(name) if enough else None


def _by_words(data: NDArray[np.uint8], letters: NDArray[np.bool_], offsets: NDArray[np.int64]) -> list[tuple[int, str]]:
    """Return (row, language) of the texts whose function words are clear."""
    known = vocabulary()
    m = len(known.languages)
    n_words, counts, weights = count(_lower(data), letters, offsets, known.keys, known.starts, known.members, m, WHOLE)
    best = np.argmax(weights, axis=1)
    second = np.partition(weights, m - 2, axis=1)[:, m - 2]
    every = np.arange(len(n_words))
    most, top = counts[every, best], weights[every, best]
    sure = (most >= MIN_WORDS) & (most >= MIN_SHARE * n_words) & (second <= MAX_RUNNER_UP * top)
    return [(row, known.languages[best[row]]) for row in np.flatnonzero(sure).tolist()]


def _lower(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the bytes with capitals of ASCII, Latin-1 and Cyrillic made small."""
    low = _LOWER[data]
    for lead, first, last, new, shift in _CAPITALS:
        at = np.flatnonzero(data == lead)
        at = at[(data[at + 1] >= first) & (data[at + 1] <= last)]
        low[at] = new
        low[at + 1] = data[at + 1] + np.uint8(shift % 256)
    return low


#: (first byte, range of second bytes, first byte of the small letter, what is added to the second).
_CAPITALS = (
    (0xC3, 0x80, 0x9E, 0xC3, 0x20),
    (0xD0, 0x80, 0x8F, 0xD1, 0x10),
    (0xD0, 0x90, 0x9F, 0xD0, 0x20),
    (0xD0, 0xA0, 0xAF, 0xD1, -0x20),
)
#: First bytes that several scripts share: (first byte, range of second bytes, script).
_SECOND = (
    (0xE0, 0xB8, 0xB9, "thai"),
    (0xE1, 0xB8, 0xBB, "latin"),
    (0xE3, 0x81, 0x83, "kana"),
    (0xE3, 0x90, 0xBF, "han"),
    (0xEA, 0xB0, 0xBF, "hangul"),
)


def _table(default: int, *ranges: tuple[int, int, int]) -> NDArray[np.uint8]:
    table = np.full(256, default, np.uint8)
    for first, last, value in ranges:
        table[first : last + 1] = value
    return table


_LETTER = _table(0, (0x41, 0x5A, 1), (0x61, 0x7A, 1), (0x80, 0xFF, 1)).astype(bool)
_LATIN = _table(0, (0x41, 0x5A, 1), (0x61, 0x7A, 1), (0xC3, 0xCA, 1)).astype(bool)
_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[0x41:0x5B] += 0x20
_SCRIPT = _table(
    0,
    (0xCE, 0xCF, SCRIPTS.index("greek")),
    (0xD0, 0xD3, SCRIPTS.index("cyrillic")),
    (0xD4, 0xD5, SCRIPTS.index("other")),
    (0xD6, 0xD7, SCRIPTS.index("hebrew")),
    (0xD8, 0xDB, SCRIPTS.index("arabic")),
    (0xDC, 0xE1, SCRIPTS.index("other")),
    (0xE4, 0xE9, SCRIPTS.index("han")),
    (0xEA, 0xEA, SCRIPTS.index("other")),
    (0xEB, 0xED, SCRIPTS.index("hangul")),
    (0xF0, 0xF4, SCRIPTS.index("other")),
)
