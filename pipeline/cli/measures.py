"""Commands that measure, advise and print settings."""

from __future__ import annotations

import json
from typing import Literal

import click

from pipeline.cli.help import Command
from pipeline.cli.options import (
    config_option,
    json_option,
    path,
    preset_option,
    printed,
    rules_option,
    set_option,
    settings_of,
    told,
)


@click.group()
def evaluate() -> None:
    """Measure how well a stage does on data that people have labelled."""


@evaluate.command(cls=Command, examples=("corpusmill evaluate boilerplate tests/cases/labelled_lines.jsonl --worst 5",))
@click.argument("labelled", nargs=-1, required=True, type=path(), metavar="LABELLED.jsonl...")
@config_option
@set_option
@rules_option("Rules of your own.")
@click.option("--worst", default=20, show_default=True, help="How many errors to show.")
@json_option
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


@evaluate.command(
    "dedup",
    cls=Command,
    examples=(
        "corpusmill evaluate dedup tests/cases/labelled_pairs.jsonl --level paragraphs --no-sweep",
        "corpusmill evaluate dedup tests/cases/labelled_clusters.jsonl --plot sweep.svg",
    ),
)
@click.argument("labelled", nargs=-1, required=True, type=path(), metavar="LABELLED.jsonl...")
@click.option("--level", type=click.Choice(["documents", "paragraphs"]), default="documents", show_default=True)
@click.option("--texts", type=path(), metavar="FILE", help="JSONL with `id` and `text`, where the pairs hold ids.")
@click.option("--skip", multiple=True, metavar="COLUMN", help="Leave out rows in which COLUMN is true.")
@click.option("--by", default="", metavar="COLUMN", help="Also a score for each value of COLUMN.")
@config_option
@preset_option
@set_option
@click.option("--sweep/--no-sweep", default=True, show_default=True, help="Also other thresholds and shingles.")
@click.option("--plot", type=path(), metavar="FILE.svg", help="Write the sweep as a picture.")
@click.option("--worst", default=10, show_default=True, help="How many errors to show.")
@json_option
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


@click.command(
    cls=Command, examples=("corpusmill advise --threshold 0.8 --docs 1000000 --megabytes 3000 --memory 2GB",)
)
@click.option("--threshold", default=0.8, show_default=True, help="Similarity from which texts are near-duplicates.")
@click.option("--num-perm", default=128, show_default=True, help="Permutations in a signature.")
@click.option("--recall", default=0.99, show_default=True, help="Wanted share found at the threshold.")
@click.option("--ngram", default=5, show_default=True, help="Words in a shingle.")
@click.option("--docs", default=0, help="Documents of the corpus.")
@click.option("--megabytes", default=0.0, help="Text of the corpus, in MB.")
@click.option("--memory", default="", help="Memory that duplicates may take, such as 2GB.")
@click.option("--bands", nargs=2, type=int, metavar="BANDS ROWS", help="Judge these bands and rows, not the best.")
@click.option("--plain", is_flag=True, help="ASCII only.")
@json_option
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


@click.command(cls=Command, examples=("corpusmill config > settings.toml", "corpusmill config --preset news --json"))
@json_option
@preset_option
@set_option
@click.option("--config", type=path(), metavar="FILE", help="Print these settings instead of the defaults.")
def config(config: str | None, assignments: tuple[str, ...], preset: str, as_json: bool) -> None:
    """Print the settings as commented TOML, to edit and give back with --config."""
    from pipeline.configuration import dump, load

    with told():
        settings = load(config, assignments, preset)
        if as_json:
            printed(settings.model_dump(mode="json"))
        else:
            click.echo(dump(settings), nl=False)
