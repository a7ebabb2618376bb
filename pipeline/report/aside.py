"""Inputs that could not be read: how many for which reason, and some of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from pipeline.report.parquet import Group, batches, fetch

#: Reasons that are shown.
SHOWN = 20
#: Inputs of which the reason is looked at; 2 µs each.
READ = 20_000
#: Bytes that are decoded for the inputs shown: they hold the beginning of each.
BUDGET = 8 * 2**20
#: Reasons name the place: those that differ in it only are one.
_NUMBER = re.compile(r"\d+")


class Aside(NamedTuple):
    """What is in quarantine/."""

    rows: int
    samples: list[dict[str, Any]]  #: one of each reason, most frequent first: source, position, error, raw, `like`


def aside(of: Sequence[Group]) -> Aside:
    """Return what the quarantine in these row groups says; `like` counts the inputs with the same reason."""
    reasons: Counter[str] = Counter()
    first: dict[str, int] = {}
    seen = 0
    for batch in batches(of, ("source", "error")):
        rows = batch.slice(0, max(0, READ - seen))
        for at, (source, error) in enumerate(zip(*(column.to_pylist() for column in rows.columns), strict=True)):
            reason = _NUMBER.sub("0", error.replace(source, ""))
            first.setdefault(reason, seen + at)
            reasons[reason] += 1
        seen += len(batch)
    most = sorted(reasons.items(), key=lambda item: (-item[1], first[item[0]]))[:SHOWN]
    like = {first[reason]: count for reason, count in most}
    found = fetch(of, list(like), ("source", "position", "error", "raw"), SHOWN, BUDGET)
    samples = {at: row | {"like": like[at]} for at, row in zip(found.at.tolist(), found.table.to_pylist(), strict=True)}
    return Aside(seen, [samples[at] for at in like if at in samples])
