"""Publish: the counts must add up, then the dataset appears as a new version."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import arrow, joined, write
from pipeline.dataset import MANIFEST, link, number_of, part
from pipeline.dedup.memory import size
from pipeline.errors import ReconcileError
from pipeline.report import page as report
from pipeline.schema import DOCUMENTS
from pipeline.seal import sync
from pipeline.settings import WriteSettings
from pipeline.steps import delta, layout
from pipeline.steps.recur import RULES_FILE, rules_file
from pipeline.steps.sketch import left
from pipeline.target import Data
from pipeline.work import Work

#: The tables of a dataset: a file of each is left by `finish` for each shard.
TABLES = ("documents", "removed", "paragraphs", "ledger", "quarantine")
#: Written when `write.signatures` says so.
SIGNATURES = ("signatures/documents", "signatures/paragraphs")
#: Sources of which the manifest gives figures of their own; the ledger has those of all.
SOURCES_SHOWN = 100


def reconcile(work: Work) -> dict[str, dict[str, int]]:
    """Return the counts of documents and paragraphs: `in`, `kept`, `removed`, `quarantined`.

    Each figure is counted where it arises: `in` by the reader and the splitter, `kept` and
    `quarantined` in the written files, `removed` in the written ledger.
    Raises ReconcileError when in is not kept + removed + quarantined.
    """
    counts = {"documents": _document_counts(work), "paragraphs": _paragraph_counts(work)}
    for what, count in counts.items():
        if count["in"] != count["kept"] + count["removed"] + count["quarantined"]:
            raise ReconcileError(f"{what} do not add up, so nothing was published; please report this: {count}")
    return counts


def by_rule(work: Work) -> list[dict[str, Any]]:
    """Return one record a stage, rule and action of the ledger, with its number of rows, most first."""
    return _grouped(work, ["stage", "rule", "action"])


def damage(work: Work) -> dict[str, Any]:
    """Return what encoding repair did and could not do, in ledger rows: in all, and for the sources with most.

    `decoded`: documents that were not UTF-8; `repaired`: lines changed; `suspect`: paragraphs still damaged.
    """
    kinds = {("read", "edit"): "decoded", ("encoding", "edit"): "repaired", ("encoding", "mark"): "suspect"}
    total = dict.fromkeys(kinds.values(), 0)
    by_source: dict[str, dict[str, int]] = {}
    for row in _grouped(work, ["stage", "action", "source"]):
        kind = kinds.get((row["stage"], row["action"]))
        if kind:
            by_source.setdefault(row["source"], dict.fromkeys(total, 0))[kind] = row["rows"]
            total[kind] += row["rows"]
    most = sorted(by_source, key=lambda source: (-sum(by_source[source].values()), source))[:SOURCES_SHOWN]
    return {**total, "sources": len(by_source), "by_source": {source: by_source[source] for source in most}}


def publish(work: Work, data: Data, manifest: Mapping[str, Any], settings: WriteSettings) -> dict[str, Any]:
    """Publish the files of all finished shards as the next version of the dataset; return its manifest.

    To be called under `target.writing`.
    """
    staged = data.stage()
    columns = pa.schema([*DOCUMENTS, *work.load("gather", 0, "columns").schema])
    manifest = {**manifest, "partitions": layout.partitions(settings, columns)}
    for name in (*TABLES, *SIGNATURES):
        files = [path for path in _files(work, name) if path.is_file()]
        if not files:
            continue
        (staged / name).mkdir(parents=True)
        # A table without rows still leaves one file: a glob that matches nothing is an error in DuckDB.
        some = [path for path in files if write.rows(path)] or files[:1]
        if name == "documents" and layout.laid_out(settings):
            layout.lay_out(some, staged / name, number_of(staged), settings, work.root)
        else:
            _gathered(some, staged / name, number_of(staged), settings)
    if settings.format == "delta":
        delta.commit(staged / "documents", layout.as_of(manifest))
    if work.load("recur", 0, "learned").num_rows:
        (staged / RULES_FILE).write_text(rules_file(work), "utf-8")
    (staged / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False, default=str) + "\n", "utf-8")
    with ThreadPoolExecutor(1) as hand:
        written = hand.submit(sync, staged)  # the disk writes the tables while the report is made of them
        report.write(staged, staged / report.FILE)
        written.result()
    return data.manifest(data.publish(staged, settings.keep_versions))


def _gathered(files: Sequence[Path], folder: Path, version: int, settings: WriteSettings) -> None:
    """Link the files into a folder of a version, or join neighbours up to `write.file_size`."""
    for number, group in enumerate(joined.groups(files, size(settings.file_size, "write.file_size"))):
        if len(group) == 1:
            link(group[0], folder / part(version, number))
        else:
            joined.join(group, folder / part(version, number), settings)


def _files(work: Work, name: str) -> list[Path]:
    return [work.folder("finish", shard) / f"{name}.parquet" for shard in work.shards()]


def _grouped(work: Work, columns: list[str]) -> list[dict[str, Any]]:
    """Return the number of ledger `rows` for each combination of the columns, most first."""
    tables = (pq.read_table(path, columns=columns) for path in _files(work, "ledger"))
    counts = [table.group_by(columns).aggregate([([], "count_all")]) for table in tables]
    counted = pa.concat_tables(counts).group_by(columns).aggregate([("count_all", "sum")])
    order = [("count_all_sum", "descending"), *((column, "ascending") for column in columns)]
    rows = counted.sort_by(order).select([*columns, "count_all_sum"]).rename_columns([*columns, "rows"])
    return list(rows.to_pylist())


def _rows(work: Work, name: str) -> int:
    return sum(write.rows(path) for path in _files(work, name))


def _dropped(work: Work, whole: bool) -> int:
    """Return the number of ledger rows that drop whole documents, or paragraphs."""
    count = 0
    for path in _files(work, "ledger"):
        table = pq.read_table(path, columns=["action", "position"])
        drops = table.filter(pc.equal(table["action"], "drop"))["position"]
        count += drops.null_count if whole else len(drops) - drops.null_count
    return count


def _document_counts(work: Work) -> dict[str, int]:
    quarantined = _rows(work, "quarantine")
    read = sum(work.load("read", shard, "documents").num_rows for shard in work.shards())
    kept, removed = _rows(work, "documents"), _dropped(work, whole=True)
    return {"in": read + quarantined, "kept": kept, "removed": removed, "quarantined": quarantined}


def _paragraph_counts(work: Work) -> dict[str, int]:
    split = [arrow.numbers(work.load("prepare", shard, "split")["n_paragraphs"]).sum() for shard in work.shards()]
    kept, dropped = _rows(work, "paragraphs"), _dropped(work, whole=False)
    with_document = sum(_with_document(work, shard) for shard in work.shards())
    return {"in": int(sum(split)), "kept": kept, "removed": dropped + with_document, "quarantined": 0}


def _with_document(work: Work, shard: int) -> int:
    """Return how many paragraphs went with their duplicate document."""
    verdicts = work.load("match", 0, "documents")
    gone = arrow.numbers(verdicts.filter(pc.equal(verdicts["action"], "drop"))["doc"])
    return int(np.isin(arrow.numbers(left(work, shard, "paragraphs")["doc"]), gone).sum())
