"""Gradient boosting of shallow trees on binned columns, logistic loss, for the line model.

Newton steps as in XGBoost (Chen and Guestrin 2016) on histograms; a tree sees a share of the columns and of the
rows. Deterministic for a seed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from pipeline.kernels.trees import LEAF


class Boosting(NamedTuple):
    """How trees are grown."""

    trees: int = 500
    depth: int = 3
    rate: float = 0.05
    ridge: float = 3.0  #: on the value of a node, in rows of weight 1 (as the hessian counts them)
    least: float = 2.0  #: hessian of a child, at least
    gain: float = 0.1  #: of a split, at least
    columns: float = 0.2  #: share of the columns that a tree sees
    rows: float = 0.8  #: share of the rows that a tree sees
    bins: int = 48  #: values that a column is cut into, at most


class Trees(NamedTuple):
    """Grown trees; see `pipeline.kernels.trees`."""

    column: np.ndarray
    cut: np.ndarray
    value: np.ndarray
    bias: float


def grow(values: np.ndarray, right: np.ndarray, weight: np.ndarray, seed: int, how: Boosting) -> Trees:
    """Return trees whose sum is the log-odds of `right`.

    values: float32, shape (n, columns). right: bool, shape (n,). weight: shape (n,).
    """
    edges = [_edges(column, how.bins) for column in values.T]
    bins = np.stack([np.searchsorted(cuts, column) for cuts, column in zip(edges, values.T, strict=True)])
    bins = bins.astype(np.uint8)
    share = float(np.average(right, weights=weight))
    bias = float(np.log(share / (1 - share)))
    shape = how.trees, 2 ** (how.depth + 1) - 1
    column, place, value = np.full(shape, LEAF, np.int64), np.zeros(shape, np.int64), np.zeros(shape)
    random = np.random.default_rng(seed)
    odds, leaf = np.full(len(values), bias), np.zeros(len(values), np.int64)
    for tree in range(how.trees):
        p = 1 / (1 + np.exp(-odds))
        seen = weight * (random.random(len(values)) < how.rows)
        chosen = np.sort(random.permutation(len(bins))[: max(1, int(len(bins) * how.columns))])
        limits = how.depth, how.bins, how.ridge, how.least, how.gain
        grown = column[tree], place[tree], value[tree]
        _grow(bins, seen * (p - right), seen * np.maximum(p * (1 - p), 1e-6), chosen, limits, grown, leaf)
        value[tree] *= how.rate
        odds += value[tree][leaf]
    cut = [edges[c][k] if c != LEAF else 0 for c, k in zip(column.ravel(), place.ravel(), strict=True)]
    return Trees(column, np.array(cut, np.float32).reshape(shape), value, bias)


def _edges(column: np.ndarray, bins: int) -> np.ndarray:
    """Return cuts between the column's values, at most bins - 1, at quantiles; a value on a cut is below it."""
    found = np.unique(column).astype(np.float64)
    if len(found) > bins:
        last = np.unique(np.quantile(column, np.arange(1, bins) / bins, method="lower")).astype(np.float64)
        last = last[last < found[-1]]
        after = found[np.searchsorted(found, last, side="right")]
    else:
        last, after = found[:-1], found[1:]
    return np.array([float(f"{middle:.6g}") for middle in (last + after) / 2], np.float32)


@njit(cache=True)
def _grow(bins, slope, curve, chosen, limits, grown, leaf):  # type: ignore[no-untyped-def]
    """Grow one tree into `grown`: column, bin and value of each node; `leaf` gets the leaf of each row."""
    depth, most, ridge, least, least_gain = limits
    column, place, value = grown
    g, h = np.zeros(len(value)), np.zeros(len(value))
    g[0], h[0] = slope.sum(), curve.sum()
    leaf[:] = 0
    of_g, of_h = np.zeros((1 << depth, most)), np.zeros((1 << depth, most))
    best, left_g, left_h = np.zeros(len(value)), np.zeros(len(value)), np.zeros(len(value))
    for level in range(depth):
        first = (1 << level) - 1
        best[:] = least_gain
        for c in chosen:
            of_g[:], of_h[:] = 0, 0
            for i in range(len(leaf)):
                if leaf[i] >= first:
                    of_g[leaf[i] - first, bins[c, i]] += slope[i]
                    of_h[leaf[i] - first, bins[c, i]] += curve[i]
            for node in range(first, 2 * first + 1):
                low_g, low_h = 0.0, 0.0
                whole = g[node] ** 2 / (h[node] + ridge)
                for b in range(most - 1):
                    low_g += of_g[node - first, b]
                    low_h += of_h[node - first, b]
                    if low_h < least or h[node] - low_h < least:
                        continue
                    high_g, high_h = g[node] - low_g, h[node] - low_h
                    gain = low_g**2 / (low_h + ridge) + high_g**2 / (high_h + ridge) - whole
                    if gain > best[node] + 1e-9:
                        best[node], column[node], place[node] = gain, c, b
                        left_g[node], left_h[node] = low_g, low_h
        for node in range(first, 2 * first + 1):
            if column[node] >= 0:
                g[2 * node + 1], h[2 * node + 1] = left_g[node], left_h[node]
                g[2 * node + 2], h[2 * node + 2] = g[node] - left_g[node], h[node] - left_h[node]
        for i in range(len(leaf)):
            node = leaf[i]
            if node >= first and column[node] >= 0:
                leaf[i] = 2 * node + 1 + (bins[column[node], i] > place[node])
    for node in range(len(value)):
        value[node] = -g[node] / (h[node] + ridge)
