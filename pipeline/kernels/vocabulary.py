"""Words of lines that also stand in the running text of their document."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Words(NamedTuple):
    """Words of texts, and the document of each text."""

    hashes: NDArray[np.uint64]  #: from `tokens.tokenise`
    starts: NDArray[np.int64]
    docs: NDArray[np.int64]  #: ascending, shape (texts,)


def known_words(prose: Words, lines: Words, own: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many words of each line its document's prose has too, shape (lines,).

    own: bool, shape (lines,): the line is itself part of `prose`; then its own words do not count.
    """
    first = np.searchsorted(prose.docs, lines.docs, side="left")
    end = np.searchsorted(prose.docs, lines.docs, side="right")
    out = np.zeros(len(lines.docs), dtype=np.int64)
    _known(prose.hashes, prose.starts, first, end, lines.hashes, lines.starts, own, out)
    return out


@njit(nogil=True, cache=True, inline="always")
def _place(words, word, mask):  # type: ignore[no-untyped-def]
    """Return the slot that holds the word or is free for it; hashes are never 0 but for one word in 2^64."""
    place = word & mask
    while words[place] != 0 and words[place] != word:
        place = (place + np.uint64(1)) & mask
    return place


@njit(nogil=True, cache=True)
def _known(prose, prose_starts, first, end, hashes, starts, own, out):  # type: ignore[no-untyped-def]
    begin = 0
    while begin < len(out):
        stop = begin + 1
        while stop < len(out) and first[stop] == first[begin] and end[stop] == end[begin]:
            stop += 1
        size = 16
        while size < 2 * (starts[stop] - starts[begin]):
            size *= 2
        # The table is of the lines' words, which are few: that of the prose would not fit into the cache.
        words, count, mask = np.zeros(size, np.uint64), np.zeros(size, np.int32), np.uint64(size - 1)
        for i in range(starts[begin], starts[stop]):
            words[_place(words, hashes[i], mask)] = hashes[i]
        for i in range(prose_starts[first[begin]], prose_starts[end[begin]]):
            place = _place(words, prose[i], mask)
            count[place] += words[place] == prose[i]
        for line in range(begin, stop):
            for i in range(starts[line], starts[line + 1]):
                count[_place(words, hashes[i], mask)] -= own[line]
            for i in range(starts[line], starts[line + 1]):
                out[line] += count[_place(words, hashes[i], mask)] > 0
            for i in range(starts[line], starts[line + 1]):
                count[_place(words, hashes[i], mask)] += own[line]
        begin = stop
