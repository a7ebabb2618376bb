"""Equal word sequences: found by a 128-bit key, compared word by word before anything is believed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.arrow import text_view
from pipeline.dedup.ahead import ahead
from pipeline.dedup.memory import stretches
from pipeline.dedup.sketches import Rows, Sketches
from pipeline.dedup.texts import Fetch
from pipeline.kernels import components
from pipeline.kernels.tokens import same_words

#: Words whose texts are in memory together while they are compared, in each of three stretches.
WORDS_AT_ONCE = 2_000_000
#: A slot of the key table: two halves, an item; at most half full.
BYTES_A_KEY = 2 * (8 + 8 + 8)


def copies(
    sketches: Sketches, keep_order: Rows, place: NDArray[Any], n_words: NDArray[Any], fetch: Fetch, memory: int
) -> tuple[Rows, Rows]:
    """Return (copies, originals): rows whose words are those of a row that comes before them in keep order.

    place: of each row its place in `keep_order`, -1 for none. n_words: of each row. memory: bytes.
    """
    first = _firsts(sketches, place, len(keep_order), memory)
    again = np.flatnonzero(first < np.arange(len(first)))
    again = again[np.argsort(first[again], kind="stable")]  # copies of one original are fetched together
    rows, originals = keep_order[again], keep_order[first[again]]
    same = _same(rows, originals, n_words, fetch, memory)
    return rows[same], originals[same]


def _firsts(sketches: Sketches, place: NDArray[Any], items: int, memory: int) -> NDArray[Any]:
    """Return for each place the first place with the same key."""
    first = np.arange(items, dtype=place.dtype)
    parts = max(1, -(-items * BYTES_A_KEY // memory))
    for part in range(parts):
        _fill(sketches, place, (part, parts), items // parts + 1024, first)
    return first


def _fill(sketches: Sketches, place: NDArray[Any], part: tuple[int, int], room: int, first: NDArray[Any]) -> None:
    """Fill `first` for the keys of one hash range, with a table for `room` keys, or more when they are more."""
    hashes, item = components.table(room, place.dtype.type)
    seen, used = (hashes, np.empty_like(hashes), item), 0
    for row, (key_0, key_1) in sketches.chunks("key_0", "key_1"):
        items = place[row : row + len(key_0)]
        used = components.first_of_key((key_0, key_1), items, part, seen, used)
        if used < 0:
            return _fill(sketches, place, part, 2 * room, first)
    for row, (key_0, key_1) in sketches.chunks("key_0", "key_1"):
        items = place[row : row + len(key_0)]
        components.look_up((key_0, key_1), items, part, seen, first)
    return None


def _same(rows: Rows, originals: Rows, n_words: NDArray[Any], fetch: Fetch, memory: int) -> NDArray[np.bool_]:
    """Return for each pair of rows whether their texts have the same words in the same order.

    Copies of one original are neighbours; each is compared with the one before it. Compared with the original
    itself, which may be 64 MB of dots around one word, a million copies of that word would be 64 TB to read.
    """
    again = originals[1:] == originals[:-1]
    same = _compared(
        rows, np.concatenate([originals[:1], np.where(again, rows[:-1], originals[1:])]), n_words, fetch, memory
    )
    group = np.concatenate([[0], np.cumsum(~again)])
    different = np.concatenate([[0], np.cumsum(~same)])
    start = np.searchsorted(group, group)
    unsure = np.flatnonzero(different[1:] > different[start])  # after one that only shares the key
    same[unsure] = _compared(rows[unsure], originals[unsure], n_words, fetch, memory)
    return same


def _compared(left: Rows, right: Rows, n_words: NDArray[Any], fetch: Fetch, memory: int) -> NDArray[np.bool_]:
    # Some 8 bytes a word, twice while they are gathered; the words of both.
    sizes = 2 * n_words[left].astype(np.int64)

    def alike(stretch: tuple[int, int]) -> NDArray[np.bool_]:
        begin, end = stretch
        rows, places = np.unique(np.concatenate([left[begin:end], right[begin:end]]), return_inverse=True)
        pairs = places.astype(np.int64).reshape(2, -1)
        return same_words(*text_view(fetch(rows)), pairs[0], pairs[1])

    found = ahead(alike, stretches(sizes, min(memory // 192, WORDS_AT_ONCE)))
    return np.concatenate([np.zeros(0, bool), *found])
