"""Agreement of two clusterings, and of found pairs with labelled ones: counts and what follows from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Counts(NamedTuple):
    """Pairs by what they are and what was found; `found` pairs are those that were taken for copies."""

    right: int  #: copies that were found
    wrong: int  #: found, and no copies
    missed: int  #: copies that were not found
    apart: int  #: no copies, and not found

    @property
    def precision(self) -> float:
        """Share of the found pairs that are copies; 1 where none was found."""
        return _share(self.right, self.right + self.wrong, 1.0)

    @property
    def recall(self) -> float:
        """Share of the copies that were found; 1 where there are none."""
        return _share(self.right, self.right + self.missed, 1.0)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed, 1.0)

    @property
    def rand_adjusted(self) -> float:
        """Adjusted Rand index, for pairs of a clustering: 1 is agreement, 0 what chance gives.

        2 (ad - bc) / ((a + b)(b + d) + (a + c)(c + d)): Hubert and Arabie 1985, in the pair counts of
        Steinley 2004.
        """
        a, b, c, d = self.right, self.missed, self.wrong, self.apart
        below = (a + b) * (b + d) + (a + c) * (c + d)
        return 2 * (a * d - b * c) / below if below else 1.0


def agreement(truth: Ints, found: Ints) -> Counts:
    """Return the counts over all pairs of items of two clusterings; `truth`, `found`: cluster of each item."""
    together = _pairs_within(np.unique(np.stack([truth, found]), axis=1, return_counts=True)[1])
    same_truth = _pairs_within(np.unique(truth, return_counts=True)[1])
    same_found = _pairs_within(np.unique(found, return_counts=True)[1])
    everything = len(truth) * (len(truth) - 1) // 2
    wrong, missed = same_found - together, same_truth - together
    return Counts(together, wrong, missed, everything - together - wrong - missed)


def decisions(truth: Bools, found: Bools) -> Counts:
    """Return the counts over given pairs; `truth`, `found`: of each pair."""
    cells = (truth & found, ~truth & found, truth & ~found, ~truth & ~found)
    return Counts(*(int(cell.sum()) for cell in cells))


def _pairs_within(sizes: Ints) -> int:
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())


def _share(part: int, whole: int, otherwise: float) -> float:
    return part / whole if whole else otherwise
