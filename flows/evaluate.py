"""The flow `evaluate`: scores of boilerplate removal or of duplicate search on labelled data, as often as you like."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, NamedTuple, cast

import prefect.runtime
from prefect import flow, task
from prefect.artifacts import create_markdown_artifact

from flows.logs import keep_short
from flows.outcome import PLAIN, Outcome, ended
from flows.places import Place, require_bare
from flows.progress import Painter
from pipeline.errors import RunError
from pipeline.evaluate import dedup_report, report
from pipeline.evaluate.boilerplate import evaluate_boilerplate
from pipeline.evaluate.dedup import evaluate_dedup
from pipeline.settings import Settings

keep_short()

What = Literal["boilerplate", "documents", "paragraphs"]


class Scored(NamedTuple):
    """Scores for a person, for a program, and in a phrase."""

    text: str
    figures: dict[str, Any]
    phrase: str


@task(name="score", task_run_name="score {what}", **PLAIN)
def score(
    labelled: list[str], what: What, texts: str | None, skip: tuple[str, ...], by: str, settings: Settings
) -> Scored:
    """Score the stage on the labelled files."""
    if what == "boilerplate":
        scores = evaluate_boilerplate(labelled, settings)
        return _scored(report.told(scores), report.as_json(scores, 0))
    result = evaluate_dedup(labelled, settings, what, texts, skip, by)
    return _scored(dedup_report.told(result), dedup_report.as_json(result, 0))


def run_name() -> str:
    """Return the name of a run, such as "evaluate boilerplate on labelled_lines.jsonl"."""
    given = prefect.runtime.flow_run.parameters
    files = [str(path).rsplit("/", 1)[-1] for path in given["labelled"]]
    return f"evaluate {given['what']} on {', '.join(files)}"


@flow(name="evaluate", flow_run_name=run_name, persist_result=False)
def evaluate(
    labelled: list[Place],
    what: What = "boilerplate",
    texts: Place | None = None,
    skip: tuple[str, ...] = (),
    by: str = "",
    floor: float = 0.0,
    hours: float = 2,
    settings: Settings = Settings(),  # noqa: B008 – frozen
) -> dict[str, Any]:
    """Score a stage on data that people have labelled; the scores are the result.

    Args:
        labelled: JSONL files. For boilerplate a row has `lines` and `keep`, for duplicates `text` and `cluster`, or
            `a`, `b` and `label`.
        what: The stage to score: removal of boilerplate, or search for duplicate documents or paragraphs.
        texts: For pairs that hold ids: JSONL with `id` and `text`.
        skip: For duplicates: columns; a row in which one of them is true is left out.
        by: For duplicates: column with a group; each has a score of its own.
        floor: The run fails when F1 is below it, so that an automation can send a message.
        hours: Time limit.
        settings: The settings that are scored.
    """

    def work() -> Outcome:
        require_bare([*labelled, texts or ""])
        scored = score.with_options(timeout_seconds=3600 * hours)(labelled, what, texts, skip, by, settings)
        text = f"```text\n{scored.text}\n```\n"
        draw = partial(create_markdown_artifact, text, key=f"scores-{what}", description=scored.phrase)
        with Painter() as painter:
            painter.paint("the report", draw)
        f1 = _totals(scored.figures)["f1"]
        if f1 < floor:
            raise RunError(f"F1 is {f1:.3f}, below the floor of {floor:g} ({scored.phrase})")
        return Outcome(scored.phrase, scored.figures)

    return cast(dict[str, Any], ended(work, hours))


def _scored(text: str, figures: dict[str, Any]) -> Scored:
    n = _totals(figures)
    return Scored(text, figures, f"precision {n['precision']:.3f}, recall {n['recall']:.3f}, F1 {n['f1']:.3f}")


def _totals(figures: dict[str, Any]) -> dict[str, float]:
    """Return precision, recall and F1 of all lines or pairs: the two reports name the place differently."""
    return cast(dict[str, float], figures["all"] if "all" in figures else figures["score"])
