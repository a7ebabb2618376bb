"""What differs between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

#: A word with the white space before it, so that texts are the words joined.
_WORD = re.compile(r"\s*\S+|\s+$")
#: From so many words on the most frequent ones are not looked up: comparing two books takes seconds otherwise.
LONG = 5000


class Piece(NamedTuple):
    """A stretch of two texts: the same in both, or `before` in place of `after`."""

    same: bool
    before: str
    after: str


def pieces(before: str, after: str) -> list[Piece]:
    """Return the stretches of two texts in order; all `before` joined are the one, all `after` the other."""
    left, right = _WORD.findall(before), _WORD.findall(after)
    found = SequenceMatcher(None, left, right, autojunk=max(len(left), len(right)) > LONG)
    return [Piece(kind == "equal", "".join(left[a:b]), "".join(right[c:d])) for kind, a, b, c, d in found.get_opcodes()]


def differing(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield the stretches that differ, without the white space around."""
    for piece in pieces(before, after):
        if not piece.same:
            yield piece.before.strip(), piece.after.strip()
