"""Sampled shingles, texts that share many of them, and how much of the smaller text lies in the larger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.kernels.shingles import BASE, power, roll

#: A sampled shingle has zeros at its top: the 32 bits below 8 of them tell samples apart, whatever was sampled.
_ZEROS = np.uint64(8)
_HIGH, _LOW = np.uint64(0xFFFFFFFF00000000), np.uint64(0xFFFFFFFF)


def sample(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], n: int, bits: int
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Return (shingle, counts): the `n`-word shingles whose hash has `bits` zeros at its top, text after text.

    A shingle is sampled in all texts or in none (FracMinHash: Irber et al., Lightweight compositional
    analysis of metagenomes with FracMinHash, 2022), so shared samples estimate containment whatever the
    sizes. The hash is the polynomial as it is: its top depends on all bits of all words, and those are mixed.
    hashes, starts: as `tokens.tokenise` returns them. counts: of each text, repeated ones included.
    """
    shingle = np.empty(len(hashes) + 1, dtype=np.uint64)
    counts = np.zeros(len(starts) - 1, dtype=np.int32)
    count = int(_sample(hashes, starts, n, power(n), np.uint64((1 << 64 - bits) - 1), shingle, counts))
    return shingle[:count].copy(), counts


def keys(
    shingle: NDArray[np.uint64],
    first: int,
    starts: NDArray[np.int64],
    number: NDArray[Any],
    part: tuple[int, int],
) -> NDArray[np.uint64]:
    """Return a key of each sample: the high half is its shingle's, the low half the number of its text.

    shingle: the samples from number `first` on; text `i` has those from number `starts[i]` to `starts[i + 1]`.
    number: of each text, below 2 ** 32; below 0: takes no part. part: (r, of n), the r-th of n ranges of shingles.
    """
    found = np.empty(len(shingle) + 1, dtype=np.uint64)
    ranges = np.uint64(part[0]), np.uint64(part[1])
    return found[: int(_keys(shingle, first, starts, number, *ranges, found))].copy()


def groups(key: NDArray[np.uint64], counts: NDArray[np.int32], members: NDArray[Any]) -> NDArray[np.int64]:
    """Fill `members` with the distinct texts, ascending, of each shingle that more than one has; return how many each.

    key: as `keys` gives them, sorted. counts: of each text; its distinct samples are added there.
    """
    sizes = np.empty(len(key) // 2 + 1, dtype=np.int64)
    return sizes[: int(_groups(key, counts, members, sizes))]


def proposals(
    members: NDArray[Any],
    bounds: NDArray[np.int64],
    need: NDArray[np.int32],
    cap: int,
    capped: NDArray[np.bool_],
    scratch: NDArray[Any],
    at_once: int = 2**16,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (smaller, larger): texts of which the first has at least `need[smaller]` groups in common with the second.

    Texts are numbered by size, the largest 0. members, bounds: group `g` is `members[bounds[g]:bounds[g + 1]]`,
    ascending. cap: of each group a text is held against the `cap` largest only; `capped` tells of which text
    that left some out. scratch: int32 or int64, of the length of `members`. `smaller` ascends over all that is
    yielded, some `at_once` pairs at a time.
    """
    n = len(need)
    starts = np.concatenate([[0], np.cumsum(np.bincount(members, minlength=n))]).astype(np.int64)
    _transpose(members, bounds, starts[:-1].copy(), scratch)
    shared, touched = np.zeros(n, dtype=np.int32), np.empty(n, dtype=np.int64)
    room, text = at_once + n, 0
    while text < n:
        left, right = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
        text, count = _propose(
            text, members, bounds, scratch, starts, need, cap, at_once, shared, touched, capped, left, right
        )
        yield left[:count], right[:count]


def shares(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], n: int, left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return |A ∩ B| / |A| for the sets A, B of `n`-word shingles of texts (left[k], right[k]); 0 when A is empty.

    hashes, starts: as `tokens.tokenise` returns them. Pairs of one left text should follow each other: its set is
    then made once.
    """
    out = np.zeros(len(left))
    slots = 1 << _bits.py_func(int(np.diff(starts).max(initial=1)))
    table, stamps, met = np.empty(slots, np.uint64), np.zeros(slots, np.int32), np.zeros(slots, np.int32)
    _shares(hashes, starts, n, power(n), left, right, table, stamps, met, out)
    return out


def resolve(row: NDArray[np.int64], container: NDArray[np.int64], items: int) -> NDArray[np.int64]:
    """Return the pairs to believe: of each row the first whose container is in no other that stays itself.

    row, container: pairs in an order in which all pairs of a container come before those of what lies in it.
    """
    chosen = np.empty(len(row), dtype=np.int64)
    return chosen[: int(_resolve(row, container, np.zeros(items, np.bool_), chosen))]


@njit(nogil=True, cache=True)
def _sample(hashes, starts, n, weight, largest, shingle, counts):  # type: ignore[no-untyped-def]
    count = 0
    for text in range(len(counts)):
        first, last, begin = starts[text], starts[text + 1], count
        h = np.uint64(0)
        for i in range(first, min(first + n - 1, last)):
            h = h * BASE + hashes[i]
        for i in range(first + n - 1, last):
            oldest = hashes[i - n] if i - first >= n else np.uint64(0)
            h = roll(h, oldest, hashes[i], weight)
            # Written always, counted sometimes: a branch that is taken one time in eight takes 3 times as long.
            shingle[count] = h
            count += h <= largest
        counts[text] = count - begin
    return count


@njit(nogil=True, cache=True)
def _keys(shingle, first, starts, number, part, parts, found):  # type: ignore[no-untyped-def]
    count, end = 0, first + len(shingle)
    text = np.searchsorted(starts, first, side="right") - 1
    while text < len(number) and starts[text] < end:
        if number[text] >= 0:
            for i in range(max(starts[text], first) - first, min(starts[text + 1], end) - first):
                key = shingle[i] << _ZEROS & _HIGH
                found[count] = key | np.uint64(number[text])
                count += parts == 1 or ((key >> np.uint64(32)) * parts) >> np.uint64(32) == part
        text += 1
    return count


@njit(nogil=True, cache=True)
def _groups(key, counts, members, sizes):  # type: ignore[no-untyped-def]
    n_members, n_groups, begin = 0, 0, 0
    while begin < len(key):
        end, size = begin, 0
        while end < len(key) and key[end] & _HIGH == key[begin] & _HIGH:
            if end == begin or key[end] != key[end - 1]:
                members[n_members + size] = np.int64(key[end] & _LOW)
                counts[members[n_members + size]] += 1
                size += 1
            end += 1
        if size > 1:
            sizes[n_groups] = size
            n_groups += 1
            n_members += size
        begin = end
    return n_groups


@njit(nogil=True, cache=True)
def _transpose(members, bounds, place, of_text):  # type: ignore[no-untyped-def]
    for group in range(len(bounds) - 1):
        for i in range(bounds[group], bounds[group + 1]):
            of_text[place[members[i]]] = group
            place[members[i]] += 1


@njit(nogil=True, cache=True)
def _propose(  # type: ignore[no-untyped-def]
    text, members, bounds, of_text, starts, need, cap, at_once, shared, touched, capped, left, right
):
    count = 0
    while text < len(need) and count < at_once:
        met = 0
        for e in range(starts[text], starts[text + 1]):
            begin = bounds[of_text[e]]
            for i in range(begin, bounds[of_text[e] + 1]):
                other = members[i]
                if other >= text:
                    break
                if i - begin == cap:
                    capped[text] = True
                    break
                if shared[other] == 0:
                    touched[met] = other
                    met += 1
                shared[other] += 1
        for k in range(met):
            if shared[touched[k]] >= need[text]:
                left[count], right[count] = text, touched[k]
                count += 1
            shared[touched[k]] = 0
        text += 1
    return text, count


@njit(nogil=True, cache=True)
def _bits(words):  # type: ignore[no-untyped-def]
    """Return the bits of a slot's number in a table for the shingles of a text.

    Most shingles of the other text are in none: a table that is one eighth full tells so twice as fast as one that is
    half full, for the processor foresees it. One that no cache holds anyway is not made larger for that.
    """
    slots, bits = max(min(8 * words, 2**18), 2 * words), 4
    while (1 << bits) < slots:
        bits += 1
    return bits


@njit(nogil=True, cache=True)
def _shares(hashes, starts, n, weight, left, right, table, stamps, met, out):  # type: ignore[no-untyped-def]
    size, shift, mask = 0, np.uint64(0), 0
    for k in range(len(left)):
        if k == 0 or left[k] != left[k - 1]:
            first, last = starts[left[k]], starts[left[k] + 1]
            bits = _bits(last - first)
            size, shift, mask, h = 0, np.uint64(64 - bits), (1 << bits) - 1, np.uint64(0)
            for i in range(first, last):
                h = roll(h, hashes[i - n] if i - first >= n else np.uint64(0), hashes[i], weight)
                if i - first >= n - 1:
                    place = np.int64(h >> shift)
                    while stamps[place] == k + 1 and table[place] != h:
                        place = (place + 1) & mask
                    if stamps[place] != k + 1:
                        table[place], stamps[place] = h, k + 1
                        size += 1
            stamp = k + 1
        first, last, shared, h = starts[right[k]], starts[right[k] + 1], 0, np.uint64(0)
        for i in range(first, last):
            h = roll(h, hashes[i - n] if i - first >= n else np.uint64(0), hashes[i], weight)
            if i - first >= n - 1:
                place = np.int64(h >> shift)
                while stamps[place] == stamp and table[place] != h:
                    place = (place + 1) & mask
                if stamps[place] == stamp and met[place] != k + 1:
                    met[place] = k + 1
                    shared += 1
        out[k] = shared / size if size else 0.0


@njit(nogil=True, cache=True)
def _resolve(row, container, gone, chosen):  # type: ignore[no-untyped-def]
    count = 0
    for k in range(len(row)):
        if not gone[row[k]] and not gone[container[k]]:
            gone[row[k]] = True
            chosen[count] = k
            count += 1
    return count
