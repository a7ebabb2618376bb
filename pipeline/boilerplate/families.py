"""Recurring lines that differ in a few words, put together: by shared words, then by how they begin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.kernels.leaders import buckets, leaders
from pipeline.kernels.shingles import shingle_sets
from pipeline.kernels.skeletons import BUCKETS
from pipeline.kernels.tokens import tokenise

Rows = NDArray[np.int64]

#: Jaccard similarity of the word sets from which two lines are wordings of one. Boxes of two reporters
#: of one paper, "Jane Roe is a reporter at the Arlen Courier. She covers the courts.", share 0.5.
SIMILAR = 0.5
#: Most lines that a line is compared with in a bucket.
CAP = 200

_OPENING = r"^(?P<opening>[^ ]+ [^ ]+ [^ ]+)(?: .*)?$"


class Links(NamedTuple):
    """Which candidates share a run of words on enough documents: bucket of each of BUCKETS slots, 0 for none."""

    groups: Rows  #: ascending
    bucket: NDArray[np.uint64]  #: shape (groups, BUCKETS)


def by_words(order: Rows, says: pa.Array, bucket: NDArray[np.uint64]) -> Rows:
    """Return for each candidate the candidate that leads its family, itself where it leads.

    order: the candidates, best first. says: masked texts. bucket: shape (candidates, BUCKETS).
    Every member is at least SIMILAR to its leader: nothing chains.
    """
    data, offsets = arrow.text_view(says.take(pa.array(order)))
    shingles, bounds = shingle_sets(*tokenise(data, offsets), 1)
    numbered = np.full((len(order), BUCKETS), -1, np.int32)
    count = 0
    for slot in range(BUCKETS):
        number, n = buckets(bucket[order, slot])
        number[bucket[order, slot] == 0] = -1
        numbered[:, slot] = np.where(number >= 0, number + count, -1)
        count += n
    leader, _, _ = leaders(numbered, count, shingles, bounds, SIMILAR, CAP)
    own = np.arange(len(order))
    found = np.empty(len(order), np.int64)
    found[order] = order[np.where(leader >= 0, leader, own)]
    return found


def by_opening(order: Rows, says: pa.Array, site: Rows) -> Rows:
    """Return for each candidate the best one of its site that begins with the same three words."""
    opening = pc.struct_field(pc.extract_regex(says, _OPENING), "opening")
    code = opening.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    pairs = np.stack([site, np.where(code < 0, -1 - np.arange(len(code)), code)], axis=1)[order]
    _, first, inverse = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    found = np.empty(len(order), np.int64)
    found[order] = order[first[inverse.reshape(-1)]]
    return found
