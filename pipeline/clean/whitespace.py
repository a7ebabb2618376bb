"""White space and invisible characters: one space between words, none at line ends.

The number of lines stays, so that an edit can say in which line it was. A line that was indented keeps one
space before it: paragraphs are told by it in text that was hard-wrapped.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.clean import classes
from pipeline.kernels.spaces import INVISIBLE, SPACE, VISIBLE, tidied

#: Zero-width space, word joiner, byte order mark, soft hyphen, Mongolian vowel separator: they show nothing
#: and break search. Joiners (U+200C, U+200D) change what is seen, so they stay; direction.py sees to its marks.
_CHARACTERS = "\xad\u180e\u200b\u2060\ufeff"
_NOTHING = dict.fromkeys(map(ord, _CHARACTERS))
#: Spaces of other widths, tabs, form feeds.
_ODD = "[\t\v\f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]"
#: Sequences of classes, one of which is in each text that is not tidy.
HINTS = f"[{_CHARACTERS}]|{_ODD}|  | \n"

Edit = tuple[int, int, str, "str | None", "str | None"]


def tidy(texts: pa.Array, rows: NDArray[np.int64]) -> tuple[pa.Array, list[Edit]]:
    """Return (tidied texts, edits as (row, line, rule, before, after)).

    texts: large_string, nulls stay. rows: those that may have one of HINTS, ascending. One edit `whitespace` a changed
    text, without its words; one edit `invisible` a text that held invisible characters, with the first line that did.
    """
    before = texts.take(pa.array(rows))
    after = tidied(*arrow.text_view(before), _kinds())
    edits: list[Edit] = [(int(row), 0, "whitespace", None, None) for row in rows[after.changed]]
    for row, text in zip(rows[after.unseen].tolist(), before.filter(pa.array(after.unseen)).to_pylist(), strict=True):
        edits.append(_first_invisible(row, text))
    return arrow.put(texts, rows, arrow.of_view(after.data, after.offsets)), edits


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return what each character of the Basic Multilingual Plane is, as `tidied` takes it."""
    [[odd]] = classes.parsed(_ODD)
    kinds = np.where(odd[:-1] | classes.of(" ")[:-1], SPACE, VISIBLE).astype(np.uint8)
    kinds[list(map(ord, _CHARACTERS))] = INVISIBLE
    return kinds


def _first_invisible(row: int, text: str) -> Edit:
    at = min(place for char in _CHARACTERS if (place := text.find(char)) >= 0)
    begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[begin : end if end >= 0 else None]
    return row, text.count("\n", 0, at), "invisible", line, line.translate(_NOTHING)
