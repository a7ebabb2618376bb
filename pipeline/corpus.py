"""The order of the house: read and prepare, recur, sketch, match, finish, publish.

A shard is prepared as soon as it is read. Steps on a shard (prepare, sketch, finish) may run anywhere and in
any order; recur and match see all shards, but of them only fingerprints, sketches and the texts of candidates.
Each step is a plain function of the work directory and the settings. The command line and the Prefect flow
call the same ones, so they give the same rows.
"""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline import stores
from pipeline.boilerplate.rules import load as load_rules
from pipeline.clean.typography import check as check_typography
from pipeline.dedup.banding import choose
from pipeline.dedup.memory import budget
from pipeline.dedup.needs import disk_needed
from pipeline.errors import OutputError, RunError
from pipeline.manifest import losses_of, manifest_of
from pipeline.pool import workers
from pipeline.progress import bars
from pipeline.read.given import Inputs, Rows, spool, told_apart
from pipeline.read.inputs import Input, digest, find
from pipeline.result import Result, result_of
from pipeline.schema import QUARANTINE
from pipeline.settings import Settings
from pipeline.shown import shown
from pipeline.steps import delta, layout, publish
from pipeline.steps.finish import finish
from pipeline.steps.intake import intake
from pipeline.steps.match import match
from pipeline.steps.prepare import prepare
from pipeline.steps.recur import recur
from pipeline.steps.sketch import sketch_shard
from pipeline.target import Data, Target, target, writing
from pipeline.work import Work, code_digest, step_keys

LOG = logging.getLogger("pipeline")

#: One input a row: the fields of `Input`, and the digest of its bytes.
INPUTS = pa.schema([(name, pa.string()) for name in (*Input._fields, "digest")])
#: Called as (step, shards done, shards in all); shards in all are 0 when a step begins.
Progress = Callable[[str, int, int], None]
ShardStep = Callable[[Work, Settings, int], None]
#: Shards on which a step has begun.
Begun = dict[int, "Future[None]"]
#: All steps between looking at the inputs and publishing, in order.
STEPS = ("prepare", "recur", "sketch", "match", "finish")
#: The steps that see one shard at a time.
SHARD_STEPS: dict[str, ShardStep] = {"prepare": prepare, "sketch": sketch_shard, "finish": finish}


class Run(NamedTuple):
    """All that the steps of one run need; small, so that tasks can hand it on."""

    work: Work
    data: Data
    settings: Settings
    #: An earlier try of this very run was published, and stopped while it tidied up: nothing is to be done.
    published: bool


def clean_corpus(
    inputs: Inputs,
    out: str | Path,
    settings: Settings | None = None,
    *,
    overwrite: bool = False,
    executor: Executor | None = None,
    progress: Progress | bool = True,
) -> Result:
    """Clean and deduplicate `inputs` into `out`, a folder or a place in an object store; return the version.

    inputs: a file, folder, glob or URI, several of them, "-" for standard input; or the rows themselves: an Arrow,
    pandas or Polars table, or dicts. executor: where shards are worked on; None: as `settings.run` says. The rows
    that come out do not depend on it. progress: whether a terminal or a notebook shows bars, or what is told instead.
    A run that was broken off goes on where it was when it is started again.
    Raises SettingsError, OutputError, DuplicateIdError, or RunError when no input could be read.
    """
    settings, given = settings or Settings(), told_apart(inputs)
    place = target(out, settings.run.work)
    with ExitStack() as held:
        held.enter_context(writing(place))
        if executor is None:
            executor = held.enter_context(workers(settings.run, () if isinstance(given, Rows) else given))
        show = progress if callable(progress) else held.enter_context(bars(progress))
        run = start(given, place, settings, overwrite=overwrite)
        took = {step: timed(advance, run, step, executor, show) for step in STEPS}
        complete(run, took)
        return result_of(place.data, str(out))


def timed(do: Callable[..., object], *arguments: object) -> float:
    """Return how many seconds `do(*arguments)` took."""
    began = time.perf_counter()
    do(*arguments)
    return round(time.perf_counter() - began, 3)


def start(inputs: Sequence[str] | Rows, place: Target, settings: Settings, *, overwrite: bool) -> Run:
    """Look at the inputs and the place for the output, and set up the work directory.

    To be called, as all up to `complete`, under `target.writing(place)`. Raises OutputError when the place is taken,
    unless by this very run: one that was stopped after it had published is done when it is started again.
    """
    data, root = place
    check(settings)
    died = root.exists()
    data.require_free(overwrite or died)
    data.require_able()
    make(root)
    found, refused = _found(inputs, root, settings.read.follow_links)
    table = pa.Table.from_pylist([item._asdict() | {"digest": digest(item)} for item in found], schema=INPUTS)
    work = Work(root, keys(table, refused, settings))
    repaired(work)
    published = died and data.number() is not None and data.manifest()["run"] == work.keys["finish"]
    data.require_free(overwrite or published)
    work.save("inputs", 0, {"inputs": table, "refused": refused})
    return Run(work, data, settings, published)


def advance(run: Run, step: str, executor: Executor | None, progress: Progress) -> None:
    """Do one step of the run on all shards, leaving out what an earlier try has done."""
    work = run.work
    if run.published:
        return
    begun: Begun = {}
    progress(step, 0, 0)
    if step == "prepare":
        if not work.noted("read") or not work.has("gather", 0):
            begun = read_inputs(run, executor)
        require_documents(run)
        theirs = work.load("gather", 0, "columns").schema
        layout.require_columns(run.settings.write, theirs)
        delta.require_able(run.settings.write, theirs)
    elif step == "recur" and not work.has("recur", 0):
        recur(work, run.settings)
    elif step == "sketch":
        _require_disk(run)
    elif step == "match" and not work.noted("match"):
        match(work, run.settings)
    if step in SHARD_STEPS:
        each(step, run, executor, progress, begun)
    else:
        progress(step, len(work.shards()), len(work.shards()))


def complete(run: Run, took: dict[str, float]) -> dict[str, Any]:
    """Reconcile the counts, publish the dataset, remove the work directory; return the manifest."""
    data = run.data
    if run.published:
        manifest = data.manifest()
    else:
        manifest = manifest_of(run.work, run.settings, took) | losses_of(run.work, run.settings, data)
        manifest = publish.publish(run.work, data, manifest, run.settings.write)
    if not run.settings.run.keep_work:
        run.work.remove()
    return manifest


def read_inputs(run: Run, executor: Executor | None) -> Begun:
    """Read all inputs; return the shards that are being prepared meanwhile.

    Where ids may be changed once all are known, nothing is prepared before that. The last shard waits: where
    it is the only one, starting a worker would take longer than the work.
    """
    work, settings = run.work, run.settings
    early = settings.read.on_duplicate_id == "error"
    begun: dict[int, Future[Future[None]]] = {}

    def begin(shard: int) -> None:
        before = shard - 1
        if executor and before >= 0 and early and not work.has("prepare", before):
            begun[before] = hand.submit(executor.submit, SHARD_STEPS["prepare"], work, settings, before)

    local = [Path(item.path) for item in inputs_of(work) if not stores.is_remote(item.path)]
    states = list(map(_state, local))
    # By a hand of its own: the first `submit` returns when a worker has been started, after 2 s.
    with ThreadPoolExecutor(1) as hand:
        try:
            intake(work, inputs_of(work), work.load("inputs", 0, "refused"), settings, begin)
            _require_unchanged(work, local, states)
        except BaseException:
            for future in begun.values():
                future.result().cancel()
            raise
    return {shard: future.result() for shard, future in begun.items()}


def _state(path: Path) -> tuple[int, int] | None:
    """Return (bytes, time of the last change in ns); None where the file is gone: then reading it says so."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _require_unchanged(work: Work, paths: Sequence[Path], before: Sequence[tuple[int, int] | None]) -> None:
    """Raise RunError when a file was written to while it was read: its rows may be of neither state."""
    for path, state in zip(paths, before, strict=True):
        now = _state(path)
        if state and now and now != state:
            work.remove()
            raise RunError(
                f"{shown(str(path))} was changed while it was read: start the same command again when it is at rest, "
                "or leave it out; nothing was published"
            )


def each(step: str, run: Run, executor: Executor | None, progress: Progress, begun: Begun) -> None:
    """Do the step on all shards on which it is not done; wait for those on which it has begun."""
    shards = run.work.shards()
    todo = [shard for shard in shards if shard in begun or not run.work.has(step, shard)]
    done = len(shards) - len(todo)
    if executor is None or (len(todo) == 1 and not begun):
        for shard in todo:
            SHARD_STEPS[step](run.work, run.settings, shard)
            done += 1
            progress(step, done, len(shards))
        return
    rest = [shard for shard in todo if shard not in begun]
    futures = [executor.submit(SHARD_STEPS[step], run.work, run.settings, shard) for shard in rest]
    for future in as_completed([*begun.values(), *futures]):
        _result(future)
        done += 1
        progress(step, done, len(shards))


def _result(future: Future[None]) -> None:
    try:
        future.result()
    except BrokenExecutor as error:
        raise RunError(
            "a worker process died, most likely for want of memory: start the same command again with fewer "
            "--workers or a smaller --set run.shard_bytes; it goes on where it was"
        ) from error


def check(settings: Settings) -> None:
    """Raise SettingsError for what the types cannot tell."""
    dedup = settings.dedup
    budget(dedup.memory)
    for level in (dedup.documents, dedup.paragraphs):
        choose(level.threshold, dedup.num_perm, dedup.recall)
    check_typography(settings.typography)
    layout.check(settings)
    delta.require_installed(settings.write)
    given = settings.boilerplate
    if given.enabled and (given.rules or given.off):  # the distribution's own are sound, and take 0.3 s to load
        load_rules(given)


def repaired(work: Work) -> None:
    """Say what of an earlier try was damaged on the disk, and is made anew."""
    lost = work.mend()
    if lost:
        LOG.warning("%s of the work directory was damaged and is made anew: check the disk", ", ".join(lost))


def make(root: Path) -> None:
    """Make the work directory. Raises OutputError when it cannot be made."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {root} ({error.strerror}): give --work another folder") from error


def _found(inputs: Sequence[str] | Rows, root: Path, follow: bool) -> tuple[list[Input], pa.Table]:
    """Return the inputs, in files, and QUARANTINE rows of what cannot be one."""
    if isinstance(inputs, Rows):
        return [spool(inputs, root)], QUARANTINE.empty_table()
    found, refused = find(inputs, follow)
    return [spooled(item, root) for item in found], refused


def spooled(item: Input, root: Path) -> Input:
    """Return standard input as a file in the work directory: it can be read once only, but digested and resumed."""
    if item.path != "-":
        return item
    place = root / "stdin.jsonl"
    with place.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return item._replace(path=str(place))


def inputs_of(work: Work) -> list[Input]:
    """Return the inputs that `start` found."""
    rows = work.load("inputs", 0, "inputs").drop_columns(["digest"]).to_pylist()
    return [Input(**row) for row in rows]


def keys(inputs: pa.Table, refused: pa.Table, settings: Settings, base: str = "") -> dict[str, str]:
    """Return the key of each step: what it depends on, beside all that the steps before it depend on.

    base: what all steps depend on beside.
    """
    rules = "".join(Path(path).read_text("utf-8") for path in settings.boilerplate.rules if Path(path).is_file())
    cleaning = (settings.encoding, settings.typography, settings.paragraphs, settings.boilerplate)
    chain = (
        ("inputs", f"{base}{inputs.to_pylist()} {refused.to_pylist()}"),
        ("read", f"{settings.read!r} {settings.run.shard_bytes}"),
        ("gather", ""),
        ("prepare", f"{cleaning!r} {rules}"),
        ("recur", ""),
        ("sketch", repr(settings.dedup.model_copy(update={"memory": ""}))),  # which changes no result
        ("match", ""),
        ("finish", repr(settings.write.model_copy(update={"keep_versions": 0}))),  # which changes no result
    )
    return step_keys(code_digest(), chain)


def require_documents(run: Run) -> None:
    """Raise RunError when not one document was read, with the first reason why."""
    if run.work.facts("read")["documents"]:
        return
    errors = [
        error
        for shard in run.work.shards()
        for error in run.work.load("read", shard, "quarantine")["error"].to_pylist()
    ]
    more = f" (and {len(errors) - 1} more inputs that could not be read)" if len(errors) > 1 else ""
    reason = f"{errors[0]}{more}" if errors else "the inputs hold no document"
    raise RunError(f"nothing to do: {reason}")


def _require_disk(run: Run) -> None:
    """Raise OutputError when finding duplicates and writing the result needs more disk than there is.

    What they may need beside in the worst case is told, but does not stop the run: it would end with one sentence.
    """
    work = run.work
    documents, paragraphs, size = 0, 0, 0
    for shard in work.shards():
        documents += work.load("prepare", shard, "documents").num_rows
        texts = work.load("prepare", shard, "paragraphs")["text"]
        paragraphs, size = paragraphs + len(texts), size + texts.nbytes
    need, free = disk_needed(documents, paragraphs, size, run.settings.dedup), shutil.disk_usage(work.root).free
    if need.sure + size > free:
        raise OutputError(
            f"finding duplicates needs {(need.sure + size) / 1e9:.1f} GB of disk and {work.root.parent} has "
            f"{free / 1e9:.1f} GB free: make room or give --work on another disk; the same command goes on where it was"
        )
    if need.most + size > free:
        LOG.warning(
            "%s has %.1f GB free: enough for %.1f GB of sketches and results, but if a great part of the corpus hangs "
            "together by shared bands up to %.1f GB may be needed",
            *(work.root.parent, free / 1e9, (need.sure + size) / 1e9, (need.most + size) / 1e9),
        )
