"""Read: inputs become shards of documents, in one stream, in the order of their sources.

Reading is a small part of a run, so one stream does it: every form of input is cut into shards of the same
size, and a corpus of a thousand small files is no special case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.read.batches import Batch, read
from pipeline.read.columns import too_many
from pipeline.read.documents import nothing
from pipeline.read.inputs import Input
from pipeline.read.refusals import Refusals
from pipeline.schema import LEDGER, QUARANTINE, RAW
from pipeline.settings import Settings
from pipeline.steps import extra, ids
from pipeline.work import Work

#: Documents a shard at most, whatever their length: bounds what is kept per document.
SHARD_DOCUMENTS = 200_000
#: Values of the users' columns a shard, empty ones too: one file of many columns gives them to all rows beside it.
SHARD_VALUES = 32_000_000

_UNNUMBERED = pa.schema([field for field in RAW if field.name != "doc"])


def intake(
    work: Work, found: Sequence[Input], refused: pa.Table, settings: Settings, saved: Callable[[int], None]
) -> None:
    """Read all inputs into shards; `refused` are QUARANTINE rows of inputs that could not be opened.

    saved: called with the number of each shard as soon as it is there.

    Saves `read` per shard: `documents` (RAW), `extra` (the user's other columns), `ledger`, `quarantine`;
    and `gather`, what must be known of all shards: `renames` of ids, `columns` of the user.
    Raises DuplicateIdError when two rows carry one id, unless `read.on_duplicate_id` is suffix.
    """
    taken: dict[str, dict[str, str]] = {}
    shards = documents = 0
    for batches in _cut(_batches(found, settings, taken), settings.run.shard_bytes):
        tables = _tables(batches, documents, refused if shards == 0 else QUARANTINE.empty_table())
        if not work.has("read", shards):
            work.save("read", shards, tables)
        saved(shards)
        documents += tables["documents"].num_rows
        shards += 1
    work.note("read", {"shards": shards, "documents": documents, "columns": taken})
    columns = extra.written(extra.unify([work.load("read", shard, "extra").schema for shard in work.shards()]))
    renames = ids.renames(work, settings.read.on_duplicate_id)
    work.save("gather", 0, {"renames": renames, "columns": columns.empty_table()})


def documents(work: Work, shard: int) -> pa.Table:
    """Return the shard's documents (RAW) under their final ids.

    Before all shards are read there are no others than were given: where ids may be changed, nothing asks.
    """
    if not work.has("gather", 0):
        return work.load("read", shard, "documents")
    return ids.renamed(work.load("read", shard, "documents"), work.load("gather", 0, "renames"))


def user_columns(work: Work, shard: int, rows: NDArray[np.int64]) -> pa.Table:
    """Return the user's own columns of these rows of the shard, in types that hold for all shards."""
    schema = work.load("gather", 0, "columns").schema
    table = work.load("read", shard, "extra")
    taken = table.take(pa.array(rows)) if table.num_columns else table
    return extra.conform(taken, schema, len(rows))


def _batches(found: Sequence[Input], settings: Settings, taken: dict[str, dict[str, str]]) -> Iterator[Batch]:
    width = extra.Width(settings.read.max_columns)
    for item in found:
        for batch in read(item, settings.read):
            if not width.takes(batch.extra.schema):
                yield _too_wide(item, batch, settings)
                break
            if batch.columns is not None:
                taken[item.source] = {role: name for role, name in batch.columns._asdict().items() if name}
            yield batch


def _too_wide(item: Input, batch: Batch, settings: Settings) -> Batch:
    """Return the batch as what is refused: all rows from its first on."""
    refusals = Refusals(item, settings.read.quarantine_bytes)
    first = batch.documents["position"][0].as_py() if batch.documents.num_rows else 1
    why = f"and what follows would give all inputs together more {too_many(settings.read)}"
    refusals.row(first, why)
    return nothing(arrow.concat([batch.quarantine, refusals.flush()], QUARANTINE), None)


def _cut(batches: Iterator[Batch], shard_bytes: int) -> Iterator[list[Batch]]:
    """Yield lists of batches of about `shard_bytes` of text; at least one list, perhaps empty."""
    held: list[Batch] = []
    names: set[str] = set()
    size = rows = cuts = 0
    for batch in chain.from_iterable(_pieces(batch, shard_bytes) for batch in batches):
        held.append(batch)
        size += batch.documents["text"].nbytes
        rows += batch.documents.num_rows
        names.update(batch.extra.column_names)
        if size >= shard_bytes or rows >= SHARD_DOCUMENTS or rows * len(names) >= SHARD_VALUES:
            yield held
            held, size, rows, cuts = [], 0, 0, cuts + 1
    if held or not cuts:
        yield held


def _pieces(batch: Batch, shard_bytes: int) -> Iterator[Batch]:
    """Yield the batch, in pieces of about `shard_bytes` of text where it has more."""
    if batch.documents["text"].nbytes <= shard_bytes:
        yield batch
        return
    lengths = pc.fill_null(pc.binary_length(batch.documents["text"]), 0).to_numpy()
    starts = arrow.run_starts(np.cumsum(lengths) // shard_bytes).tolist()
    for first, last in pairwise(starts):
        piece = batch._replace(
            documents=batch.documents.slice(first, last - first), extra=batch.extra.slice(first, last - first)
        )
        yield piece if first == 0 else piece._replace(ledger=LEDGER.empty_table(), quarantine=QUARANTINE.empty_table())


def _tables(batches: Sequence[Batch], first: int, refused: pa.Table) -> dict[str, pa.Table]:
    unnumbered = arrow.concat(
        [batch.documents.select(_UNNUMBERED.names).cast(_UNNUMBERED) for batch in batches], _UNNUMBERED
    )
    numbers = pa.array(np.arange(first, first + unnumbered.num_rows))
    return {
        "documents": unnumbered.add_column(0, RAW.field("doc"), numbers),
        "extra": _extra(batches),
        "ledger": arrow.concat([batch.ledger for batch in batches], LEDGER),
        "quarantine": arrow.concat([refused, *(batch.quarantine for batch in batches)], QUARANTINE),
    }


def _extra(batches: Sequence[Batch]) -> pa.Table:
    """Return the batches' other columns one below the other, under the names they will have in `documents/`."""
    tables = []
    for batch in batches:
        names = extra.own_names(batch.extra.column_names, batch.columns or ())
        tables.append(batch.extra.select(list(names)).rename_columns(list(names.values())))
    schema = extra.unify([table.schema for table in tables])
    rows = [batch.documents.num_rows for batch in batches]
    return arrow.concat([extra.conform(table, schema, n) for table, n in zip(tables, rows, strict=True)], schema)
