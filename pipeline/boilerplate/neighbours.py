"""What the lines beside a line are made of, and whether they have the same shape."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.boilerplate.live import CANDIDATE_CHARS, Ints, Live, Numbers
from pipeline.boilerplate.surroundings import NEAR
from pipeline.kernels import lines as chars

#: Lines have the same shape when they begin and end alike and their words differ by at most so many.
SHAPE_WORDS = 2
#: What a neighbour has where there is none, or none that was counted.
NONE = -1.0


def neighbours(live: Live, at: Ints, made_of: npt.NDArray[np.int32], kinds: dict[str, Numbers]) -> dict[str, Numbers]:
    """Return what the lines beside the lines `at` are made of, each shape (len(at),); arguments as for `runs`."""
    c = dict(zip(chars.COLUMNS, made_of.T.astype(np.float64), strict=True))
    added = {name: kinds[name] for name in ("interface", "calendar", "function")}
    added |= {"tokens": kinds["words"], "capitalised": c["capitalised"], "words": c["words"]}
    total = {name: np.zeros(len(at)) for name in (*added, "alike", "sentences", "chars", "seen")}
    beside: dict[int, Numbers] = {}
    of = np.full(len(live.rows), -1)
    of[at] = np.arange(len(at))
    for step in (step for step in range(-NEAR, NEAR + 1) if step):
        there, inside = live.steps_away(at, step)
        other, known = np.maximum(of[there], 0), inside & (of[there] >= 0)
        same = known & (np.abs(c["words"] - c["words"][other]) <= SHAPE_WORDS)
        total["alike"] += same & (c["end"] == c["end"][other]) & (c["first"] == c["first"][other])
        for name, value in added.items():
            total[name] += np.where(known, value[other], 0)
        total["sentences"] += inside & live.sentence[there]
        total["chars"] += np.where(inside, np.minimum(live.chars[there], CANDIDATE_CHARS), 0)
        total["seen"] += inside
        beside[step] = np.where(known, added["interface"][other], NONE)
    columns = {"alike": total["alike"], "previous_interface": beside[-1], "next_interface": beside[1]}
    columns |= {f"{name}_near": total[name] for name in ("interface", "calendar", "sentences")}
    columns["mean_chars_near"] = total["chars"] / np.maximum(total["seen"], 1)
    columns["capitalised_near"] = total["capitalised"] / np.maximum(total["words"], 1)
    columns["function_near"] = total["function"] / np.maximum(total["tokens"], 1)
    return columns | _beside(live, at)


def _beside(live: Live, at: Ints) -> dict[str, Numbers]:
    columns = {}
    for name, step in (("previous", -1), ("next", 1)):
        there, inside = live.steps_away(at, step)
        columns[f"{name}_chars"] = np.where(inside, live.chars[there], NONE)
        columns[f"{name}_ends"] = np.where(inside, live.sentence[there], NONE)
    return columns
