"""Losses: what each stage removed of each source, site and language, and which of that breaks a limit.

Public corpora lost whole sources to a threshold that nobody watched; a run that removes more than it may
stops before anything is published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import arrow
from pipeline.settings import AlarmSettings
from pipeline.steps.intake import documents
from pipeline.work import Work

#: What documents are grouped by. `corpus`: all of them.
GROUPS = ("corpus", "source", "site", "language")
#: Groups of a kind that the manifest tells of, those with most documents first; next time drift is told by them.
SHOWN = 100
_KEYS = ["group", "name"]
_SUMS = ["documents", "paragraphs"]


class Alarm(NamedTuple):
    """One limit that is broken: by what, in which group, how much, and how much is allowed."""

    group: str
    name: str
    stage: str
    what: str
    share: float
    limit: float


def losses(work: Work) -> list[dict[str, Any]]:
    """Return a record a group: `group`, `name`, `documents`, `paragraphs` (given), and `removed` by stage.

    `removed` gives for each stage that removed something [documents, paragraphs]; a document goes with all its
    paragraphs, which do not count again. Inputs that could not be read are documents of the stage `read`.
    Ordered by group, then documents, most first; at most SHOWN of each group.
    """
    given, gone = [], []
    for shard in work.shards():
        some, lost = _of_shard(work, shard)
        given.append(some)
        gone.append(lost)
    groups = _summed(pa.concat_tables(given), _KEYS)
    removed: dict[tuple[str, str], dict[str, list[int]]] = {}
    for row in _summed(pa.concat_tables(gone), [*_KEYS, "stage"]).to_pylist():
        removed.setdefault((row["group"], row["name"]), {})[row["stage"]] = [row["documents"], row["paragraphs"]]
    found = [row | {"removed": removed.get((row["group"], row["name"]), {})} for row in groups.to_pylist()]
    found.sort(key=lambda row: (GROUPS.index(row["group"]), -row["documents"], row["name"]))
    return [row for kind in GROUPS for row in [row for row in found if row["group"] == kind][:SHOWN]]


def alarms(
    now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]], largest: int, limits: AlarmSettings
) -> list[Alarm]:
    """Return the limits that are broken, the whole corpus first.

    now, before: of this run and of the last one, as `losses` gives them. largest: documents in the largest cluster
    of duplicates. Groups of fewer than `limits.min_documents` documents are not judged.
    """
    last = {(row["group"], row["name"]): row for row in before}
    found: list[Alarm] = []
    for row in now:
        if row["documents"] < limits.min_documents:
            continue
        found += _over(row, limits)
        if (row["group"], row["name"]) in last:
            found += _drifted(row, last[row["group"], row["name"]], limits)
    share = largest / max(1, now[0]["documents"]) if now else 0.0
    if share > limits.max_cluster_share and largest >= limits.min_documents:
        found.append(
            Alarm("corpus", "", "dedup.documents", "documents in one cluster", share, limits.max_cluster_share)
        )
    return found


def largest_cluster(work: Work) -> int:
    """Return how many documents, that which stays included, are copies of one."""
    owners = arrow.numbers(work.load("match", 0, "copies")["doc"])
    return int(np.unique(owners, return_counts=True)[1].max(initial=0)) + (len(owners) > 0)


def table(found: Sequence[Alarm]) -> str:
    """Return the alarms as lines for a terminal."""
    rows = [("stage", "of", "removed", "share", "limit")]
    for alarm in found:
        of = f"{alarm.group} {alarm.name}".strip()
        rows.append((alarm.stage, of, alarm.what, f"{alarm.share:.1%}", f"{alarm.limit:.1%}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _over(row: Mapping[str, Any], limits: AlarmSettings) -> list[Alarm]:
    found = []
    for stage, counts in row["removed"].items():
        for what, count, limit in zip(_SUMS, counts, (limits.max_documents, limits.max_paragraphs), strict=True):
            share = count / max(1, row[what])
            if share > limit:
                found.append(Alarm(row["group"], row["name"], stage, what, share, limit))
    return found


def _drifted(row: Mapping[str, Any], last: Mapping[str, Any], limits: AlarmSettings) -> list[Alarm]:
    if last["documents"] < limits.min_documents:
        return []
    found = []
    for stage in sorted({*row["removed"], *last["removed"]}):
        for at, what in enumerate(_SUMS):
            shares = [one["removed"].get(stage, (0, 0))[at] / max(1, one[what]) for one in (row, last)]
            if abs(shares[0] - shares[1]) > limits.max_drift:
                what = f"{what} ({shares[1]:.1%} last time)"
                found.append(Alarm(row["group"], row["name"], stage, what, shares[0], limits.max_drift))
    return found


def _of_shard(work: Work, shard: int) -> tuple[pa.Table, pa.Table]:
    """Return (documents and paragraphs given, documents and paragraphs removed by stage), by group."""
    read, facts = documents(work, shard), work.load("prepare", shard, "split")
    columns = ["stage", "action", "doc_id", "source", "position"]
    entries = pq.read_table(work.folder("finish", shard) / "ledger.parquet", columns=columns)
    aside = entries.filter(pc.equal(entries["action"], "quarantine"))
    entries = entries.filter(pc.equal(entries["action"], "drop"))
    row = pc.index_in(entries["doc_id"], value_set=arrow.one_chunk(read["doc_id"]))
    whole = pc.is_null(entries["position"]).cast(pa.int64())
    lost = {"stage": entries["stage"], "documents": whole, "paragraphs": pc.subtract(1, whole)}
    ones, none = pa.repeat(1, aside.num_rows), pa.repeat(0, aside.num_rows)
    unread = {"stage": aside["stage"], "documents": ones, "paragraphs": none}
    given, gone = [], []
    for kind in GROUPS:
        names = _names(kind, read, facts)
        count = pa.repeat(1, len(names))
        given.append(_grouped(kind, names, {"documents": count, "paragraphs": facts["n_paragraphs"]}, []))
        gone.append(_grouped(kind, names.take(row), lost, ["stage"]))
        if kind in ("corpus", "source"):
            name = aside["source"] if kind == "source" else pa.repeat("", aside.num_rows)
            given.append(_grouped(kind, name, {"documents": ones, "paragraphs": none}, []))
            gone.append(_grouped(kind, name, unread, ["stage"]))
    return pa.concat_tables(given), pa.concat_tables(gone)


def _names(kind: str, read: pa.Table, facts: pa.Table) -> pa.Array:
    if kind == "corpus":
        return pa.repeat("", read.num_rows)
    column = read["source"] if kind == "source" else pc.fill_null(facts[kind], "unknown")
    return arrow.one_chunk(column)


def _grouped(kind: str, names: Any, columns: Mapping[str, Any], keys: list[str]) -> pa.Table:
    rows = pa.table({"group": pa.repeat(kind, len(names)), "name": names, **columns})
    return _summed(rows, [*_KEYS, *keys])


def _summed(rows: pa.Table, keys: list[str]) -> pa.Table:
    """Return the sums of documents and paragraphs for each combination of the keys."""
    sums = rows.group_by(keys).aggregate([(name, "sum") for name in _SUMS])
    names = [*keys, *(f"{name}_sum" for name in _SUMS)]
    return sums.select(names).rename_columns([*keys, *_SUMS])
