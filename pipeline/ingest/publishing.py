"""The next version of a dataset: files that stay are linked, those that lose rows are written again, new ones come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline import arrow, joined, write
from pipeline.dataset import MANIFEST, link, number_of, part
from pipeline.errors import ReconcileError
from pipeline.ingest import published
from pipeline.ingest.growth import grow
from pipeline.ingest.index import FACTS, FOLDER, Index
from pipeline.ingest.outcome import Counts, Outcome
from pipeline.ingest.provenance import provenance
from pipeline.ingest.views import view
from pipeline.report import page as report
from pipeline.schema import DOCUMENTS, REMOVED
from pipeline.settings import Settings, WriteSettings
from pipeline.steps.publish import TABLES
from pipeline.steps.recur import RULES_FILE, rules_file
from pipeline.work import Work

#: As many files at the end of a table that are all smaller than one of SIZES (bytes) become one. So n batches leave
#: at most 7 files of each size class and those of the last; a row is written again about once a class.
JOINED = 8
SIZES = tuple(2**exponent for exponent in (16, 19, 22, 25))


@dataclass(frozen=True)
class Batch:
    """All that makes the next version."""

    work: Work
    index: Index
    dataset: Path | None  #: the published version
    settings: Settings
    outcome: Outcome
    read: pa.Table  #: plan.READ of all inputs, from now on
    retired: pa.Array  #: sources


def fill(staged: Path, batch: Batch, manifest: dict[str, Any]) -> None:
    """Fill the folder of the next version; `manifest` becomes that of the dataset as a whole."""
    for name in TABLES:
        (staged / name).mkdir()
        _fill(staged, name, batch)
        while _joined(staged / name, batch.settings.write):
            pass
    number = int(batch.index.facts["batches"]) + 1
    counts = counted(batch.index.facts.get("counts"), manifest["counts"], batch.outcome.moved)
    manifest |= {"batch": {"number": number, "counts": manifest["counts"]}, "counts": counts}
    _fill_index(staged / FOLDER, batch, number, counts)
    if batch.work.load("recur", 0, "learned").num_rows:
        (staged / RULES_FILE).write_text(rules_file(batch.work), "utf-8")
    (staged / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False, default=str) + "\n", "utf-8")
    report.write(staged, staged / report.FILE)


def counted(before: Counts | None, batch: Counts, moved: Counts) -> Counts:
    """Return the counts of the dataset: those before, those of the batch, and what became of the past.

    Raises ReconcileError when in is not kept + removed + quarantined + retired.
    """
    total: Counts = {}
    for what in ("documents", "paragraphs"):
        names = ("in", "kept", "removed", "quarantined", "retired")
        parts = [(before or {}).get(what, {}), batch[what], moved[what]]
        total[what] = {name: sum(each.get(name, 0) for each in parts) for name in names}
        if total[what]["in"] != sum(total[what][name] for name in names[1:]) or min(total[what].values()) < 0:
            raise ReconcileError(f"{what} do not add up, so nothing was published; please report this: {total[what]}")
    return total


def _fill(staged: Path, name: str, batch: Batch) -> None:
    """Link, or write again, the files of one table, and add the new ones.

    Files that are linked get another name too: a reader who listed the version before must not take them for a whole.
    """
    version, number = number_of(staged), 0
    again = _again(batch, name)
    for file in sorted((batch.dataset / name).glob("*.parquet")) if batch.dataset else ():
        place = staged / name / part(version, number)
        if file in again:
            again[file](place)
            number += 1
        elif write.rows(file):
            link(file, place)
            number += 1
    new = list(_new(batch, name))
    # A table without rows still has one file: a glob that matches nothing is an error in DuckDB.
    some = [each for each in new if _rows(each)] or ([] if any((staged / name).iterdir()) else new[:1])
    for at, each in enumerate(some, number):
        place = staged / name / part(version, at)
        if isinstance(each, Path):
            link(each, place)
        else:
            write.parquet(place, each, batch.settings.write, batch.work.keys["finish"])


def _joined(folder: Path, settings: WriteSettings) -> bool:
    """Join the last files of a table where JOINED or more are of one size class; return whether they were."""
    files = sorted(folder.glob("*.parquet"))
    sizes = [file.stat().st_size for file in files]
    for limit in SIZES:
        first = max((at + 1 for at, size in enumerate(sizes) if size >= limit), default=0)
        if len(files) - first >= JOINED:
            return _join(files[first:], settings)
    return False


def _join(files: list[Path], settings: WriteSettings) -> bool:
    """Put one file in the place of these, if they are of one form."""
    if len({joined.form(file) for file in files}) > 1:
        return False
    beside = files[0].with_suffix(".joined")
    joined.join(files, beside, settings)
    for file in files:
        file.unlink()
    beside.rename(files[0])
    return True


def _rows(each: Path | pa.Table) -> int:
    return write.rows(each) if isinstance(each, Path) else int(each.num_rows)


def _new(batch: Batch, name: str) -> Iterator[Path | pa.Table]:
    """Yield the files of the batch, and what is new of the past."""
    own = view(batch.work)
    if name == "ledger" and batch.outcome.entries.num_rows:
        yield batch.outcome.entries
    for shard in own.shards():
        yield own.folder("finish", shard) / f"{name}.parquet"
    of_past = getattr(batch.outcome, name, None) if name in ("documents", "removed", "paragraphs") else None
    if of_past is not None:
        yield of_past


def _again(batch: Batch, name: str) -> dict[Path, Any]:
    """Return the files that are written again, each with what writes it to a place."""
    if batch.dataset is None or name == "ledger":
        return {}
    folder, to, run = batch.dataset / name, batch.settings.write, batch.work.keys["finish"]
    chosen = _leaving(batch, name)
    base = {"documents": DOCUMENTS, "removed": REMOVED}.get(name)
    wider = _wider(batch) if base else None
    schema = pa.schema([*base, *wider]) if base and wider else None
    files = sorted(folder.glob("*.parquet")) if schema else published.holding(folder, chosen)

    def writing(file: Path) -> Any:
        return lambda place: published.without(file, chosen, place, to, run, schema)

    return {file: writing(file) for file in files}


def _leaving(batch: Batch, name: str) -> pc.Expression | None:
    """Return which published rows of a table are to be taken out; None: none."""
    ids = batch.outcome.gone
    if name == "removed":
        spoken_of = [table for table in (batch.outcome.entries, batch.outcome.removed) if table is not None]
        ids = published.ids_of(spoken_of)
    # Documents that had no paragraph are not in the index, so nothing else tells that they leave with their source.
    columns = {"quarantine": ["source"], "removed": ["doc_id", "source"]}.get(name, ["doc_id"])
    values = {"doc_id": ids, "source": batch.retired}
    chosen = [pc.is_in(ds.field(column), values[column]) for column in columns if len(values[column])]
    return reduce(or_, chosen) if chosen else None


def _wider(batch: Batch) -> pa.Schema | None:
    """Return the schema of the user's columns if the batch changed it, else None."""
    before = batch.index.table("columns", pa.schema([])).schema
    now = batch.work.load("gather", 0, "columns").schema
    return None if now.equals(before) else now


def _fill_index(folder: Path, batch: Batch, number: int, counts: Counts) -> None:
    grow(
        folder / "segments", batch.work, batch.index, batch.settings, number, batch.outcome.found, batch.outcome.changed
    )
    arrow.write_file(folder / "inputs.arrow", batch.read)
    arrow.write_file(folder / "learned.arrow", batch.work.load("recur", 0, "learned"))
    arrow.write_file(folder / "columns.arrow", batch.work.load("gather", 0, "columns"))
    facts = {"batches": number, "counts": counts, "provenance": provenance(batch.settings)}
    (folder / FACTS).write_text(json.dumps(facts, indent=2, ensure_ascii=False))
