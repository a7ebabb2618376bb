"""What could not be repaired: texts that still look damaged are marked, never hidden."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ftfy import badness
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.clean.screen import may_be_bad

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


_Places = dict[int, tuple[str, str]]


def marks(texts: pa.Array) -> pa.Table:
    """Return the texts that are still damaged: `row` int64 ascending, `rule`, `evidence` (the place in the text).

    texts: large_string without nulls. Rules, at most one a text: `replacement-character` (U+FFFD: bytes
    were lost before or while decoding), `mojibake` (`ftfy.badness.is_bad`, and ftfy found no way back),
    `lost-letters` (question marks where letters were).
    """
    lost = _places(texts, _may_have_lost(texts), "lost-letters", _LOST)
    bad = _places(texts, may_be_bad(texts), "mojibake", badness.BADNESS_RE)
    replaced = _places(texts, _true(pc.match_substring(texts, "\ufffd")), "replacement-character", _REPLACED)
    found = lost | bad | replaced  # of several rules the last named holds
    rows = sorted(found)
    columns = [[found[row][part] for row in rows] for part in (0, 1)]
    arrays = [pa.array(rows, pa.int64()), *(pa.array(column, pa.string()) for column in columns)]
    return pa.Table.from_arrays(arrays, names=["row", "rule", "evidence"])


def _may_have_lost(texts: pa.Array) -> NDArray[np.bool_]:
    """Tell which texts may have question marks for letters; few have a question mark at all, and that is soon seen."""
    found = np.zeros(len(texts), bool)
    data, offsets = arrow.text_view(texts)
    places = np.flatnonzero(data[offsets[0] : offsets[-1]] == ord("?")) + offsets[0]
    rows = np.unique(np.searchsorted(offsets, places, side="right") - 1)
    found[rows] = _true(pc.match_substring_regex(texts.take(pa.array(rows)), _MAY_BE_LOST))
    return found


def _places(texts: pa.Array, maybe: NDArray[np.bool_], rule: str, pattern: re.Pattern[str]) -> _Places:
    """Return (rule, the place) of each text that a screen has picked and in which the pattern is found."""
    rows = np.flatnonzero(maybe)
    found = {}
    for row, text in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
        seen = _URL.sub(" ", text) if pattern is _LOST else text
        place = pattern.search(seen)
        if place:
            found[row] = rule, seen[max(0, place.start() - AROUND) : place.end() + AROUND]
    return found


def _true(mask: pa.Array) -> NDArray[np.bool_]:
    return np.array(mask.to_numpy(zero_copy_only=False), dtype=bool)
