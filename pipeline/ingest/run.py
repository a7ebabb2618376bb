"""An ingest from its inputs to the next version: the steps of `corpus`, on what is new and what that touches.

Each step is a plain function of a small `Ingest`, so that the command line and a flow call the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow, corpus
from pipeline.corpus import INPUTS, Begun, Progress, Run, timed
from pipeline.dataset import Dataset, number_of, place_of
from pipeline.errors import OutputError, SettingsError
from pipeline.ingest import plan as plans
from pipeline.ingest import provenance
from pipeline.ingest.examine import examine
from pipeline.ingest.identity import gather
from pipeline.ingest.index import FACTS, FOLDER, Index, name_keys
from pipeline.ingest.known import recur_with_past
from pipeline.ingest.outcome import outcome
from pipeline.ingest.plan import READ, REFUSED, Plan
from pipeline.ingest.publishing import Batch, fill
from pipeline.ingest.search import search
from pipeline.ingest.states import RETIRED
from pipeline.ingest.views import KNOWN, batch, view
from pipeline.manifest import losses_of, manifest_of
from pipeline.read.inputs import Input, digest, find
from pipeline.settings import Settings, WriteSettings
from pipeline.target import Target, target, writing
from pipeline.work import Work

Ids = NDArray[np.int64]
STEPS = corpus.STEPS


class Ingest(NamedTuple):
    """All that the steps of one ingest need; small, so that tasks can hand it on."""

    work: Work
    data: Dataset
    settings: Settings
    version: int  #: that is published; 0: none
    nothing: bool  #: all inputs are in the dataset already
    unchanged: int  #: inputs that are


def ingest(
    inputs: Sequence[str],
    out: str | Path,
    settings: Settings | None = None,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Bring what is new or changed of `inputs` into the dataset `out`; return the manifest of its next version.

    On an empty place that is `corpus.clean_corpus`, with an index. Where nothing is new the manifest is that of the
    published version, with `batch` null. A run that was broken off goes on where it was when it is started again.
    Raises SettingsError, OutputError (no index, or locked), ProvenanceError, DuplicateIdError, RunError.
    """
    settings = settings or Settings()
    place = target(place_of(out), settings.run.work)
    with writing(place):
        run = start(inputs, place, settings)
        show = progress or (lambda *_: None)
        took = {step: timed(advance, run, step, executor, show) for step in STEPS}
        return complete(run, took)


def start(inputs: Sequence[str], place: Target, settings: Settings) -> Ingest:
    """Look at the inputs and the dataset, and set up the work directory.

    To be called, as all up to `complete`, under `target.writing(place)`; `place.data` is in a folder.
    """
    data, root = place
    assert isinstance(data, Dataset), "place_of has refused what lies in a store"
    corpus.check(settings)
    require_as_it_comes(settings.write)
    provenance.require_able(settings)
    data.require_able()
    index = _index(data, data.number() or 0, settings)
    corpus.make(root)
    found, refused = find(inputs, settings.read.follow_links)
    found = [_named(corpus.spooled(item, root)) for item in found]
    number = int(index.facts["batches"]) + 1
    plan = plans.plan(index.table("inputs", READ), found, refused, number, prune=settings.ingest.prune)
    work = _work(root, data, plan, settings)
    nothing = plan.nothing and index.folder is not None
    corpus.repaired(work)
    if not nothing and not work.has("inputs", 0):
        _save(work, plan, _retiring(index, plan.retired))
    return Ingest(work, data, settings, data.number() or 0, nothing, plan.unchanged)


def require_as_it_comes(settings: WriteSettings) -> None:
    """Raise SettingsError where the files are to be laid out: a batch adds files, and would have to write all again."""
    usual = WriteSettings()
    for name in ("partition_by", "sort_by", "file_size", "format"):
        if getattr(settings, name) != getattr(usual, name):
            raise SettingsError(
                f"write.{name} is for `corpusmill clean`: `ingest` adds files to what is there; leave it out, and "
                "join files with `corpusmill compact`"
            )


def advance(run: Ingest, step: str, executor: Executor | None, progress: Progress) -> None:
    """Do one step, leaving out what an earlier try has done."""
    if run.nothing:
        return
    progress(step, 0, 0)
    work, settings, index = run.work, run.settings, _index(run.data, run.version, run.settings)
    retiring = _ids(work)
    begun: Begun = {}
    if step == "prepare":
        begun = _read(run, index, executor)
    elif step == "recur" and not work.has("recur", 0):
        recur_with_past(work, index, settings, retiring)
    elif step == "match" and not work.noted("match"):
        search(work, index, settings, retiring)
    elif step == "finish":
        examine(work, index, settings, run.data.folder(run.version))
    seen = Run(view(work, [KNOWN] if step == "sketch" else []), run.data, settings, False)
    if step == "prepare":
        corpus.each(step, seen, executor, progress, begun)
    elif step in corpus.SHARD_STEPS:
        corpus.advance(seen, step, executor, progress)
    else:
        progress(step, len(seen.work.shards()), len(seen.work.shards()))


def complete(run: Ingest, took: dict[str, float]) -> dict[str, Any]:
    """Reconcile the counts, publish the next version, remove the work directory; return the manifest."""
    data = run.data
    manifest = data.manifest() | {"batch": None} if run.nothing else data.manifest(_publish(run, data, took))
    if not run.settings.run.keep_work:
        run.work.remove()
    return manifest


def _publish(run: Ingest, data: Dataset, took: dict[str, float]) -> int:
    work = run.work
    index = _index(data, run.version, run.settings)
    before, dataset = index.table("inputs", READ), data.folder(run.version) if run.version else None
    sources = work.load("inputs", 0, "retired")["source"]
    gone = pc.is_in(before["source"], arrow.one_chunk(sources))
    own = Run(view(work), run.data, run.settings, False)
    manifest = manifest_of(own.work, own.settings, took) | losses_of(own.work, own.settings, data)
    result = outcome(work, index, dataset or data.root, _ids(work), before.filter(gone))
    read = pa.concat_tables([before.filter(pc.invert(gone)), _counted(work)])
    staged = data.stage()
    if run.version and number_of(staged) <= run.version:
        raise OutputError(f"{data.root} was changed by another program while it was ingested into: start again")
    fill(staged, Batch(work, index, dataset, run.settings, result, read, arrow.one_chunk(sources)), manifest)
    return data.publish(staged, run.settings.write.keep_versions)


def _index(data: Dataset, version: int, settings: Settings) -> Index:
    """Return the index of a version of the dataset; that of nothing where nothing is published.

    Raises OutputError when the version has none, ProvenanceError when it was made in another way.
    """
    if not version and not data.old_layout():
        return Index(None)
    folder = data.folder(version) / FOLDER
    if not (folder / FACTS).is_file():
        if data.manifest().get("restored"):
            raise OutputError(
                f"{data.root} has no index since `corpusmill restore` put text back that it calls removed: go back "
                f"with `corpusmill rollback {data.root}`, ingest, and restore again"
            )
        raise OutputError(
            f"{data.root} has no index, for it was made by `corpusmill clean`: ingest everything into another folder, "
            "`corpusmill ingest` writes one"
        )
    index = Index(folder)
    provenance.check(index.facts["provenance"], settings, str(data.root))
    return index


def _named(item: Input) -> Input:
    """Give standard input a name by its content: what came in that way before is another input."""
    return item._replace(source=f"stdin-{digest(item)}") if item.source == "-" else item


def _work(root: Path, data: Dataset, plan: Plan, settings: Settings) -> Work:
    rows = [item._asdict() | {"digest": said} for item, said in zip(plan.inputs, _digests(plan), strict=True)]
    inputs = pa.Table.from_pylist(rows, schema=INPUTS)
    base = f"{data.number()} {plan.retired} {settings.ingest.late_better}"
    return Work(root, corpus.keys(inputs, plan.refused, settings, base))


def _digests(plan: Plan) -> list[str]:
    known = {row["source"]: row["digest"] for row in plan.read.to_pylist() if row["digest"] != REFUSED}
    return [known[item.source] for item in plan.inputs]


def _save(work: Work, plan: Plan, retiring: Ids) -> None:
    rows = [item._asdict() | {"digest": said} for item, said in zip(plan.inputs, _digests(plan), strict=True)]
    tables = {
        "inputs": pa.Table.from_pylist(rows, schema=INPUTS),
        "refused": plan.refused,
        "read": plan.read,
        "retired": pa.table({"source": pa.array(plan.retired, pa.string())}),
        "retiring": pa.table({"id": retiring}),
    }
    work.save("inputs", 0, tables)


def _ids(work: Work) -> Ids:
    ids: Ids = arrow.numbers(work.load("inputs", 0, "retiring")["id"])
    return ids


def _retiring(index: Index, sources: list[str]) -> Ids:
    """Return the documents of these sources."""
    if not sources:
        return np.zeros(0, np.int64)
    names = pa.array(sources, pa.string())
    found = index.find(["names"], name_keys("source", names))
    found = found[index.states("documents", found).state != RETIRED]
    if not len(found):
        return np.zeros(0, np.int64)
    return np.asarray(found[pc.is_in(index.take("documents", found)["source"], names).to_numpy()])


def _read(run: Ingest, index: Index, executor: Executor | None) -> Begun:
    """Read the batch; return the shards that are being prepared meanwhile."""
    work, begun = run.work, {}
    own = Run(Work(work.root, {**work.keys, "gather": f"{work.keys['gather']}-batch"}), run.data, run.settings, False)
    if not own.work.noted("read") or not own.work.has("gather", 0):
        begun = corpus.read_inputs(own, executor)
    if index.folder is None:
        corpus.require_documents(own)
    if not work.has("gather", 0):
        gather(work, replace(view(work), keys=own.work.keys), index, run.settings, _ids(work))
    return begun


def _counted(work: Work) -> pa.Table:
    """Return READ of the batch with its counts."""
    own = view(work)
    counts: dict[str, dict[str, int]] = {}
    for shard in batch(work):
        read, split = own.load("read", shard, "documents")["source"], own.load("prepare", shard, "split")
        table = pa.table(
            {"source": read, "documents": np.ones(len(read), np.int64), "paragraphs": split["n_paragraphs"]}
        )
        aside = own.load("read", shard, "quarantine")["source"]
        for row in table.group_by("source").aggregate([("documents", "sum"), ("paragraphs", "sum")]).to_pylist():
            one = counts.setdefault(row["source"], {"documents": 0, "paragraphs": 0, "quarantined": 0})
            one["documents"] += row["documents_sum"]
            one["paragraphs"] += row["paragraphs_sum"]
        for row in pa.table({"source": aside}).group_by("source").aggregate([([], "count_all")]).to_pylist():
            one = counts.setdefault(row["source"], {"documents": 0, "paragraphs": 0, "quarantined": 0})
            one["quarantined"] += row["count_all"]
    rows = [row | counts.get(row["source"], {}) for row in work.load("inputs", 0, "read").to_pylist()]
    return pa.Table.from_pylist(rows, schema=READ)
