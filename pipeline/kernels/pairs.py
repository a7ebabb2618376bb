"""How many shingles the two texts of each pair share."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def shared(
    shingles: NDArray[np.uint64], bounds: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return |A ∩ B| for each pair of texts (left[k], right[k]); shape (pairs,).

    shingles, bounds: as `shingles.shingle_sets` returns them, sorted and distinct.
    """
    out = np.empty(len(left), dtype=np.int64)
    _shared(shingles, bounds, left, right, out)
    return out


@njit(nogil=True, cache=True)
def _shared(shingles, bounds, left, right, out):  # type: ignore[no-untyped-def]
    for pair in range(len(left)):
        i, end_i = bounds[left[pair]], bounds[left[pair] + 1]
        j, end_j = bounds[right[pair]], bounds[right[pair] + 1]
        count = 0
        while i < end_i and j < end_j:
            a, b = shingles[i], shingles[j]
            count += a == b
            i += a <= b
            j += b <= a
        out[pair] = count
