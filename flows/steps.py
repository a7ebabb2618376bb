"""The steps of a run as Prefect tasks, the same for a whole corpus and for what is new.

A task is a step, not a shard: starting a task costs Prefect 6 to 200 ms, so a task a shard would drown
the work. Tasks hand each other the work directory, never tables, and what is done is decided by our own
content keys; hence no cache policy and no persisted results.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any, NamedTuple

import prefect.runtime
from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.logging import get_run_logger
from prefect.task_engine import TaskRunTimeoutError

from flows.funnel import funnel
from flows.outcome import IO_RETRIES, PLAIN
from flows.page import page
from flows.progress import Painter, Reporter
from pipeline.corpus import STEPS
from pipeline.dataset import Dataset
from pipeline.pool import workers
from pipeline.secrets import masked
from pipeline.settings import RunSettings
from pipeline.target import Data, Target, lies, writing

#: Steps that read the user's files.
READING = ("prepare",)


class Way(NamedTuple):
    """How a dataset is made: the functions of `corpus`, or those of `ingest.run`."""

    start: Callable[[], Any]  #: looks at the inputs; returns a run: small, with `work`
    advance: Callable[..., None]  #: (run, step, executor, progress)
    complete: Callable[[Any, dict[str, float]], dict[str, Any]]  #: (run, seconds a step) to the manifest


@task(name="look", task_run_name="look", **PLAIN, **IO_RETRIES)
def look(way: Way) -> Any:
    """Find the inputs and set up the work directory."""
    run = way.start()
    # An ingest that finds nothing new has no table of inputs.
    found = run.work.load("inputs", 0, "inputs").num_rows if run.work.has("inputs", 0) else 0
    get_run_logger().info("inputs to read: %d", found)
    return run


@task(name="step", task_run_name="{step}", **PLAIN)
def advance(way: Way, run: Any, step: str, executor: Executor | None, painter: Painter, deadline: float) -> Any:
    """Do one step on all shards; return the run, so that Prefect draws the steps as a chain."""
    report = Reporter(painter)

    def progress(step: str, done: int, total: int) -> None:
        report(step, done, total)
        require_time(deadline)

    way.advance(run, step, executor, progress)
    return run


@task(name="publish", task_run_name="publish", **PLAIN, **IO_RETRIES)
def publish(way: Way, run: Any, took: dict[str, float]) -> dict[str, Any]:
    """Reconcile the counts and put the dataset in place."""
    return way.complete(run, took)


@task(name="summary", task_run_name="summary", **PLAIN)
def show(manifest: dict[str, Any], data: Data, painter: Painter) -> None:
    """Put what became of the corpus on the page of the run."""
    out = str(data.root if isinstance(data, Dataset) else data)
    text = page(manifest, funnel(data, manifest), lies(data, manifest))
    draw = partial(create_markdown_artifact, text, key=_key(out), description=f"What became of {out}")
    painter.paint("the summary", draw)


def walk(way: Way, inputs: Sequence[str], place: Target, settings: RunSettings, hours: float) -> dict[str, Any]:
    """Go all steps on the workers of `settings`, with the dataset locked; return the manifest."""
    deadline, took = time.monotonic() + 3600 * hours, dict[str, float]()
    with writing(place), Painter() as painter:
        with workers(settings, inputs) as executor:  # which load while the inputs are looked at
            run = look.with_options(timeout_seconds=_left(deadline))(way)
            for step in STEPS:
                began = time.perf_counter()
                run = _step(step, deadline)(way, run, step, executor, painter, deadline)
                took[step] = round(time.perf_counter() - began, 3)
        require_time(deadline)
        manifest: dict[str, Any] = publish(way, run, took)
        show(manifest, place.data, painter)
    return manifest


def require_time(deadline: float) -> None:
    """Raise TaskRunTimeoutError after the deadline.

    Prefect's own time-out is a signal. The error it raises is lost where Python happens to be in a destructor: seen in
    a test, whose run of 2 s ended well after 15.
    """
    if time.monotonic() > deadline:
        raise TaskRunTimeoutError("the time limit")


def run_name() -> str:
    """Return the name of a run, such as "clean seeds → out"."""
    given = prefect.runtime.flow_run.parameters
    inputs = [masked(str(item)) for item in given["inputs"]]
    more = f" and {len(inputs) - 1} more" if len(inputs) > 1 else ""
    return f"{prefect.runtime.flow_run.flow_name} {inputs[0] if inputs else 'nothing'}{more} → {masked(given['out'])}"


def _step(step: str, deadline: float) -> Any:
    """Return the task that does the step: it has the time that is left, and those that read files try again."""
    task = advance.with_options(timeout_seconds=_left(deadline))
    return task.with_options(**IO_RETRIES) if step in READING else task


def _left(deadline: float) -> float:
    """Return the seconds until the deadline, at least one: a time-out of 0 would be none."""
    return max(1.0, deadline - time.monotonic())


def _key(out: str) -> str:
    """Return the key under which Prefect keeps the summaries of a dataset together: letters, figures, dashes."""
    return re.sub(r"[^a-z0-9]+", "-", f"summary {out}".lower()).strip("-")
