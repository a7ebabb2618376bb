"""Where the article of a document is: its stretch of lines with the most prose and the least between it.

Maximum subsequence segmentation (Pasternack and Roth 2009, "Extracting article text from the web"): prose counts
for a line, all other lines count against it, and the stretch with the greatest sum is the article's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.boilerplate.body import Mask
from pipeline.boilerplate.live import Ints, Live, Numbers, upto

#: What counts against a line that is no prose, and against one that is gone, in characters of prose: in a close
#: look teasers behind the article stand outside, in a wide look lists inside the article do not cut it in two.
CLOSE, WIDE = 60, 25
#: Most that one paragraph counts: a long one does not make up for a menu between.
MOST = 600
#: Greater than any sum of a document, so that the sums of each document stand below those of the one before.
_APART = 10.0**9


class Core(NamedTuple):
    """First and last line of the core of each line's document, as index into the lines."""

    first: Ints
    last: Ints

    @property
    def outside(self) -> Mask:
        """Tell which lines stand outside the core."""
        lines = np.arange(len(self.first))
        return (lines < self.first) | (lines > self.last)


def core(live: Live, penalty: int) -> Core:
    """Return the stretch of each document whose sum is greatest: the earliest of them, and its shortest form."""
    lines = np.arange(len(live.rows))
    heads = np.flatnonzero(live.start == lines)
    which = np.cumsum(live.start == lines) - 1
    value = np.where(live.prose, np.minimum(live.chars, MOST), -penalty) - penalty * _gone_before(live)
    # Whole numbers below 2**53, so sums are exact and can be compared.
    sums = np.cumsum(value.astype(np.float64)) - _APART * which
    before = np.concatenate([[0.0], np.cumsum(value.astype(np.float64))[:-1]]) - _APART * which
    lowest = np.minimum.accumulate(before)
    gain = sums - lowest
    best = np.maximum.reduceat(gain, heads)[which]
    last = np.minimum.reduceat(np.where(gain == best, lines, len(lines)), heads)[which]
    begins = (before == lowest[last]) & (lines <= last)
    return Core(np.maximum.reduceat(np.where(begins, lines, -1), heads)[which], last)


def _gone_before(live: Live) -> Ints:
    """Return how many lines of the same document are gone just before each line; none before its first."""
    gone = np.diff(live.rows, prepend=-1) - 1
    gone[live.start == np.arange(len(live.rows))] = 0
    return np.asarray(gone, np.int64)


def cores(live: Live, at: Ints, close: Core) -> dict[str, Numbers]:
    """Return where the lines `at` stand to the close and the wide core of their documents, each shape (len(at),)."""
    columns = _standing(live, at, close)
    return columns | {f"wide_{name}": value for name, value in _standing(live, at, core(live, WIDE)).items()}


def _standing(live: Live, at: Ints, of: Core) -> dict[str, Numbers]:
    first, last = of.first[at], of.last[at]
    prose = upto(live.chars * live.prose)
    inside, whole = prose[last + 1] - prose[first], prose[live.end[at]] - prose[live.start[at]]
    between = np.where(at > last, prose[at] - prose[last + 1], np.where(at < first, prose[first] - prose[at + 1], 0))
    steps = np.where(at > last, at - last, np.minimum(at - first, 0))
    columns = {
        "core_steps": steps,
        "core_place": np.where(steps == 0, (at - first) / np.maximum(last - first, 1), -1),
        "core_lines": last - first + 1,
        "core_chars": inside,
        "core_share": inside / np.maximum(whole, 1),
        "core_between": between,
    }
    return {name: np.asarray(value, np.float64) for name, value in columns.items()}
