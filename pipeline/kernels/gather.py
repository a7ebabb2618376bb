"""Texts copied from where they lie into one buffer, runs of them joined on the way if need be."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def slices(
    data: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (bytes, offsets) of `data[starts[i]:stops[i]]`, one behind the other; offsets: shape (n + 1,)."""
    offsets = np.concatenate([[0], np.cumsum(stops - starts)]).astype(np.int64)
    out = np.empty(int(offsets[-1]), np.uint8)
    _slices(data, starts, offsets, out)
    return out, offsets


def joined_sizes(
    offsets: NDArray[np.int64], begins: NDArray[np.int64], ends: NDArray[np.int64], separator: int
) -> NDArray[np.int64]:
    """Return the bytes of each run of texts `begins[i]:ends[i]` with a separator of so many bytes between them."""
    sizes: NDArray[np.int64] = offsets[ends] - offsets[begins] + separator * np.maximum(ends - begins - 1, 0)
    return sizes


def gather(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    separator: NDArray[np.uint8],
    targets: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    """Copy the texts of each run `begins[i]:ends[i]` to `out`, from byte `targets[i]` on, joined by `separator`.

    data, offsets: text `k` is `data[offsets[k]:offsets[k + 1]]`. out: room as `joined_sizes` tells.
    """
    _gather(data, offsets, begins, ends, separator, targets, out)


@njit(nogil=True, cache=True)
def _gather(data, offsets, begins, ends, separator, targets, out):  # type: ignore[no-untyped-def]
    for run in range(len(begins)):
        at = targets[run]
        for text in range(begins[run], ends[run]):
            if text > begins[run]:
                for byte in separator:
                    out[at] = byte
                    at += 1
            size = offsets[text + 1] - offsets[text]
            out[at : at + size] = data[offsets[text] : offsets[text + 1]]
            at += size


@njit(nogil=True, cache=True)
def _slices(data, starts, offsets, out):  # type: ignore[no-untyped-def]
    for text in range(len(starts)):
        size = offsets[text + 1] - offsets[text]
        out[offsets[text] : offsets[text + 1]] = data[starts[text] : starts[text] + size]
