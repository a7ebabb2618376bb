"""Commands that make datasets."""

from __future__ import annotations

import json

import click

from pipeline.cli.options import input_options, run_options, settings_of, told
from pipeline.start import start, without_pandas


@click.command()
@run_options
def clean(
    inputs: tuple[str, ...],
    out: str,
    config: str | None,
    preset: str,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    overwrite: bool,
    **flags: str | None,
) -> None:
    """Clean and deduplicate INPUT... into Parquet under OUT.

    INPUT is a file, a folder, a glob, or - for JSONL on standard input. Forms: txt, md, jsonl, ndjson, csv,
    tsv (each also as gz, zst, bz2), parquet, arrow.
    """
    with told():
        settings = settings_of(config, assignments, rules, flags, preset)
        from pathlib import Path

        from pipeline.pool import workers

        with workers(settings.run, inputs) as executor:  # which load while this process does
            without_pandas()
            from pipeline import corpus, summary
            from pipeline.progress import bars

            with bars() as progress:
                result = corpus.clean_corpus(
                    inputs, out, settings, overwrite=overwrite, executor=executor, progress=progress
                )
        for line in summary.lines(result.manifest, Path(out)):
            click.echo(line)


@click.command()
@input_options
@click.option(
    "--late-better", metavar="VALUE", help="A better copy comes late: keep_old or replace. [ingest.late_better]"
)
@click.option("--prune", is_flag=True, help="What was ingested and is not named now is gone. [ingest.prune]")
def ingest(
    inputs: tuple[str, ...],
    out: str,
    config: str | None,
    preset: str,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    late_better: str | None,
    prune: bool,
    **flags: str | None,
) -> None:
    """Bring what is new or changed of INPUT... into the dataset OUT.

    New documents are cleaned, and compared with all that the dataset holds through its index. OUT is an empty
    place, or was made by this command.
    """
    with told():
        own = [f"ingest.late_better={json.dumps(late_better)}"] if late_better else []
        own += ["ingest.prune=true"] if prune else []
        settings = settings_of(config, (*assignments, *own), rules, flags, preset)
        from pathlib import Path

        from pipeline.pool import workers

        with workers(settings.run, inputs) as executor:
            without_pandas()
            from pipeline import summary
            from pipeline.ingest.run import ingest as run
            from pipeline.progress import bars

            with bars() as progress:
                manifest = run(inputs, out, settings, executor=executor, progress=progress)
        for line in summary.of_ingest(manifest, Path(out)):
            click.echo(line)


@click.command()
@run_options
def dedup(
    inputs: tuple[str, ...],
    out: str,
    config: str | None,
    preset: str,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    overwrite: bool,
    **flags: str | None,
) -> None:
    """Find duplicate documents among INPUT..., clean nothing; write the ids kept and dropped under OUT.

    OUT/kept.parquet has the documents that stay, OUT/duplicates.parquet each other with the one it repeats and
    how similar they are.
    """
    with told():
        settings = settings_of(config, assignments, rules, flags, preset)
        from pathlib import Path

        start()
        from pipeline.distinct.run import distinct, summary

        for line in summary(distinct(inputs, out, settings, overwrite=overwrite), Path(out)):
            click.echo(line)
