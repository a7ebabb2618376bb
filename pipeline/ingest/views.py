"""The work directory of an ingest as its steps see it: the batch's shards, and shards made of the past beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.work import Work

#: Shards of the past, behind those of the batch. KNOWN: documents of the batch's sites, for what recurs there.
#: NEAR: documents that a document of the batch may repeat. TOUCHED: those, and the owners of paragraphs that may
#: repeat each other. WRITTEN: those that are looked at again, to be written.
KNOWN, NEAR, TOUCHED, WRITTEN = range(4)


@dataclass(frozen=True)
class View(Work):
    """A work directory of which only some shards are seen."""

    numbers: tuple[int, ...]

    def shards(self) -> Sequence[int]:
        """Return the numbers of the shards that are seen."""
        return self.numbers


def batch(work: Work) -> range:
    """Return the numbers of the batch's own shards."""
    return range(int(work.facts("read")["shards"]))


def past(work: Work, which: int) -> int:
    """Return the number of a shard of the past."""
    return len(batch(work)) + which


def view(work: Work, whichs: Iterable[int] = (), **suffixes: str) -> View:
    """Return the batch's shards and those of the past (those that are there) as one work directory.

    suffixes: of the keys of steps, for a step that is done more than once.
    """
    keys = {step: key + suffixes.get(step, "") for step, key in work.keys.items()}
    own = View(work.root, keys, ())
    beside = [past(work, which) for which in whichs if own.has("prepare", past(work, which))]
    return replace(own, numbers=(*batch(work), *beside))
