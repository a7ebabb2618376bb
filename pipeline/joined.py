"""Small Parquet files of one form joined into one: the same rows in the same order, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import write
from pipeline.settings import WriteSettings

#: Arrow bytes that are held until they become a row group: with as many on their way to the disk, what a run takes.
HELD_BYTES = 64 * 2**20
#: Rows read at once.
BATCH_ROWS = 1000


def form(path: Path) -> bytes:
    """Return schema and metadata of a file, without what names its run: files of one form can be joined."""
    schema = pq.read_schema(path)
    metadata = {key: value for key, value in (schema.metadata or {}).items() if key != write.RUN_KEY}
    return bytes(schema.with_metadata(metadata).serialize())


def groups(files: Sequence[Path], file_bytes: int) -> Iterator[list[Path]]:
    """Yield runs of neighbours of one schema that have at most `file_bytes` together, or one file."""
    held: list[Path] = []
    size = 0
    for path in files:
        more = path.stat().st_size
        if held and (size + more > file_bytes or form(path) != form(held[0])):
            yield held
            held, size = [], 0
        held.append(path)
        size += more
    if held:
        yield held


def join(files: Sequence[Path], place: Path, settings: WriteSettings) -> None:
    """Write the rows of the files to `place`, one after the other, in row groups of `row_group_rows` or HELD_BYTES.

    `corpusmill.run` of the new file names the runs of all. Memory: about twice HELD_BYTES.
    """
    schemas = [pq.read_schema(path) for path in files]
    runs = dict.fromkeys(run for schema in schemas for run in schema.metadata.get(write.RUN_KEY, b"").split())
    schema = schemas[0].with_metadata({**schemas[0].metadata, write.RUN_KEY: b" ".join(runs)})
    held: list[pa.RecordBatch] = []
    with write.writer(place, schema, settings) as sink:
        for batch in _batches(files, min(BATCH_ROWS, settings.row_group_rows)):
            rows, size = sum(map(len, held)), sum(each.nbytes for each in held)
            if held and (rows + len(batch) > settings.row_group_rows or size + batch.nbytes > HELD_BYTES):
                sink.write_table(pa.Table.from_batches(held))
                held = []
            held.append(batch)
        if held:
            sink.write_table(pa.Table.from_batches(held))


def _batches(files: Sequence[Path], rows: int) -> Iterator[pa.RecordBatch]:
    for path in files:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(rows)
