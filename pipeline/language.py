"""Which language a text is in, by its script and its function words; null where that is not certain.

No model: function words make up 20 to 50 % of running text, and they hardly depend on what a text is about.
Words are runs of letters, so a guess does not change when punctuation or the space beside it does.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tomli
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.kernels.function_words import NO_LETTER, Counts, Script, Slots, count, slots

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

SCRIPTS = ("none", "latin", "greek", "cyrillic", "hebrew", "arabic", "thai", "kana", "han", "hangul", "other")
_WEIGHT = {"none": 0, "kana": 3, "han": 3, "hangul": 2}


class Vocabulary(NamedTuple):
    """Function words of all languages, ready for look-up, and the scripts that are one language."""

    languages: tuple[str, ...]
    words: Slots
    whole: dict[str, str]


def guess(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the language of each text as an ISO 639-1 code (string), null where unsure.

    texts: strings; null gives null. Sure is a text with at least four function words of the language that make
    up 12 % of its words and outweigh the next language's clearly, or ten letters of a script of one language.
    A text half in one language and half in another gets null.
    """
    known = vocabulary()
    data, offsets = arrow.text_view(pc.fill_null(arrow.large_strings(texts), ""))
    found = count(data, offsets, SCRIPT, known.words, len(SCRIPTS), len(known.languages), WHOLE)
    scripts = found.scripts * _WEIGHTS
    sums, most, top = scripts.sum(axis=1), scripts.max(axis=1), np.argmax(scripts, axis=1)
    clear = (most >= MIN_SCRIPT_SHARE * sums) & (sums > 0)
    of_words = clear & np.isin(top, _OF_MANY) & _sure(found)
    names = np.array(known.languages, object)[found.language]
    names[~of_words] = None
    clear |= (scripts[:, _EAST].sum(axis=1) >= MIN_SCRIPT_SHARE * sums) & (sums > 0)
    for row in np.flatnonzero(clear & ~np.isin(top, _OF_MANY)).tolist():
        names[row] = _by_script(scripts[row])
    return pa.array(names, pa.string())


def _sure(found: Counts) -> NDArray[np.bool_]:
    sure: NDArray[np.bool_] = (found.known >= MIN_WORDS) & (found.known >= MIN_SHARE * found.words)
    return sure & (found.runner_up <= MAX_RUNNER_UP * found.weight)


@cache
def vocabulary() -> Vocabulary:
    """Return the words of language.toml."""
    content = tomli.loads(WORDS.read_text("utf-8"))
    owners: dict[int, set[int]] = {}
    for place, words in enumerate(content["words"].values()):
        for word in words.split():
            owners.setdefault(int.from_bytes(word.encode(), "little"), set()).add(place)
    keys = sorted(owners)
    counts = [len(owners[key]) for key in keys]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    members = np.array([place for key in keys for place in sorted(owners[key])], np.int64)
    words = slots(np.array(keys, np.uint64), starts, members)
    return Vocabulary(tuple(content["words"]), words, content["scripts"])


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


def _leads() -> NDArray[np.uint8]:
    """Return the script that the first byte of a character says. No letters: ASCII marks and digits, U+0080–00BF
    and, by `_SECOND`, U+3000–303F; U+2000–2FFF, U+F000–FFFF.
    """
    table = np.full(256, NO_LETTER, np.uint8)
    for first, last, script in _FIRST:
        table[first : last + 1] = SCRIPTS.index(script)
    table[[0xE2, 0xEF]] = NO_LETTER
    return table


#: (range of first bytes, script)
_FIRST = (
    (0x41, 0x5A, "latin"),
    (0x61, 0x7A, "latin"),
    (0xC3, 0xCA, "latin"),
    (0xCB, 0xCD, "none"),
    (0xCE, 0xCF, "greek"),
    (0xD0, 0xD3, "cyrillic"),
    (0xD4, 0xD5, "other"),
    (0xD6, 0xD7, "hebrew"),
    (0xD8, 0xDB, "arabic"),
    (0xDC, 0xE1, "other"),
    (0xE3, 0xE3, "none"),
    (0xE4, 0xE9, "han"),
    (0xEA, 0xEA, "other"),
    (0xEB, 0xED, "hangul"),
    (0xEE, 0xEE, "none"),
    (0xF0, 0xF4, "other"),
)
#: First bytes that several scripts share: (first byte, range of second bytes, script).
_SECOND = (
    (0xE0, 0xB8, 0xB9, "thai"),
    (0xE1, 0xB8, 0xBB, "latin"),
    (0xE3, 0x81, 0x83, "kana"),
    (0xE3, 0x90, 0xBF, "han"),
    (0xEA, 0xB0, 0xBF, "hangul"),
)
#: (first byte, range of second bytes, first byte of the small letter, what is added to the second).
_CAPITALS = (
    (0xC3, 0x80, 0x9E, 0xC3, 0x20),
    (0xD0, 0x80, 0x8F, 0xD1, 0x10),
    (0xD0, 0x90, 0x9F, 0xD0, 0x20),
    (0xD0, 0xA0, 0xAF, 0xD1, -0x20),
)
#: What the first bytes of a character say.
SCRIPT = Script(
    _leads(),
    np.array([*((lead, a, b, SCRIPTS.index(name)) for lead, a, b, name in _SECOND), (0xE3, 0x80, 0x80, NO_LETTER)]),
    np.array(_CAPITALS),
)
_WEIGHTS = np.array([_WEIGHT.get(name, 1) for name in SCRIPTS], np.int64)
#: Scripts of many languages, that words must tell apart; and none at all.
_OF_MANY = [SCRIPTS.index(name) for name in ("none", "latin", "cyrillic", "arabic")]
_EAST = [SCRIPTS.index(name) for name in ("kana", "han")]
