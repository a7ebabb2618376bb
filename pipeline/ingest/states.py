"""What became of documents and paragraphs of the past, as numbers. What nobody speaks of is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow

Ids = NDArray[np.int64]

#: KEPT: stays, and is a representative. DUPLICATE: repeats `kept`. SPARED: a paragraph that repeats `kept` and stays,
#: lest a document that stands for others be empty. EMPTIED: a representative of which too little was left.
#: RETIRED: its input vanished or changed. QUOTED: a paragraph of direct speech that repeats `kept` and stays.
KEPT, DUPLICATE, SPARED, EMPTIED, RETIRED, QUOTED = range(6)

STATES = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("state", pa.uint8(), nullable=False),
        pa.field("kept", pa.int64(), nullable=False),  # -1: none
        pa.field("similarity", pa.float64(), nullable=False),
    ]
)


class States(NamedTuple):
    """States of some ids, in their order; all of shape (ids,)."""

    id: Ids
    state: NDArray[np.uint8]
    kept: Ids
    similarity: NDArray[np.float64]

    @classmethod
    def of(cls, ids: Ids, state: int = KEPT) -> States:
        """Return the same state for all `ids`, in favour of none."""
        n = len(ids)
        return cls(ids, np.full(n, state, np.uint8), np.full(n, -1, np.int64), np.ones(n))

    def where(self, chosen: NDArray[np.bool_]) -> States:
        """Return those that are chosen."""
        return States._make(column[chosen] for column in self)

    def table(self) -> pa.Table:
        """Return them as STATES."""
        return pa.table([pa.array(column) for column in self], names=STATES.names).cast(STATES)


def of_table(table: pa.Table) -> States:
    """Return the states of a table STATES."""
    return States._make(arrow.numbers(table[name]) for name in STATES.names)


def newest(parts: Sequence[States]) -> States:
    """Return one state an id, by id: that of the last part that speaks of it."""
    joined = States._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(joined.id, kind="stable")
    last = np.flatnonzero(np.diff(joined.id[order], append=np.iinfo(np.int64).max))
    return States._make(column[order[last]] for column in joined)


def look_up(parts: Sequence[States], ids: Ids) -> States:
    """Return the states of `ids`; parts: oldest first, each by id."""
    found = States.of(ids)
    for part in parts:
        if not len(part.id):
            continue
        at = np.minimum(np.searchsorted(part.id, ids), len(part.id) - 1)
        said = part.id[at] == ids
        found.state[said], found.kept[said] = part.state[at[said]], part.kept[at[said]]
        found.similarity[said] = part.similarity[at[said]]
    return found
