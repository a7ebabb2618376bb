from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.kernels import trees

COLUMNS, NODES = 3, 7
seeds = st.integers(0, 2**32 - 1)


def forest(rng: np.random.Generator, size: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float64]]:
    column = rng.integers(trees.LEAF, COLUMNS, (size, NODES))
    column[:, 3:] = trees.LEAF
    return column, rng.normal(size=(size, NODES)).astype(np.float32), rng.normal(size=(size, NODES))


def leaf(row: NDArray[np.float32], column: NDArray[np.int64], cut: NDArray[np.float32]) -> int:
    node = 0
    while column[node] != trees.LEAF:
        node = 2 * node + (2 if row[column[node]] > cut[node] else 1)
    return node


@given(seeds, st.integers(0, 150), st.integers(0, 40), st.floats(-20, 20))
def test_a_score_is_the_sum_of_the_leaves_and_what_is_given_up_was_too_low(
    seed: int, n: int, size: int, least: float
) -> None:
    rng = np.random.default_rng(seed)
    column, cut, value = forest(rng, size)
    values = rng.normal(size=(n, COLUMNS)).astype(np.float32)
    expected = [
        sum(value[tree, leaf(row, column[tree], cut[tree])] for tree in range(size)) if size else 0.0 for row in values
    ]
    assert trees.score(values, column, cut, value).tolist() == expected
    found = trees.score(values, column, cut, value, least)
    for one, true in zip(found.tolist(), expected, strict=True):
        assert one == true or (one == -np.inf and true < least)


@given(seeds, st.integers(0, 10))
def test_the_highest_leaf_below_each_node(seed: int, size: int) -> None:
    column, _, value = forest(np.random.default_rng(seed), size)

    def highest(tree: int, node: int) -> float:
        children = () if column[tree, node] == trees.LEAF else (2 * node + 1, 2 * node + 2)
        return max([highest(tree, child) for child in children], default=float(value[tree, node]))

    expected = [[highest(tree, node) for node in range(NODES)] for tree in range(size)]
    assert trees.highest(column, value).tolist() == expected


def test_a_tree_need_not_be_complete() -> None:
    column, cut, value = np.array([[0, -1, -1, -1]]), np.zeros((1, 4), np.float32), np.array([[0.0, 1.0, 2.0, 0.0]])
    assert trees.score(np.array([[-1.0], [1.0]], np.float32), column, cut, value).tolist() == [1.0, 2.0]
    assert trees.score(np.zeros((1, 1), np.float32), column[:, 1:2], cut[:, :1], value[:, 1:2]).tolist() == [1.0]
