"""Commands that make datasets."""

from __future__ import annotations

import json

import click

from pipeline.cli.help import Command
from pipeline.cli.options import input_options, json_option, printed, run_options, settings_of, told
from pipeline.start import start


@click.command(
    cls=Command,
    examples=(
        "corpusmill clean seeds --out out",
        "corpusmill clean seeds/txt 'seeds/*.jsonl' --out agency --preset news",
        "zcat seeds/archive.jsonl.gz | corpusmill clean - --out from-a-pipe",
        "corpusmill clean seeds --out looser --set dedup.documents.threshold=0.7",
    ),
)
@json_option
@run_options
def clean(
    inputs: tuple[str, ...],
    out: str,
    config: str | None,
    preset: str,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    overwrite: bool,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Clean and deduplicate INPUT... into Parquet under OUT.

    INPUT is a file, a folder, a glob, or - for JSONL on standard input. Forms: txt, md, jsonl, ndjson, csv,
    tsv (each also as gz, zst, bz2), parquet, arrow.
    """
    with told():
        settings = settings_of(config, assignments, rules, flags, preset)
        from pipeline.pool import workers

        with workers(settings.run, inputs) as executor:  # which load while this process does
            start()
            from pipeline import corpus, summary
            from pipeline.progress import bars
            from pipeline.target import data_of, lies

            with bars() as progress:
                result = corpus.clean_corpus(
                    inputs, out, settings, overwrite=overwrite, executor=executor, progress=progress
                )
        manifest = result.manifest
        place = lies(data_of(out), manifest, out)
        if as_json:
            printed(summary.as_json(manifest, place))
            return
        for line in summary.lines(manifest, place):
            click.echo(line)


@click.command(
    cls=Command,
    examples=(
        "corpusmill ingest seeds/txt --out growing",
        "corpusmill ingest seeds/txt seeds/articles.jsonl --out growing",
    ),
)
@json_option
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
    as_json: bool,
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
        from pipeline.pool import workers

        with workers(settings.run, inputs) as executor:
            start()
            from pipeline import summary
            from pipeline.ingest.run import ingest as run
            from pipeline.progress import bars
            from pipeline.target import data_of, lies

            with bars() as progress:
                manifest = run(inputs, out, settings, executor=executor, progress=progress)
        place = lies(data_of(out), manifest, out)
        if as_json:
            printed(summary.as_json(manifest, place))
            return
        for line in summary.of_ingest(manifest, place):
            click.echo(line)


@click.command(
    cls=Command,
    examples=("corpusmill dedup 'seeds/*.jsonl' --out ids",),
)
@json_option
@run_options
def dedup(
    inputs: tuple[str, ...],
    out: str,
    config: str | None,
    preset: str,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    overwrite: bool,
    as_json: bool,
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
        from pipeline.summary import as_json as result

        manifest = distinct(inputs, out, settings, overwrite=overwrite)
        if as_json:
            printed(result(manifest, Path(out)))
            return
        for line in summary(manifest, Path(out)):
            click.echo(line)
