"""The command line. What is slow to import is imported by the command that needs it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from pipeline.errors import CorpusmillError, SettingsError

if TYPE_CHECKING:
    from pipeline.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

#: Flags that are short for one `--set`.
FLAGS = {
    "text_column": ("read.text_column", "Column with the text."),
    "id_column": ("read.id_column", "Column with the document id."),
    "title_column": ("read.title_column", "Column with the headline."),
    "url_column": ("read.url_column", "Column with the address."),
    "date_column": ("read.date_column", "Column with the date of publication."),
    "on_duplicate_id": ("read.on_duplicate_id", "What to do with an id given twice: error or suffix."),
    "encoding": ("read.charset", "Charset of the inputs, where they do not say it themselves."),
    "memory": ("dedup.memory", "Memory for finding duplicates, such as 2GB; empty: a quarter of the machine's."),
    "executor": ("run.executor", "Where shards are worked on: processes, threads or dask."),
    "dask": ("run.dask", "Address of a Dask scheduler: tcp://HOST:PORT."),
    "workers": ("run.workers", "Processes or threads; 0: one a core."),
    "keep_versions": ("write.keep_versions", "Versions that stay, with the new one."),
}
#: Flags without a value that are short for `--set KEY=true`.
SWITCHES = {
    "write_signatures": ("write.signatures", "Also write MinHash signatures, for an index of your own."),
    "accept_losses": ("alarms.accept", "Publish even if more is removed than the limits allow."),
}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="corpusmill", prog_name="corpusmill")
def main() -> None:
    """Scraped, damaged text in; clean, deduplicated Parquet out."""


def run_options(command: Command) -> Command:
    """Add the arguments and options of a run; the flow's command line takes the same."""
    return input_options(click.option("--overwrite", is_flag=True, help="Replace the dataset that OUT holds.")(command))


def input_options(command: Command) -> Command:
    """Add the arguments and options of what reads inputs into a dataset."""
    for name, (key, text) in reversed(FLAGS.items()):
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, metavar="VALUE", help=f"{text} [{key}]")(command)
    for name, (key, text) in SWITCHES.items():
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, flag_value="true", default=None, help=f"{text} [{key}]")(command)
    for option in (
        click.option(
            "--rules", multiple=True, metavar="FILE", help="Rules of your own, or a learned.toml. [boilerplate.rules]"
        ),
        click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Change one setting."),
        click.option("--config", metavar="FILE", help="Settings as TOML; see `corpusmill config`."),
        click.option("--preset", default="", metavar="NAME", help="Settings to start from: news, noisy or strict."),
        click.option("--out", required=True, metavar="OUT", help="Folder for the results."),
        click.argument("inputs", nargs=-1, required=True, metavar="INPUT..."),
    ):
        command = option(command)
    return command


def settings_of(
    config: str | None,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    flags: dict[str, str | None],
    preset: str = "",
) -> Settings:
    """Return the settings of a command line; flags win over --set, --set over the file, the file over the preset."""
    from pipeline.configuration import load

    keys = {**FLAGS, **SWITCHES}
    short = [f"{keys[name][0]}={json.dumps(value)}" for name, value in flags.items() if value is not None]
    files = [f"boilerplate.rules={json.dumps(rules)}"] if rules else []
    return load(config, [*assignments, *files, *short], preset)


@contextmanager
def told() -> Iterator[None]:
    """Turn errors that a user can mend into one sentence and an exit status: 2 for settings, 1 for all else."""
    try:
        yield
    except CorpusmillError as error:
        click.echo(f"corpusmill: {error}", err=True)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
    except OSError as error:  # a full disk, a folder that went away: nothing was published
        click.echo(f"corpusmill: {mended(error)}", err=True)
        sys.exit(1)


def mended(error: OSError) -> str:
    """Return what the system refused, as a sentence that says what to do."""
    what = f"{error.strerror} ({error.filename})" if error.filename else str(error)
    return f"{what}: mend that and start the same command again, it goes on where it was"


@main.command()
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
            from pipeline import corpus, summary
            from pipeline.progress import bars

            with bars() as progress:
                manifest = corpus.clean(
                    inputs, out, settings, overwrite=overwrite, executor=executor, progress=progress
                )
        for line in summary.lines(manifest, Path(out)):
            click.echo(line)


@main.command()
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
            from pipeline import summary
            from pipeline.ingest.run import ingest as run
            from pipeline.progress import bars

            with bars() as progress:
                manifest = run(inputs, out, settings, executor=executor, progress=progress)
        for line in summary.of_ingest(manifest, Path(out)):
            click.echo(line)


@main.command()
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

        from pipeline.kernels.start import start

        start()
        from pipeline.distinct.run import distinct, summary

        for line in summary(distinct(inputs, out, settings, overwrite=overwrite), Path(out)):
            click.echo(line)


@main.command()
@click.argument("out")
def versions(out: str) -> None:
    """List the versions of the dataset OUT."""
    with told():
        from pathlib import Path

        from pipeline.dataset import Dataset
        from pipeline.summary import history

        data = Dataset(Path(out).resolve())
        data.require_dataset()
        for line in history(data):
            click.echo(line)


@main.command()
@click.argument("out")
@click.option("--to", type=int, metavar="N", help="Which version; without it, the one before the current.")
def rollback(out: str, to: int | None) -> None:
    """Publish an older version of the dataset OUT again."""
    with told():
        from pathlib import Path

        from pipeline.dataset import Dataset, locked

        data = Dataset(Path(out).resolve())
        data.require_dataset()
        with locked(data.root):
            click.echo(f"{out} is at version {data.rollback(to)}")


@main.command()
@click.argument("out")
@click.option("--file-size", default="256MB", show_default=True, help="Size up to which files are joined.")
@click.option("--keep-versions", type=click.IntRange(1), help="Versions that stay, with the new one.")
def compact(out: str, file_size: str, keep_versions: int | None) -> None:
    """Join small files of the dataset OUT into larger ones: a new version with the same rows."""
    with told():
        from pathlib import Path

        from pipeline.compact import compact
        from pipeline.dedup.memory import size

        manifest = compact(Path(out).resolve(), size(file_size, "--file-size"), keep_versions)
        click.echo(f"{out} is at version {manifest['version']}, of {len(manifest['files'])} files")


@main.group()
def evaluate() -> None:
    """Measure how well a stage does on data that people have labelled."""


@evaluate.command()
@click.argument("labelled", nargs=-1, required=True, metavar="LABELLED.jsonl...")
@click.option("--config", metavar="FILE", help="Settings as TOML; see `corpusmill config`.")
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Change one setting.")
@click.option("--rules", multiple=True, metavar="FILE", help="Rules of your own. [boilerplate.rules]")
@click.option("--worst", default=20, show_default=True, help="How many errors to show.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def boilerplate(
    labelled: tuple[str, ...],
    config: str | None,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    worst: int,
    as_json: bool,
) -> None:
    """Score the removal of boilerplate on labelled lines.

    A row of LABELLED.jsonl is one page: `lines`, a list of strings, and `keep`, a list of 1 (text), 0 (boilerplate)
    or -1 (unsure); `lang` and `url` if known.
    """
    with told():
        settings = settings_of(config, assignments, rules, {})
        from pipeline.evaluate import report
        from pipeline.evaluate.boilerplate import evaluate_boilerplate

        scores = evaluate_boilerplate(labelled, settings)
        click.echo(
            json.dumps(report.as_json(scores, worst), ensure_ascii=False) if as_json else report.told(scores, worst)
        )


@evaluate.command("dedup")
@click.argument("labelled", nargs=-1, required=True, metavar="LABELLED.jsonl...")
@click.option("--level", type=click.Choice(["documents", "paragraphs"]), default="documents", show_default=True)
@click.option("--texts", metavar="FILE", help="JSONL with `id` and `text`, where the pairs hold ids.")
@click.option("--skip", multiple=True, metavar="COLUMN", help="Leave out rows in which COLUMN is true.")
@click.option("--by", default="", metavar="COLUMN", help="Also a score for each value of COLUMN.")
@click.option("--config", metavar="FILE", help="Settings as TOML; see `corpusmill config`.")
@click.option("--preset", default="", metavar="NAME", help="Settings to start from: news, noisy or strict.")
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Change one setting.")
@click.option("--sweep/--no-sweep", default=True, show_default=True, help="Also other thresholds and shingles.")
@click.option("--plot", metavar="FILE.svg", help="Write the sweep as a picture.")
@click.option("--worst", default=10, show_default=True, help="How many errors to show.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def evaluate_dedup(
    labelled: tuple[str, ...],
    level: Literal["documents", "paragraphs"],
    texts: str | None,
    skip: tuple[str, ...],
    by: str,
    config: str | None,
    preset: str,
    assignments: tuple[str, ...],
    sweep: bool,
    plot: str | None,
    worst: int,
    as_json: bool,
) -> None:
    """Score the search for duplicates on labelled texts or pairs.

    A row of LABELLED.jsonl is a text with its `cluster`, or a pair with its `label`: 1 copies, 0 not.
    """
    with told():
        settings = settings_of(config, assignments, (), {}, preset)
        from pathlib import Path

        from pipeline.evaluate import dedup as scores
        from pipeline.evaluate import dedup_report as report

        swept = (scores.THRESHOLDS, scores.NGRAMS) if sweep else ((), ())
        result = scores.evaluate_dedup(labelled, settings, level, texts, skip, by, *swept)
        if plot:
            Path(plot).write_text(report.plot(result), "utf-8")
        click.echo(
            json.dumps(report.as_json(result, worst), ensure_ascii=False) if as_json else report.told(result, worst)
        )


@main.command()
@click.option("--threshold", default=0.8, show_default=True, help="Similarity from which texts are near-duplicates.")
@click.option("--num-perm", default=128, show_default=True, help="Permutations in a signature.")
@click.option("--recall", default=0.99, show_default=True, help="Wanted share found at the threshold.")
@click.option("--ngram", default=5, show_default=True, help="Words in a shingle.")
@click.option("--docs", default=0, help="Documents of the corpus.")
@click.option("--megabytes", default=0.0, help="Text of the corpus, in MB.")
@click.option("--memory", default="", help="Memory that duplicates may take, such as 2GB.")
@click.option("--bands", nargs=2, type=int, metavar="BANDS ROWS", help="Judge these bands and rows, not the best.")
@click.option("--plain", is_flag=True, help="ASCII only.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def advise(
    threshold: float,
    num_perm: int,
    recall: float,
    ngram: int,
    docs: int,
    megabytes: float,
    memory: str,
    bands: tuple[int, int] | None,
    plain: bool,
    as_json: bool,
) -> None:
    """Say what a threshold finds and misses, and what memory and disk a corpus takes."""
    from pipeline import advise as adviser
    from pipeline.dedup.banding import Banding

    with told():
        banding = Banding(*bands) if bands else None
        advice = adviser.advise(threshold, num_perm, recall, ngram, docs, megabytes, memory, banding)
        click.echo(json.dumps(adviser.as_json(advice)) if as_json else adviser.told(advice, plain))


@main.command()
@click.option("--config", metavar="FILE", help="Print these settings instead of the defaults.")
def config(config: str | None) -> None:
    """Print the settings as commented TOML, to edit and give back with --config."""
    from pipeline.configuration import dump, load

    with told():
        click.echo(dump(load(config, [])), nl=False)


if __name__ == "__main__":
    main()
