"""What could not be repaired: texts that still look damaged are marked, never hidden."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ftfy import badness
from numpy.typing import NDArray

from pipeline.clean import classes
from pipeline.clean.screen import bad_hints, may_be_bad
from pipeline.kernels.sequences import Sequences, sequences

#: Characters around the place that the evidence shows.
AROUND = 24

#: Tried where a word begins only: `\S*` tried at each letter of a word of 1 MB would take hours.
_URL = re.compile(r"(?<!\S)\S*?(?:://|www\.|[?&]\w+=)\S*")
#: A question mark where a letter was, as a charset that lacks the letter leaves it: `don?t`; twice within
#: words in one paragraph, for `Why?Because` is a missing space; words of nothing else.
_LOST = re.compile(
    r"\b[^\W\d_]+\?(?:s|t|re|ve|ll|d|m)\b"
    r"|[^\W\d_]\?{1,3}(?=[^\W\d_])(?=.*[^\W\d_]\?{1,3}[^\W\d_])"
    r"|(?<!\S)\?{2,} \?{2,} \?{2,}",
    re.DOTALL,
)
_REPLACED = re.compile("\ufffd")
_MAY_BE_LOST = r"\pL\?{1,3}\pL|\?\? \?\?"
#: What is in every such text, as patterns of `classes`.
_REPLACED_HINT, _LOST_HINTS = "\ufffd", r"\?\pL|\?\?"

Rows = NDArray[np.int64]
Screen = Callable[[pa.Array], NDArray[np.bool_]]
_Places = dict[int, tuple[str, str]]


def marks(texts: pa.Array) -> pa.Table:
    """Return the texts that are still damaged: `row` int64 ascending, `rule`, `evidence` (the place in the text).

    texts: large_string without nulls. Rules, at most one a text: `replacement-character` (U+FFFD: bytes
    were lost before or while decoding), `mojibake` (`ftfy.badness.is_bad`, and ftfy found no way back),
    `lost-letters` (question marks where letters were).
    """
    replaced_or_bad, maybe_lost = _hinted(texts)
    lost = _places(texts, maybe_lost, _may_have_lost, "lost-letters", _LOST)
    bad = _places(texts, replaced_or_bad, may_be_bad, "mojibake", badness.BADNESS_RE)
    replaced = _places(texts, replaced_or_bad, _has_replacement, "replacement-character", _REPLACED)
    found = lost | bad | replaced  # of several rules the last named holds
    rows = sorted(found)
    columns = [[found[row][part] for row in rows] for part in (0, 1)]
    arrays = [pa.array(rows, pa.int64()), *(pa.array(column, pa.string()) for column in columns)]
    return pa.Table.from_arrays(arrays, names=["row", "rule", "evidence"])


def _hinted(texts: pa.Array) -> tuple[Rows, Rows]:
    """Return (texts that may be mojibake or have lost bytes, texts that may have question marks for letters)."""
    found = classes.matches(texts, _wanted())
    n = len(classes.parsed(_LOST_HINTS))
    return np.flatnonzero(found[:-n].any(axis=0)), np.flatnonzero(found[-n:].any(axis=0))


@cache
def _wanted() -> Sequences:
    return sequences([*classes.parsed(_REPLACED_HINT), *bad_hints(), *classes.parsed(_LOST_HINTS)])


def _may_have_lost(texts: pa.Array) -> NDArray[np.bool_]:
    return _true(pc.match_substring_regex(texts, _MAY_BE_LOST))


def _has_replacement(texts: pa.Array) -> NDArray[np.bool_]:
    return _true(pc.match_substring(texts, "\ufffd"))


def _places(texts: pa.Array, rows: Rows, screen: Screen, rule: str, pattern: re.Pattern[str]) -> _Places:
    """Return (rule, the place) of each of the texts `rows` that the screen picks and in which the pattern is found."""
    some = texts.take(pa.array(rows))
    picked = screen(some)
    found = {}
    for row, text in zip(rows[picked].tolist(), some.filter(pa.array(picked)).to_pylist(), strict=True):
        seen = _URL.sub(" ", text) if pattern is _LOST else text
        place = pattern.search(seen)
        if place:
            found[row] = rule, seen[max(0, place.start() - AROUND) : place.end() + AROUND]
    return found


def _true(mask: pa.Array) -> NDArray[np.bool_]:
    return np.array(mask.to_numpy(zero_copy_only=False), dtype=bool)
