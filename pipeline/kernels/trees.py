"""Boosted trees: the score of rows, and how much each column brought to it."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: A tree is an array of nodes, the children of node `m` at `2 * m + 1` and `2 * m + 2`; a leaf splits on LEAF.
LEAF = -1


def score(
    values: NDArray[np.float32],
    column: NDArray[np.int64],
    cut: NDArray[np.float32],
    value: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the sum of the leaves that each row comes to, shape (n,).

    values: shape (n, columns), finite. column, cut, value: shape (trees, nodes): the column that a node
    splits on, or LEAF; a row goes to the second child if its value there is above the cut; the node's value.
    """
    out = np.zeros(len(values))
    _score(values, column, cut, value, out)
    return out


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
def _score(values, column, cut, value, out):  # type: ignore[no-untyped-def]
    for row in range(len(values)):
        for tree in range(len(column)):
            node = 0
            while column[tree, node] != LEAF:
                node = 2 * node + 1 + (values[row, column[tree, node]] > cut[tree, node])
            out[row] += value[tree, node]


@njit(nogil=True, cache=True)
def _shares(values, column, cut, value, out):  # type: ignore[no-untyped-def]
    for row in range(len(values)):
        for tree in range(len(column)):
            node = 0
            while column[tree, node] != LEAF:
                child = 2 * node + 1 + (values[row, column[tree, node]] > cut[tree, node])
                out[row, column[tree, node]] += value[tree, child] - value[tree, node]
                node = child
