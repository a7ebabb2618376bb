"""White space made one space and invisible characters taken out, in one pass."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.tokens import _decode

#: What a character is.
VISIBLE, INVISIBLE, SPACE = 0, 1, 2
_LINE_FEED, _BLANK = 10, 32


class Tidied(NamedTuple):
    """Text `i` is `data[offsets[i]:offsets[i + 1]]`; whether white space in it was changed, whether some was unseen."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    changed: NDArray[np.bool_]
    unseen: NDArray[np.bool_]


def tidied(data: NDArray[np.uint8], offsets: NDArray[np.int64], kinds: NDArray[np.uint8]) -> Tidied:
    """Return the texts, UTF-8, with one blank for each run of SPACE, none before a line's end, and no INVISIBLE.

    data, offsets: text `i` is `data[offsets[i]:offsets[i + 1]]`. kinds: what each code point is, shape (n,); beyond it
    all are VISIBLE. A line feed is no SPACE.
    """
    texts = len(offsets) - 1
    found = Tidied(
        np.empty(int(offsets[-1] - offsets[0]), np.uint8),
        np.zeros(texts + 1, np.int64),
        np.zeros(texts, np.bool_),
        np.zeros(texts, np.bool_),
    )
    _tidy(data, offsets, kinds, *found)
    return found._replace(data=found.data[: found.offsets[-1]])


@njit(nogil=True, cache=True)
def _tidy(data, offsets, kinds, out, ends, changed, unseen):  # type: ignore[no-untyped-def]
    at = 0
    for text in range(len(changed)):
        waits = False  # a blank, for something visible behind it
        i = offsets[text]
        while i < offsets[text + 1]:
            begin = i
            code, i = _decode(data, i)
            kind = kinds[code] if code < len(kinds) else np.uint8(VISIBLE)
            if kind == INVISIBLE:
                unseen[text] = True
                continue
            if kind == SPACE:
                changed[text] |= waits or code != _BLANK
                waits = True
                continue
            if waits and code == _LINE_FEED:
                changed[text] = True
            elif waits:
                out[at] = _BLANK
                at += 1
            waits = False
            for k in range(begin, i):
                out[at] = data[k]
                at += 1
        changed[text] |= waits
        ends[text + 1] = at
