"""White space and invisible characters: one space between words, none at line ends.

The number of lines stays, so that an edit can say in which line it was. A line that was indented keeps one
space before it: paragraphs are told by it in text that was hard-wrapped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow

#: Zero-width space, word joiner, byte order mark, soft hyphen, Mongolian vowel separator: they show nothing
#: and break search. Joiners (U+200C, U+200D) change what is seen, so they stay; direction.py sees to its marks.
INVISIBLE = r"[\x{ad}\x{180e}\x{200b}\x{2060}\x{feff}]"
_CHARACTERS = "\xad\u180e\u200b\u2060\ufeff"
_NOTHING = dict.fromkeys(map(ord, _CHARACTERS))
#: Spaces of other widths, tabs, form feeds.
ODD = r"[\t\v\f\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]"
#: Sequences of classes, one of which is in each text that is not tidy.
HINTS = f"[{_CHARACTERS}]|[\t\v\f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]|  | \n"

Edit = tuple[int, int, str, "str | None", "str | None"]


def tidy(texts: pa.Array, rows: NDArray[np.int64]) -> tuple[pa.Array, list[Edit]]:
    """Return (tidied texts, edits as (row, line, rule, before, after)).

    texts: large_string, nulls stay. rows: those that may have one of HINTS, ascending. One edit `whitespace` a changed
    text, without its words; one edit `invisible` a text that held invisible characters, with the first line that did.
    """
    before = texts.take(pa.array(rows))
    unseen = _matches(before, INVISIBLE)
    seen = pc.replace_substring_regex(before, INVISIBLE, "")
    after = pc.replace_substring_regex(seen, ODD, " ")
    after = pc.replace_substring_regex(after, " {2,}", " ")
    after = pc.replace_substring_regex(after, "(?m: +$)", "")
    edits: list[Edit] = [(int(row), 0, "whitespace", None, None) for row in rows[_different(seen, after)]]
    for row, text in zip(rows[unseen].tolist(), before.filter(pa.array(unseen)).to_pylist(), strict=True):
        edits.append(_first_invisible(row, text))
    return arrow.put(texts, rows, after), edits


def _first_invisible(row: int, text: str) -> Edit:
    at = min(place for char in _CHARACTERS if (place := text.find(char)) >= 0)
    begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[begin : end if end >= 0 else None]
    return row, text.count("\n", 0, at), "invisible", line, line.translate(_NOTHING)


def _different(a: Any, b: Any) -> NDArray[np.bool_]:
    return np.array(pc.not_equal(a, b).to_numpy(zero_copy_only=False), dtype=bool)


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    return np.array(
        pc.fill_null(pc.match_substring_regex(texts, pattern), False).to_numpy(zero_copy_only=False), dtype=bool
    )
