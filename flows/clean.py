"""The flow `clean`: a whole corpus, as `corpusmill clean` does it."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import click
from prefect import flow

from flows import server
from flows.logs import keep_short
from flows.outcome import Outcome, ended
from flows.page import said
from flows.steps import Way, run_name, walk
from pipeline import corpus, summary
from pipeline.cli.help import Command
from pipeline.cli.runs import run_options
from pipeline.settings import Settings
from pipeline.target import data_of, lies, target

keep_short()


@flow(name="clean", flow_run_name=run_name, persist_result=False)
def clean(
    inputs: list[str],
    out: str,
    overwrite: bool = False,
    hours: float = 24,
    settings: Settings = Settings(),  # noqa: B008 – frozen
) -> dict[str, Any]:
    """Clean and deduplicate a corpus into Parquet; the manifest is the result.

    A run that was broken off goes on where it was when the same run is started again.

    Args:
        inputs: Files, folders or globs. Forms: txt, md, jsonl, csv, tsv (also gz, zst, bz2), parquet, arrow.
        out: Folder for the dataset, or s3://BUCKET/PREFIX. Relative paths start where the worker's runs do, in the
            project's folder.
        overwrite: Replace the dataset that is there. A scheduled run needs it.
        hours: Time limit. What is done by then is kept for the next try.
        settings: Every setting of a run; the defaults are those of the command line.
    """
    place = target(out, settings.run.work)
    start = partial(corpus.start, inputs, place, settings, overwrite=overwrite)
    way = Way(start, corpus.advance, corpus.complete)

    def work() -> Outcome:
        manifest = walk(way, inputs, place, settings.run, hours)
        return Outcome(said(manifest["counts"], lies(place.data, manifest)), manifest)

    return cast(dict[str, Any], ended(work, hours))


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@run_options
def main(inputs: tuple[str, ...], out: str, overwrite: bool, settings: Settings) -> None:
    """Clean and deduplicate INPUT... into Parquet under OUT, as a Prefect flow."""
    with server.reached():
        state = clean(list(inputs), out, overwrite, settings=settings, return_state=True)
    if not state.is_completed():
        state.result()  # raises the error
    # Not the state's result: from a server that was too busy to answer at once Prefect gets the state without it.
    data = data_of(out)
    manifest = data.manifest()
    for line in summary.lines(manifest, lies(data, manifest, out)):
        click.echo(line)


if __name__ == "__main__":
    main()
