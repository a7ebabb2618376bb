"""Which language's function words a text has most of, and what scripts it is in: one pass over its bytes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: Bytes of the longest word that is looked up; longer ones are no function words.
LONGEST = 8
#: In `Script.of_lead`: a character that is no letter.
NO_LETTER = 255

_PRIME = np.uint64(0x9E3779B97F4A7C15)


class Script(NamedTuple):
    """What the first two bytes of a character say of it."""

    of_lead: NDArray[np.uint8]  #: script by the first byte, NO_LETTER: none; shape (256,)
    of_second: Ints  #: shape (k, 4): first byte, range of second bytes, their script or NO_LETTER
    capitals: (
        Ints  #: shape (k, 5): first byte, range of second bytes, first byte of the small letter, added to the second
    )


class Slots(NamedTuple):
    """Function words in an open-addressing table, at most a quarter full."""

    keys: NDArray[np.uint64]  #: a word's bytes, little-endian; 0: free
    starts: Ints  #: the word in slot `i` is of the languages `members[starts[i]:stops[i]]`
    stops: Ints
    members: Ints


class Counts(NamedTuple):
    """What texts hold; of equal languages the first is the best."""

    scripts: Ints  #: letters by script, shape (n, scripts)
    words: Ints  #: shape (n,)
    language: Ints  #: the one whose function words weigh most, shape (n,)
    known: Ints  #: its function words
    weight: Ints  #: their weight
    runner_up: Ints  #: the weight of the next language's


def slots(keys: NDArray[np.uint64], starts: Ints, members: Ints) -> Slots:
    """Return the words `keys` ready for look-up; word `k` is of the languages `members[starts[k]:starts[k + 1]]`."""
    size = 1 << (4 * len(keys)).bit_length()
    found = Slots(np.zeros(size, np.uint64), np.zeros(size, np.int64), np.zeros(size, np.int64), members)
    _fill(keys, starts, found.keys, found.starts, found.stops)
    return found


def count(
    data: NDArray[np.uint8], offsets: Ints, script: Script, known: Slots, scripts: int, languages: int, whole: int
) -> Counts:
    """Return the counts of each text `data[offsets[i]:offsets[i + 1]]` of UTF-8.

    Words are runs of letters, in lower case; one that k languages share weighs `whole // k` for each.
    """
    n = len(offsets) - 1
    of_script, best = np.zeros((n, scripts), np.int64), np.zeros((n, 5), np.int64)
    _count(data, offsets, *script, *known, languages, whole, of_script, best)
    return Counts(of_script, *best.T)


@njit(nogil=True, cache=True)
def _slot(keys, key):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(keys) - 1)
    place = (key * _PRIME) >> np.uint64(40) & mask
    while keys[place] != 0 and keys[place] != key:
        place = (place + np.uint64(1)) & mask
    return np.int64(place)


@njit(nogil=True, cache=True)
def _fill(keys, starts, taken, begins, ends):  # type: ignore[no-untyped-def]
    for k in range(len(keys)):
        place = _slot(taken, keys[k])
        taken[place], begins[place], ends[place] = keys[k], starts[k], starts[k + 1]


@njit(nogil=True, cache=True)
def _count(data, offsets, leads, seconds, capitals, keys, starts, stops, members, languages, whole, scripts, best):  # type: ignore[no-untyped-def]
    counts, weights = np.zeros(languages, np.int64), np.zeros(languages, np.int64)
    for text in range(len(offsets) - 1):
        counts[:], weights[:] = 0, 0
        i, end = offsets[text], offsets[text + 1]
        words, ascii_letters = 0, 0
        while i < end:
            key, length = np.uint64(0), 0
            while i < end:
                first = data[i]
                if first < 0x80:
                    small = np.uint64(first | 0x20)
                    if small < 0x61 or small > 0x7A:
                        i += 1
                        break
                    ascii_letters += 1
                    width = 1
                else:
                    width = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
                    kind = _kind(first, data[i + 1], leads[first], seconds)
                    if kind == NO_LETTER:
                        i += width
                        break
                    scripts[text, kind] += 1
                    small = _small(data, i, width, capitals)
                if length < LONGEST:
                    key |= small << np.uint64(8 * length)
                length += width
                i += width
            if length > 0:
                words += 1
                if length <= LONGEST:
                    _add(keys, key, starts, stops, members, whole, counts, weights)
        scripts[text, leads[0x61]] += ascii_letters
        _best(words, counts, weights, best[text])


@njit(nogil=True, cache=True, inline="always")
def _kind(first, second, kind, seconds):  # type: ignore[no-untyped-def]
    for k in range(len(seconds)):
        if seconds[k, 0] == first and seconds[k, 1] <= second <= seconds[k, 2]:
            kind = seconds[k, 3]
    return kind


@njit(nogil=True, cache=True, inline="always")
def _small(data, i, width, capitals):  # type: ignore[no-untyped-def]
    """Return the bytes of a letter beyond ASCII, made small, as a little-endian number."""
    first, second = np.uint64(data[i]), np.uint64(data[i + 1])
    for k in range(len(capitals)):
        if capitals[k, 0] == first and capitals[k, 1] <= second <= capitals[k, 2]:
            first, second = np.uint64(capitals[k, 3]), np.uint64(np.int64(second) + capitals[k, 4])
            break
    letter = first | second << np.uint64(8)
    for k in range(2, width):
        letter |= np.uint64(data[i + k]) << np.uint64(8 * k)
    return letter


@njit(nogil=True, cache=True)
def _add(keys, key, starts, stops, members, whole, counts, weights):  # type: ignore[no-untyped-def]
    at = _slot(keys, key)
    if keys[at] == key:
        weight = whole // (stops[at] - starts[at])
        for k in range(starts[at], stops[at]):
            counts[members[k]] += 1
            weights[members[k]] += weight


@njit(nogil=True, cache=True)
def _best(words, counts, weights, out):  # type: ignore[no-untyped-def]
    best = np.argmax(weights)
    runner_up = 0
    for k in range(len(weights)):
        if k != best:
            runner_up = max(runner_up, weights[k])
    out[0], out[1], out[2], out[3], out[4] = words, best, counts[best], weights[best], runner_up
