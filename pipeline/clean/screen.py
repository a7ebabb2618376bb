"""Which texts could the configured ftfy change at all? A sound guess, in two looks.

ftfy runs at 1 to 8 MB/s, and most text needs nothing from it. `suspects` finds a superset of the texts
that `ftfy.fix_text` would change: each of its fixers acts only where a character of its own stands or
where its own pattern matches, and those characters and patterns are taken from ftfy's tables. The first look,
for `hints`, takes 0.8 ns a byte and leaves hardly more texts than the second, RE2's, which sees no others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, reduce
from operator import or_
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ftfy import TextFixerConfig, badness, chardata
from numpy.typing import NDArray

from pipeline.clean import classes
from pipeline.kernels.sequences import Class, Sequences, sequences
from pipeline.kernels.unicode import not_ideographs

#: The fixers behind the decoding, in ftfy's order; each acts on characters of its own only.
FIXERS = (
    "fix_c1_controls",
    "fix_latin_ligatures",
    "fix_character_width",
    "uncurl_quotes",
    "fix_line_breaks",
    "fix_surrogates",
    "remove_terminal_escapes",
    "remove_control_chars",
)

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

#: Python's \\s and \\w, or more: RE2 knows ASCII only, and its tables may be of another Unicode version.
_SPACE = r"[\s\x{b}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
#: Beyond stand private use, tags and variation selectors: nothing there normalises.
LAST = 0x33480
_WORD = r"[^\x00-/:-@\[-^`{-\x7f]"
#: What is mojibake beside characters that are common, and letters between which ftfy takes other characters for it.
_ALONE, _TWICE = "ÂÃÎÐŒœØÙ√Ђ", "ВГРСΒΓΞΟ"
#: A character class, an escape, a comment, white space, or any one character of a verbose pattern.
_PIECE = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.[0-9a-f]{0,2}|#[^\n]*|\s+|.", re.DOTALL)


def suspects(texts: pa.Array, config: TextFixerConfig) -> NDArray[np.bool_]:
    """Return for each text (large_string without nulls) whether `ftfy.fix_text` could change it."""
    config = config._replace(explain=True, max_decode_length=0)  # neither matters here, and `cache` would tell apart
    return _looked(texts, _wanted(config), lambda some: _surely(some, config))


def may_be_bad(texts: pa.Array) -> NDArray[np.bool_]:
    """Return for each text whether `ftfy.is_bad` could say that it is mojibake."""
    return _looked(texts, _bad(), lambda some: _matches(some, re2_of(badness.BADNESS_RE.pattern)))


def hints(config: TextFixerConfig) -> list[list[Class]]:
    """Return sequences of classes, one of which is in each text that `ftfy.fix_text` could change."""
    found = [[classes.of(_characters(config))]]
    if config.normalization is not None:
        found.append([classes.of(_unstable(config.normalization))])
    if config.unescape_html:
        found += classes.parsed("&[#0-9A-Za-z]")
    return found + (bad_hints() if config.fix_encoding else [])


@cache
def bad_hints() -> list[list[Class]]:
    """Return sequences of classes, one of which is in each text that `ftfy.is_bad` could take for mojibake.

    Coarser than its pattern, which has more classes than a state has places; a test holds the two together.
    """
    kinds = {name: classes.members(characters) for name, characters in badness.MOJIBAKE_CATEGORIES.items()}
    letters = kinds["lower_common"] | kinds["upper_common"]
    rare = reduce(or_, [kinds[name] for name in kinds if name not in ("common", "c1", "lower_common", "upper_common")])
    marks = rare & ~kinds["lower_accented"] & ~kinds["upper_accented"]
    return [
        [classes.of(_ALONE) | kinds["c1"]],
        [rare, rare & ~kinds["lower_accented"]],
        [marks, rare],
        [rare | letters, kinds["upper_accented"] | kinds["bad"] | kinds["currency"]],
        [classes.of(_TWICE), classes.members("^\0-\x7f") & ~letters, classes.of(_TWICE)],
    ]


def unusual(texts: pa.Array, config: TextFixerConfig) -> NDArray[np.bool_]:
    """Return for each text whether it has a character on which one of the configured fixers acts."""
    found: NDArray[np.bool_] = classes.matches(texts, _unusual(config))[0]
    return found


def acted_on(texts: pa.Array, fixer: str) -> NDArray[np.bool_]:
    """Return for each text whether it has a character on which this one of the FIXERS acts."""
    found: NDArray[np.bool_] = classes.matches(texts, _acting(fixer))[0]
    return found


def unnormalised(texts: pa.Array, form: Form) -> NDArray[np.bool_]:
    """Return for each text whether it is not in the normal form; exact."""
    found: NDArray[np.bool_] = classes.matches(texts, _changing(form))[0]
    risky = np.flatnonzero(found)
    found[risky] = [not unicodedata.is_normalized(form, text) for text in texts.take(pa.array(risky)).to_pylist()]
    return found


def _looked(texts: pa.Array, wanted: Sequences, again: Callable[[pa.Array], NDArray[np.bool_]]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.any(classes.matches(texts, wanted), axis=0)
    rows = np.flatnonzero(found)
    found[rows] = again(texts.take(pa.array(rows)))
    return found


def _surely(texts: pa.Array, config: TextFixerConfig) -> NDArray[np.bool_]:
    found = _matches(texts, _pattern(config))
    return found if config.normalization is None else found | unnormalised(texts, config.normalization)


@cache
def _wanted(config: TextFixerConfig) -> Sequences:
    return sequences(hints(config))


@cache
def _bad() -> Sequences:
    return sequences(bad_hints())


@cache
def _acting(fixer: str) -> Sequences:
    return sequences([[classes.of(_acted_on(fixer))]])


@cache
def _unusual(config: TextFixerConfig) -> Sequences:
    return sequences([[classes.of(_characters(config))]])


@cache
def _changing(form: Form) -> Sequences:
    return sequences([[classes.of(_unstable(form))]])


@cache
def _pattern(config: TextFixerConfig) -> str:
    parts = [_class(_characters(config))]
    if config.unescape_html:
        parts.append(chardata.HTML_ENTITY_RE.pattern)
    if config.fix_encoding:
        parts.append(re2_of(badness.BADNESS_RE.pattern))
    return "|".join(parts)


def _characters(config: TextFixerConfig) -> set[str]:
    """Return the characters on which the fixers that look at single characters act."""
    found = set[str]().union(*(_acted_on(fixer) for fixer in FIXERS if getattr(config, fixer)))
    return found or {"\x00"}


def _acted_on(fixer: str) -> set[str]:
    """Return the characters without which one of the FIXERS does nothing; less surrogates, which Arrow has not."""
    found: dict[str, Iterable[int] | str] = {
        "fix_c1_controls": range(0x80, 0xA0),
        "fix_latin_ligatures": chardata.LIGATURES,
        "fix_character_width": chardata.WIDTH_MAP,
        "uncurl_quotes": "\u02bc\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f",
        "fix_line_breaks": "\r\u2028\u2029\x85",
        "fix_surrogates": "",
        "remove_terminal_escapes": "\x1b",
        "remove_control_chars": chardata.CONTROL_CHARS,
    }
    characters = {char if isinstance(char, str) else chr(char) for char in found[fixer]}
    return {char for char in characters if not 0xD800 <= ord(char) < 0xE000}


@cache
def _unstable(form: Form) -> frozenset[str]:
    """Return the characters without which every text is in that normal form.

    Such as change by themselves, combine with what stands before, or are put in order: marks, Jamo, and
    second characters of canonical decompositions.
    """
    found: set[str] = set()
    for code in not_ideographs(LAST):
        char = chr(code)
        decomposed = unicodedata.normalize("NFD", char)
        found.update(decomposed[1:])
        if unicodedata.category(char)[0] == "M" or unicodedata.normalize(form, char) != char:
            found.add(char)
    return frozenset(found | {chr(code) for code in range(0x1100, 0x1200)})


def _class(characters: Iterable[str]) -> str:
    r"""Return an RE2 class of the characters, neighbours as ranges of `\x{…}`."""
    codes = sorted(map(ord, characters))
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "[" + "".join(rf"\x{{{a:x}}}-\x{{{b:x}}}" for a, b in runs) + "]"


@cache
def re2_of(verbose: str) -> str:
    """Return a verbose pattern of `re` as a pattern that RE2 takes, and that matches at least as much."""
    return "".join(_translated(piece) for piece in _PIECE.findall(verbose))


def _translated(piece: str) -> str:
    if piece[0] == "#" or piece.isspace():
        return ""
    return {r"\s": _SPACE, r"\w": _WORD, "^": "(?m:^)"}.get(piece, piece)


def _matches(texts: pa.Array, pattern: str) -> NDArray[np.bool_]:
    return np.array(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), dtype=bool)
