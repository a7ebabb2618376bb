"""How many function words of each language a text has: one pass over its bytes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: Bytes of the longest word that is looked up; longer ones are no function words.
LONGEST = 8


def count(
    data: NDArray[np.uint8],
    letters: NDArray[np.bool_],
    offsets: Ints,
    keys: NDArray[np.uint64],
    starts: Ints,
    members: Ints,
    languages: int,
    whole: int,
) -> tuple[Ints, Ints, Ints]:
    """Return (words, function words by language, their weight by language): shapes (n,), (n, languages) twice.

    data: lower case; text `i` is `data[offsets[i]:offsets[i + 1]]`, its words are its runs of `letters`.
    keys: the known words, each a little-endian number, ascending; word `k` is of the languages
    `members[starts[k]:starts[k + 1]]` and weighs `whole` divided by their number for each.
    """
    n = len(offsets) - 1
    words = np.zeros(n, np.int64)
    counts, weights = np.zeros((n, languages), np.int64), np.zeros((n, languages), np.int64)
    _count(data, letters, offsets, keys, starts, members, whole, words, counts, weights)
    return words, counts, weights


@njit(nogil=True, cache=True)
def _count(data, letters, offsets, keys, starts, members, whole, words, counts, weights):  # type: ignore[no-untyped-def]
    for text in range(len(words)):
        i, end = offsets[text], offsets[text + 1]
        while i < end:
            if not letters[i]:
                i += 1
                continue
            begin, key = i, np.uint64(0)
            while i < end and letters[i]:
                if i - begin < LONGEST:
                    key |= np.uint64(data[i]) << np.uint64(8 * (i - begin))
                i += 1
            words[text] += 1
            if i - begin > LONGEST:
                continue
            at = np.searchsorted(keys, key)
            if at == len(keys) or keys[at] != key:
                continue
            weight = whole // (starts[at + 1] - starts[at])
            for k in range(starts[at], starts[at + 1]):
                counts[text, members[k]] += 1
                weights[text, members[k]] += weight
