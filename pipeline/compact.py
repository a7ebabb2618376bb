"""Compact: small Parquet files of a dataset become larger ones, in a new version with the same rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import write
from pipeline.dataset import Dataset, link, locked, number_of, part
from pipeline.settings import WriteSettings
from pipeline.steps.publish import TABLES

#: Arrow bytes that are held until they become a row group: with as many on their way to the disk, what a run takes.
HELD_BYTES = 64 * 2**20
#: Rows read at once.
BATCH_ROWS = 1000


def compact(root: Path, file_bytes: int, keep: int | None = None) -> dict[str, Any]:
    """Join neighbouring files of the current version until each has about `file_bytes`; return the manifest.

    Only publish.TABLES are rewritten; all else, such as an index, goes into the new version as it is. Rows, their
    order, schemas and metadata stay; `corpusmill.run` names the runs of all files joined. Where nothing can be
    joined, no version is made. keep: versions that stay; None: as the run was told.
    Memory: about twice HELD_BYTES, whatever the dataset. Raises OutputError when `root` holds no dataset.
    """
    data = Dataset(root)
    data.require_dataset()
    with locked(root):
        staged = data.stage()  # which makes versions of a dataset that had none
        manifest, current = data.manifest(), data.current()
        assert current is not None, "manifest() has seen it"
        settings = WriteSettings.model_validate(manifest["settings"]["write"])
        if sum([_compacted(current, staged, path.name, settings, file_bytes) for path in sorted(current.iterdir())]):
            data.publish(staged, keep or settings.keep_versions)
        return data.manifest()


def _compacted(current: Path, staged: Path, name: str, settings: WriteSettings, file_bytes: int) -> bool:
    """Fill `staged/name`; return whether files were joined."""
    place = current / name
    if name not in TABLES:
        _carry(place, staged / name)
        return False
    (staged / name).mkdir()
    files = sorted(place.glob("*.parquet"))
    groups = list(_groups(files, file_bytes))
    for number, group in enumerate(groups):
        path = staged / name / part(number_of(staged), number)
        if len(group) == 1:
            link(group[0], path)
        else:
            _join(group, path, settings)
    return len(groups) < len(files)


def _carry(path: Path, place: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, place, copy_function=lambda file, to: link(Path(file), Path(to)))
    else:
        link(path, place)


def _groups(files: Sequence[Path], file_bytes: int) -> Iterator[list[Path]]:
    """Yield runs of neighbours of one schema that have at most `file_bytes` together, or one file."""
    held: list[Path] = []
    size = 0
    for path in files:
        more = path.stat().st_size
        if held and (size + more > file_bytes or _form(path) != _form(held[0])):
            yield held
            held, size = [], 0
        held.append(path)
        size += more
    if held:
        yield held


def _form(path: Path) -> bytes:
    """Return schema and metadata of a file, without what names its run."""
    schema = pq.read_schema(path)
    metadata = {key: value for key, value in (schema.metadata or {}).items() if key != write.RUN_KEY}
    return bytes(schema.with_metadata(metadata).serialize())


def _join(files: Sequence[Path], place: Path, settings: WriteSettings) -> None:
    """Write the rows of the files one after the other, in row groups of `write.row_group_rows` or HELD_BYTES."""
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
