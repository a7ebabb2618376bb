"""Whether two texts are the same bytes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def same_bytes(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return for each pair of texts (left[k], right[k]) whether they are the same bytes; `data`: see `tokens`."""
    out = np.empty(len(left), dtype=np.bool_)
    _same_bytes(data, offsets, left, right, out)
    return out


@njit(nogil=True, cache=True)
def _differ(a, b):  # type: ignore[no-untyped-def]
    different = np.uint8(0)
    for k in range(len(a)):
        different |= a[k] ^ b[k]
    return different != 0


@njit(nogil=True, cache=True)
def _same_bytes(data, offsets, left, right, out):  # type: ignore[no-untyped-def]
    for k in range(len(left)):
        a = data[offsets[left[k]] : offsets[left[k] + 1]]
        b = data[offsets[right[k]] : offsets[right[k] + 1]]
        out[k] = len(a) == len(b) and not _differ(a, b)
