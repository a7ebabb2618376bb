"""Inputs that could not be read: how many for which reason, and some of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from pipeline.report.parquet import Group, batches, fetch

#: Reasons, and inputs, that are shown.
SHOWN = 20
#: Reasons that are told apart: each names its place, so there may be as many as inputs.
REASONS = 10_000
#: Bytes that are decoded for the inputs shown: they hold the beginning of each.
BUDGET = 8 * 2**20


class Aside(NamedTuple):
    """What is in quarantine/."""

    rows: int
    reasons: list[tuple[str, int]]  #: most frequent first
    samples: list[dict[str, Any]]  #: source, position, error, raw; one of each of the first reasons


def aside(of: Sequence[Group]) -> Aside:
    """Return what the quarantine in these row groups says."""
    reasons: Counter[str] = Counter()
    first: dict[str, int] = {}
    seen = 0
    for batch in batches(of, ("error",), ("error",)):
        for at, error in enumerate(batch["error"].to_pylist()):
            if error in reasons or len(reasons) < REASONS:
                first.setdefault(error, seen + at)
                reasons[error] += 1
        seen += len(batch)
    most = sorted(reasons.items(), key=lambda item: (-item[1], first[item[0]]))[:SHOWN]
    wanted = [first[error] for error, _ in most]
    table = fetch(of, wanted, ("source", "position", "error", "raw"), SHOWN, BUDGET).table
    return Aside(seen, most, table.to_pylist())
