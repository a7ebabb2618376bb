"""Commands that make datasets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.help import Command
from pipeline.cli.options import inputs_argument, json_option, out_option, settings_options
from pipeline.cli.output import one_json, say
from pipeline.start import start

if TYPE_CHECKING:
    from pipeline.settings import Settings

#: Settings that act in all that makes a dataset of cleaned texts.
CLEANING = ("read.*", "encoding.*", "typography.*", "paragraphs.*", "boilerplate.*", "dedup.*", "alarms.*", "run.*")

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace what an earlier run left in OUT.")


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what `clean` takes, and the same as a flow: INPUT..., --out, --overwrite and its settings."""
    command = settings_options(*CLEANING, "write.*")(command)
    return inputs_argument(out_option("Folder for the dataset, or s3://BUCKET/PREFIX.")(overwrite_option(command)))


@click.command(
    cls=Command,
    examples=(
        "corpusmill clean seeds --out out",
        "corpusmill clean seeds/txt 'seeds/*.jsonl' --out agency --preset news",
        "zcat seeds/archive.jsonl.gz | corpusmill clean - --out from-a-pipe",
        "corpusmill clean seeds --out looser --set dedup.documents.threshold=0.7",
    ),
)
@run_options
@json_option
def clean(inputs: tuple[str, ...], out: str, overwrite: bool, settings: Settings, as_json: bool) -> None:
    """Clean and deduplicate INPUT... into Parquet under OUT.

    INPUT is a file, a folder, a glob, or - for JSONL on standard input. Forms: txt, md, jsonl, ndjson, csv,
    tsv (each also as gz, zst, bz2), parquet, arrow.
    """
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
    say(one_json(summary.as_json(manifest, place)) if as_json else summary.lines(manifest, place))


@click.command(
    cls=Command,
    examples=(
        "corpusmill ingest seeds/txt --out growing",
        "corpusmill ingest seeds/txt seeds/articles.jsonl --out growing",
    ),
)
@inputs_argument
@out_option("Folder of the dataset, one that `corpusmill ingest` made, or for a new one.")
@settings_options(*CLEANING, "ingest.*", "write.compression_level", "write.row_group_rows", "write.keep_versions")
@json_option
def ingest(inputs: tuple[str, ...], out: str, settings: Settings, as_json: bool) -> None:
    """Bring what is new or changed of INPUT... into a dataset.

    New documents are cleaned, and compared with all that the dataset holds through its index. OUT is an empty
    place, or was made by this command.
    """
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
    say(one_json(summary.as_json(manifest, place)) if as_json else summary.of_ingest(manifest, place))


@click.command(cls=Command, examples=("corpusmill dedup 'seeds/*.jsonl' --out ids",))
@inputs_argument
@out_option("Folder for the ids.")
@overwrite_option
@settings_options(
    *("read.text_column", "read.id_column", "read.on_duplicate_id", "read.charset", "read.min_confidence"),
    *("read.low_confidence", "read.max_*", "read.follow_links", "read.quarantine_bytes"),
    *("dedup.documents.threshold", "dedup.documents.ngram", "dedup.num_perm", "dedup.seed", "dedup.recall"),
    *("dedup.memory", "dedup.max_representatives", "write.compression_level", "write.row_group_rows"),
    *("run.workers", "run.work"),
)
@json_option
def dedup(inputs: tuple[str, ...], out: str, overwrite: bool, settings: Settings, as_json: bool) -> None:
    """Find duplicate documents among INPUT...; clean nothing, write ids.

    OUT/kept.parquet has the documents that stay, OUT/duplicates.parquet each other with the one it repeats and
    how similar they are.
    """
    from pathlib import Path

    start()
    from pipeline.distinct.run import distinct, summary
    from pipeline.summary import as_json as result

    manifest = distinct(inputs, out, settings, overwrite=overwrite)
    say(one_json(result(manifest, Path(out))) if as_json else summary(manifest, Path(out)))
