"""Which inputs are new or changed since they were read, and which are gone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline import stores
from pipeline.read import storage
from pipeline.read.inputs import Input, digest
from pipeline.schema import QUARANTINE

#: One input that was read, or refused (`digest` is REFUSED), as it was when it was read last.
READ = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("modified", pa.int64(), nullable=False),  # nanoseconds since 1970; 0: not to be gone by
        pa.field("batch", pa.int32(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),  # read, and set aside
        pa.field("quarantined", pa.int64(), nullable=False),
        pa.field("paragraphs", pa.int64(), nullable=False),  # before any was removed
    ]
)
REFUSED = "refused"
#: A file may change twice within one tick of the clock; one that is older than this did not, in nanoseconds.
SETTLED = 2_000_000_000


class Plan(NamedTuple):
    """What an ingest has to do: tables of the work directory, small."""

    inputs: list[Input]  #: to be read
    read: pa.Table  #: READ of them, and of what is newly refused
    refused: pa.Table  #: QUARANTINE
    retired: list[str]  #: sources whose documents go
    unchanged: int

    @property
    def nothing(self) -> bool:
        """Return whether there is nothing to do."""
        return not (self.inputs or self.retired or self.refused.num_rows)


def plan(known: pa.Table, found: Sequence[Input], refused: pa.Table, batch: int, *, prune: bool) -> Plan:
    """Compare the inputs found with those `known` (READ).

    A file whose size and time of change are as they were is taken as unchanged; else its content decides.
    prune: what was read before and is not among `found` and `refused` is gone.
    """
    before = {(row["source"], row["digest"] == REFUSED): row for row in known.to_pylist()}
    now = {item.source: _seen(item, before.get((item.source, False)), batch) for item in found}
    news = [item for item in found if now[item.source]["digest"] != before.get((item.source, False), {}).get("digest")]
    rows = [row for row in refused.to_pylist() if (row["source"], True) not in before]
    said = [_row(row["source"], REFUSED, 0, 0, batch) for row in rows]
    fresh = {item.source for item in news}
    gone = {source for source, _ in before if source in fresh}
    if prune:
        named = set(now) | set(refused["source"].to_pylist())
        gone |= {source for source, _ in before if source not in named}
    table = pa.Table.from_pylist([now[item.source] for item in news] + said, schema=READ)
    return Plan(news, table, pa.Table.from_pylist(rows, schema=QUARANTINE), sorted(gone), len(found) - len(news))


def _seen(item: Input, before: dict[str, Any] | None, batch: int) -> dict[str, Any]:
    """Return what is known of a file now."""
    size, changed = _state(item)
    if before and before["modified"] and (size, changed) == (before["size"], before["modified"]):
        return before
    modified = changed if time.time_ns() - changed > SETTLED else 0
    return _row(item.source, digest(item), size, modified, batch)


def _state(item: Input) -> tuple[int, int]:
    if stores.is_remote(item.path):
        return storage.state(item.path)
    stat = Path(item.path).stat()
    return stat.st_size, stat.st_mtime_ns


def _row(source: str, digested: str, size: int, modified: int, batch: int) -> dict[str, Any]:
    counts = {"documents": 0, "quarantined": 0, "paragraphs": 0}
    return {"source": source, "digest": digested, "size": size, "modified": modified, "batch": batch, **counts}
