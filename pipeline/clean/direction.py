"""Marks of writing direction (bidi controls): removed where they can do nothing but harm.

In a text without a letter that is written from right to left they show nothing or, as U+202E does, turn Latin text
round. In one with such letters only those go that are not paired: an opening one that no later one closes within
its line (Unicode's paragraph), and a closing one that closes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow

#: Embeddings and overrides, which U+202C closes; isolates, which U+2069 closes; and the marks that stand alone.
EMBEDDINGS, POP_EMBEDDING = "\u202a\u202b\u202d\u202e", "\u202c"
ISOLATES, POP_ISOLATE = "\u2066\u2067\u2068", "\u2069"
#: The class of all of them: one is in each text that may change.
HINTS = "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
#: Hebrew to Arabic Extended-A, presentation forms, and the blocks of the supplementary plane kept for such scripts.
RIGHT_TO_LEFT = (
    r"[\x{590}-\x{61b}\x{61d}-\x{8ff}\x{fb1d}-\x{fdff}\x{fe70}-\x{fefc}\x{10800}-\x{10fff}\x{1e800}-\x{1efff}]"
)

Edit = tuple[int, int, str, "str | None", "str | None"]


def undirected(texts: pa.Array, rows: NDArray[np.int64]) -> tuple[pa.Array, list[Edit]]:
    """Return (texts without needless bidi controls, edits as (row, line, `bidi`, before, after)).

    texts: large_string, nulls stay. rows: those that may have one of HINTS, ascending; no nulls among them. The number
    of lines stays; there is one edit a changed line.
    """
    some = texts.take(pa.array(rows))
    needed = _matches(some, RIGHT_TO_LEFT).tolist()
    edits: list[Edit] = []
    fixed: list[str] = []
    for row, text, keep in zip(rows.tolist(), some.to_pylist(), needed, strict=True):
        lines = text.split("\n")
        after = [paired(line) if keep else line.translate(_NOTHING) for line in lines]
        changed = [place for place in range(len(lines)) if lines[place] != after[place]]
        edits += [(row, place, "bidi", lines[place], after[place]) for place in changed]
        fixed.append("\n".join(after))
    return arrow.put(texts, rows, pa.array(fixed, pa.large_string())), edits


def paired(line: str) -> str:
    """Return the line without opening controls that are never closed and closing ones that close nothing.

    As in Unicode's bidirectional algorithm (UAX #9, X1 to X8) the end of an isolate closes the embeddings that
    were opened within it, and U+202C does not reach out of an isolate.
    """
    gone: set[int] = set()
    stack: list[int] = []
    for at, char in enumerate(line):
        if char in EMBEDDINGS or char in ISOLATES:
            stack.append(at)
        elif char == POP_EMBEDDING:
            if stack and line[stack[-1]] in EMBEDDINGS:
                stack.pop()
            else:
                gone.add(at)
        elif char == POP_ISOLATE:
            gone |= _close_isolate(line, stack, at)
    gone |= set(stack)
    return "".join(char for at, char in enumerate(line) if at not in gone) if gone else line


def _close_isolate(line: str, stack: list[int], at: int) -> set[int]:
    """Take the isolate off the stack; return the places of what was open within it, or `at` where none is open."""
    if not any(line[place] in ISOLATES for place in stack):
        return {at}
    within: set[int] = set()
    while line[stack[-1]] not in ISOLATES:
        within.add(stack.pop())
    stack.pop()
    return within


_NOTHING = dict.fromkeys([0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    return np.array(found.to_numpy(zero_copy_only=False), dtype=bool)
