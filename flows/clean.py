"""The flow `clean`: the steps of the plain run as Prefect tasks.

A task is a step, not a shard: starting a task costs Prefect 6 to 200 ms, so a task a shard would drown
the work. Tasks hand each other the work directory, never tables, and what is done is decided by our own
content keys; hence no cache policy and no persisted results.
"""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import click
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from flows.logs import keep_short
from pipeline import corpus, summary
from pipeline.cli import run_options, settings_of, told
from pipeline.corpus import Run
from pipeline.dataset import locked
from pipeline.pool import workers
from pipeline.settings import Settings

keep_short()


@task(name="look", task_run_name="look at {inputs}", cache_policy=NO_CACHE, persist_result=False)
def look(inputs: list[str], out: str, settings: Settings, overwrite: bool) -> Run:
    """Find the inputs and set up the work directory."""
    return corpus.start(inputs, out, settings, overwrite=overwrite)


@task(task_run_name="{step}", cache_policy=NO_CACHE, persist_result=False)
def advance(run: Run, step: str, executor: Executor | None) -> None:
    """Do one step on all shards; progress goes to the log."""
    logger = get_run_logger()
    corpus.advance(run, step, executor, lambda name, done, total: logger.info("%s: %d of %d shards", name, done, total))


@task(name="publish", task_run_name="publish {run.out}", cache_policy=NO_CACHE, persist_result=False)
def publish(run: Run, took: dict[str, float]) -> dict[str, Any]:
    """Reconcile the counts and put the dataset in place."""
    return corpus.complete(run, took)


@flow(name="clean", flow_run_name="clean {inputs} → {out}", persist_result=False)
def clean(inputs: list[str], out: str, settings: Settings | None = None, overwrite: bool = False) -> dict[str, Any]:
    """Clean and deduplicate `inputs` into the folder `out`; return the manifest."""
    settings = settings or Settings()
    with locked(Path(out).resolve()):
        run = look(inputs, out, settings, overwrite)
        with workers(settings.run.workers) as executor:
            took = {step: corpus.timed(advance, run, step, executor) for step in corpus.STEPS}
        return publish(run, took)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@run_options
def main(
    inputs: tuple[str, ...],
    out: str,
    config: str | None,
    preset: str,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    overwrite: bool,
    **flags: str | None,
) -> None:
    """Clean and deduplicate INPUT... into Parquet under OUT, as a Prefect flow."""
    with told():
        manifest = clean(list(inputs), out, settings_of(config, assignments, rules, flags, preset), overwrite)
        for line in summary.lines(manifest, Path(out)):
            click.echo(line)


if __name__ == "__main__":
    main()
