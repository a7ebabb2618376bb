"""Boosted trees: the score of rows, and how much each column brought to it."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: A tree is an array of nodes, the children of node `m` at `2 * m + 1` and `2 * m + 2`; a leaf splits on LEAF.
LEAF = -1

#: More than sums in another order differ by.
_ROUNDING = 1e-6
#: Rows that go through the trees together: a tree is read once for all of them.
_BLOCK = 64
#: Trees after which rows that are too low are given up.
_LOOK = 8

_ONE = np.uint64(1)


def score(
    values: NDArray[np.float32],
    column: NDArray[np.int64],
    cut: NDArray[np.float32],
    value: NDArray[np.float64],
    least: float = -np.inf,
) -> NDArray[np.float64]:
    """Return the sum of the leaves that each row comes to, shape (n,).

    Of rows that come to less than `least` some are given up on the way, and have -inf.

    values: shape (n, columns), finite. column, cut, value: shape (trees, nodes): the column that a node
    splits on, or LEAF; a row goes to the second child if its value there is above the cut; the node's value.
    """
    most = highest(column, value)[:, 0]
    ahead = np.append(np.cumsum(most[::-1])[::-1], 0.0)  # what the trees from each one on bring at most
    out = np.zeros(len(values))
    _score(values, *_levelled(column, cut, value), ahead, least - _ROUNDING, out)
    return out


def highest(column: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the greatest value of a leaf at or below each node, shape of `value`."""
    found = value.copy()
    for node in reversed(range(value.shape[1] // 2)):
        inner = column[:, node] != LEAF
        found[inner, node] = found[inner, 2 * node + 1 : 2 * node + 3].max(axis=1)
    return found


def _levelled(
    column: NDArray[np.int64], cut: NDArray[np.float32], value: NDArray[np.float64]
) -> tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.float64]]:
    """Return the trees with all leaves at the same depth: a walk without a branch takes half the time."""
    depth = column.shape[1].bit_length() - 1
    missing = ((0, 0), (0, 2 ** (depth + 1) - 1 - column.shape[1]))
    column, cut, value = np.pad(column, missing), np.pad(cut, missing), np.pad(value, missing)
    for node in range(2**depth - 1):
        leaf = column[:, node] == LEAF
        column[leaf, node], cut[leaf, node] = 0, np.inf
        column[leaf, 2 * node + 1 : 2 * node + 3] = LEAF
        value[leaf, 2 * node + 1 : 2 * node + 3] = value[leaf, node, None]
    return column.astype(np.uint64), cut, value


def shares(
    values: NDArray[np.float32],
    column: NDArray[np.int64],
    cut: NDArray[np.float32],
    value: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what each column brought to the score of each row, shape of `values`; arguments as for `score`.

    The step from a node's value to its child's is the share of the column it splits on (Saabas,
    treeinterpreter): a row's shares and the sum of the roots make its score.
    """
    out = np.zeros(values.shape)
    _shares(values, column, cut, value, out)
    return out


@njit(nogil=True, cache=True)
def _score(values, column, cut, value, ahead, least, out):  # type: ignore[no-untyped-def]
    inner = np.uint64(column.shape[1] // 2)
    rows = np.empty(_BLOCK, np.int64)
    for begin in range(0, len(values), _BLOCK):
        n = min(_BLOCK, len(values) - begin)
        rows[:n] = np.arange(begin, begin + n)
        for tree in range(len(column)):
            for k in range(n):
                row = rows[k]
                node = np.uint64(0)
                while node < inner:
                    node = (node << _ONE) + _ONE + np.uint64(values[row, column[tree, node]] > cut[tree, node])
                out[row] += value[tree, node]
            if tree % _LOOK == 0:
                left = 0
                for k in range(n):
                    if out[rows[k]] + ahead[tree + 1] >= least:
                        rows[left] = rows[k]
                        left += 1
                    else:
                        out[rows[k]] = -np.inf
                n = left


@njit(nogil=True, cache=True)
def _shares(values, column, cut, value, out):  # type: ignore[no-untyped-def]
    for row in range(len(values)):
        for tree in range(len(column)):
            node = 0
            while column[tree, node] != LEAF:
                child = 2 * node + 1 + (values[row, column[tree, node]] > cut[tree, node])
                out[row, column[tree, node]] += value[tree, child] - value[tree, node]
                node = child
