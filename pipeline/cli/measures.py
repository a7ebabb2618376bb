"""Commands that measure, advise and print settings."""

from __future__ import annotations

import json
from typing import Literal

import click

from pipeline.cli.options import settings_of, told


@click.group()
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


@click.command()
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


@click.command()
@click.option("--config", metavar="FILE", help="Print these settings instead of the defaults.")
def config(config: str | None) -> None:
    """Print the settings as commented TOML, to edit and give back with --config."""
    from pipeline.configuration import dump, load

    with told():
        click.echo(dump(load(config, [])), nl=False)
