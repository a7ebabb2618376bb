"""Commands that measure, advise and print settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from pipeline.cli.help import Command
from pipeline.cli.options import (
    Acting,
    config_option,
    json_option,
    labelled_argument,
    path,
    preset_option,
    set_option,
    settings_options,
    worst_option,
)
from pipeline.cli.output import one_json, say

if TYPE_CHECKING:
    from pipeline.settings import Settings


@click.group()
def evaluate() -> None:
    """Measure how well a stage does on data that people have labelled."""


@evaluate.command(cls=Command, examples=("corpusmill evaluate boilerplate tests/cases/labelled_lines.jsonl --worst 5",))
@labelled_argument
@settings_options(
    *("encoding.unescape_html", "encoding.remove_*", "encoding.fix_*", "encoding.re[sp]*", "encoding.decode_*"),
    *("encoding.uncurl_quotes", "encoding.normalization", "encoding.max_decode_length", "boilerplate.enabled"),
    *("boilerplate.rules", "boilerplate.off", "boilerplate.structure", "boilerplate.model"),
    "boilerplate.max_document_share",
    presets=False,
)
@worst_option(20)
@json_option
def boilerplate(labelled: tuple[str, ...], settings: Settings, worst: int, as_json: bool) -> None:
    """Score the removal of boilerplate on labelled lines.

    A row of LABELLED.jsonl is one page: `lines`, a list of strings, and `keep`, a list of 1 (text), 0 (boilerplate)
    or -1 (unsure); `lang` and `url` if known.
    """
    from pipeline.evaluate import report
    from pipeline.evaluate.boilerplate import evaluate_boilerplate

    scores = evaluate_boilerplate(labelled, settings)
    say(one_json(report.as_json(scores, worst)) if as_json else [report.told(scores, worst)])


@evaluate.command(
    "dedup",
    cls=Command,
    examples=(
        "corpusmill evaluate dedup tests/cases/labelled_pairs.jsonl --level paragraphs --no-sweep",
        "corpusmill evaluate dedup tests/cases/labelled_clusters.jsonl --plot sweep.svg",
    ),
)
@labelled_argument
@click.option(
    "--level",
    type=click.Choice(["documents", "paragraphs"]),
    default="documents",
    show_default=True,
    help="Whose settings are scored.",
)
@click.option("--texts", type=path(), metavar="FILE", help="JSONL with `id` and `text`, where the pairs hold ids.")
@click.option("--skip", multiple=True, metavar="COLUMN", help="Leave out rows in which COLUMN is true.")
@click.option("--by", default="", metavar="COLUMN", help="Also a score for each value of COLUMN.")
@settings_options(
    *("dedup.documents.threshold", "dedup.documents.ngram", "dedup.paragraphs.threshold", "dedup.paragraphs.ngram"),
    *("dedup.paragraphs.min_words", "dedup.num_perm", "dedup.seed", "dedup.recall"),
)
@click.option("--sweep/--no-sweep", default=True, show_default=True, help="Also other thresholds and shingles.")
@click.option("--plot", type=path(), metavar="FILE.svg", help="Write the sweep as a picture.")
@worst_option(10)
@json_option
def evaluate_dedup(
    labelled: tuple[str, ...],
    level: Literal["documents", "paragraphs"],
    texts: str | None,
    skip: tuple[str, ...],
    by: str,
    settings: Settings,
    sweep: bool,
    plot: str | None,
    worst: int,
    as_json: bool,
) -> None:
    """Score the search for duplicates on labelled texts or pairs.

    A row of LABELLED.jsonl is a text with its `cluster`, or a pair with its `label`: 1 copies, 0 not.
    """
    from pathlib import Path

    from pipeline.evaluate import dedup as scores
    from pipeline.evaluate import dedup_report as report

    swept = (scores.THRESHOLDS, scores.NGRAMS) if sweep else ((), ())
    result = scores.evaluate_dedup(labelled, settings, level, texts, skip, by, *swept)
    if plot:
        Path(plot).write_text(report.plot(result), "utf-8")
    say(one_json(report.as_json(result, worst)) if as_json else [report.told(result, worst)])


@click.command(
    cls=Command, examples=("corpusmill advise --threshold 0.8 --docs 1000000 --megabytes 3000 --memory 2GB",)
)
@click.option(
    "--threshold",
    default=0.8,
    metavar="SHARE",
    show_default=True,
    help="Similarity from which texts are near-duplicates.",
)
@click.option("--num-perm", default=128, metavar="N", show_default=True, help="Permutations in a signature.")
@click.option("--recall", default=0.99, metavar="SHARE", show_default=True, help="Wanted share found at the threshold.")
@click.option("--ngram", default=5, metavar="N", show_default=True, help="Words in a shingle.")
@click.option("--docs", default=0, metavar="N", help="Documents of the corpus.")
@click.option("--megabytes", default=0.0, metavar="MB", help="Text of the corpus, in MB.")
@click.option("--memory", default="", metavar="SIZE", help="Memory that duplicates may take, such as 2GB.")
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
    """Say what a threshold finds and misses, and what a corpus takes."""
    from pipeline import advise as adviser
    from pipeline.dedup.banding import Banding

    banding = Banding(*bands) if bands else None
    advice = adviser.advise(threshold, num_perm, recall, ngram, docs, megabytes, memory, banding)
    say(one_json(adviser.as_json(advice)) if as_json else [adviser.told(advice, plain)])


@click.command(cls=Command, examples=("corpusmill config > settings.toml", "corpusmill config --preset news --json"))
@preset_option
@config_option("Print these settings instead of the defaults.")
@set_option(Acting("*"))
@json_option
def config(config: str | None, assignments: tuple[str, ...], preset: str, as_json: bool) -> None:
    """Print the settings as commented TOML, for --config."""
    from pipeline.configuration import dump, load

    settings = load(config, assignments, preset)
    say(one_json(settings.model_dump(mode="json")) if as_json else [dump(settings).rstrip("\n")])
