"""Where a line stands: in the document, to its prose, to what is gone, in its run of lines without prose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.boilerplate.body import Mask
from pipeline.boilerplate.live import Ints, Live, Numbers, upto
from pipeline.kernels import lines as chars

#: How many lines before and after count as the surroundings.
NEAR, WIDE = 3, 8
#: What stands for the distance to prose where there is none.
FAR = 99.0


def places(live: Live, at: Ints, gone: Mask) -> dict[str, Numbers]:
    """Return where the lines `at` stand, to prose and to what is gone, each shape (len(at),)."""
    start, end = live.start[at], live.end[at]
    prose = upto(live.prose)
    last, following = (index[at] for index in live.prose_beside())
    before = np.where(last >= start, at - last, FAR)
    after = np.where(following < end, following - at, FAR)
    of_prose, of_all = upto(live.chars * live.prose), upto(live.chars)
    near, wide = (
        prose[np.minimum(at + reach + 1, end)] - prose[np.maximum(at - reach, start)] for reach in (NEAR, WIDE)
    )
    columns = {
        "position": at - start,
        "from_end": end - 1 - at,
        "prose_before": prose[at] - prose[start],
        "prose_after": prose[end] - prose[at + 1],
        "to_prose_before": np.minimum(before, FAR),
        "to_prose_after": np.minimum(after, FAR),
        "run": np.minimum(following, end) - np.maximum(last + 1, start),
        "prose_share": (of_prose[end] - of_prose[start]) / np.maximum(of_all[end] - of_all[start], 1),
        "prose_share_before": (of_prose[at] - of_prose[start]) / np.maximum(of_prose[end] - of_prose[start], 1),
        "prose_chars_wide": of_prose[np.minimum(at + WIDE + 1, end)] - of_prose[np.maximum(at - WIDE, start)],
        "prose_near": near,
        "prose_wide": wide,
    }
    return {name: np.asarray(value, np.float64) for name, value in columns.items()} | _gone_around(live, at, gone)


def _gone_around(live: Live, at: Ints, gone: Mask) -> dict[str, Numbers]:
    """How many of the lines beside, and within WIDE lines, are gone; not beyond the document's other lines."""
    rows = live.rows[at]
    taken = upto(gone)
    previous = np.where(at > live.start[at], live.rows[np.maximum(at - 1, 0)], rows)
    following = np.where(at + 1 < live.end[at], live.rows[np.minimum(at + 1, len(live.rows) - 1)], rows)
    first, last = live.rows[live.start[at]], live.rows[live.end[at] - 1]
    low, high = np.maximum(rows - WIDE, first), np.minimum(rows + WIDE, last)
    columns = {
        "gone_before": rows - previous - 1,
        "gone_after": following - rows - 1,
        "gone_wide": taken[high + 1] - taken[low],
        "gone_wide_before": taken[rows] - taken[low],
        "gone_wide_after": taken[high + 1] - taken[rows],
    }
    columns |= _to_gone(rows, first, last, gone)
    return {name: np.maximum(value, 0).astype(np.float64) for name, value in columns.items()}


def _to_gone(rows: Ints, first: Ints, last: Ints, gone: Mask) -> dict[str, Numbers]:
    """How many lines away the next line that is gone stands, before and after; FAR for none."""
    index = np.arange(len(gone))
    previous = np.maximum.accumulate(np.where(gone, index, -1))[rows]
    following = np.minimum.accumulate(np.where(gone, index, len(gone))[::-1])[::-1][rows]
    return {
        "since_gone": np.where(previous >= first, np.minimum(rows - previous, FAR), FAR),
        "until_gone": np.where(following <= last, np.minimum(following - rows, FAR), FAR),
    }


def runs(
    live: Live, at: Ints, gone: Mask, made_of: npt.NDArray[np.int32], kinds: dict[str, Numbers]
) -> dict[str, Numbers]:
    """Return what the runs without prose, and the documents, that the lines `at` stand in are like.

    made_of: `lines.counts` of the lines `at`; kinds: words of each kind in them. Other lines count by form only.
    """
    last, following = (index[at] for index in live.prose_beside())
    first = np.maximum(np.minimum(last + 1, at), live.start[at])
    end = np.maximum(np.minimum(following, live.end[at]), first + 1)
    columns = {f"run_{name}": value for name, value in _made_of(live, at, made_of, kinds, first, end).items()}
    whole = _made_of(live, at, made_of, kinds, live.start[at], live.end[at])
    columns |= {f"doc_{name}": whole[name] for name in ("capitalised", "function", "unspaced")}
    columns["run_gone"] = _gone_share(live, gone, first, end)
    columns |= {"run_first": at - first, "run_last": end - 1 - at}
    return {name: np.asarray(value, np.float64) for name, value in (columns | _documents(live, at, gone)).items()}


def _made_of(
    live: Live, at: Ints, made_of: npt.NDArray[np.int32], kinds: dict[str, Numbers], first: Ints, end: Ints
) -> dict[str, Numbers]:
    """What the lines from `first` to `end` are made of."""
    c = dict(zip(chars.COLUMNS, made_of.T.astype(np.float64), strict=True))
    low, high = np.searchsorted(at, first), np.searchsorted(at, end)

    def total(values: npt.NDArray[np.generic]) -> Numbers:
        sums = upto(values)
        return sums[high] - sums[low]

    lines = (end - first).astype(np.float64)
    words, letters = np.maximum(total(c["words"]), 1), np.maximum(total(c["letters"]), 1)
    sentences, lengths = upto(live.sentence), upto(live.chars)
    return {
        "sentences": (sentences[end] - sentences[first]) / lines,
        "chars": (lengths[end] - lengths[first]) / lines,
        "spread": np.sqrt(np.maximum(total(c["words"] ** 2) / lines - (total(c["words"]) / lines) ** 2, 0)),
        "capitalised": total(c["capitalised"]) / words,
        "interface": total(kinds["interface"] > 0) / lines,
        "calendar": total((kinds["calendar"] > 0) | (c["digits"] > 0)) / lines,
        "function": total(kinds["function"]) / np.maximum(total(kinds["words"]), 1),
        "unspaced": total(c["unspaced"]) / letters,
    }


def _documents(live: Live, at: Ints, gone: Mask) -> dict[str, Numbers]:
    """What the documents of the lines are like."""
    start, end = live.start[at], live.end[at]
    short = np.zeros(len(live.rows), bool)
    short[at] = True
    lines, sentences = upto(short), upto(short & live.sentence)
    seen = lines[end] - lines[start]
    return {
        "doc_lines": (end - start).astype(np.float64),
        "doc_gone": _gone_share(live, gone, start, end),
        "doc_candidates": seen / (end - start),
        "doc_sentences": (sentences[end] - sentences[start]) / seen,
    }


def _gone_share(live: Live, gone: Mask, first: Ints, end: Ints) -> Numbers:
    """Return the share of what is gone between the first and the last line of each span."""
    taken = upto(gone)
    low, high = live.rows[first], live.rows[end - 1] + 1
    return np.asarray((taken[high] - taken[low]) / (high - low), np.float64)
