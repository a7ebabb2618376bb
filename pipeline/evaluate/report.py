"""Scores for people and for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.evaluate.boilerplate import Counts, Line, RuleCounts, Scores
from pipeline.evaluate.shapes import Shape

#: Characters of a line that the report shows.
SHOWN = 100


def told(scores: Scores, worst: int = 20) -> str:
    """Return the scores as text for a terminal; `worst` is how many errors and shapes it shows."""
    return "\n".join([*_totals(scores), *_languages(scores), *_rules(scores), *_errors(scores, worst)])


def as_json(scores: Scores, worst: int | None = None) -> dict[str, Any]:
    """Return the scores as JSON takes them; `worst` None: all errors."""
    return {
        "documents": scores.documents,
        "all": _figures(scores.all),
        "precision_interval": list(scores.precision_interval),
        "recall_interval": list(scores.recall_interval),
        "languages": {tag: _figures(counts) for tag, counts in scores.languages.items()},
        "rules": [rule._asdict() for rule in scores.rules],
        "wrong": [line._asdict() for line in scores.wrong[:worst]],
        "missed": [line._asdict() for line in scores.missed[:worst]],
        "shapes": [shape._asdict() for shape in scores.shapes[:worst]],
        "forms": [form._asdict() for form in scores.forms[:worst]],
    }


def _figures(counts: Counts) -> dict[str, float]:
    return {
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "article_chars_lost": counts.lost,
        "right": counts.right,
        "wrong": counts.wrong,
        "missed": counts.missed,
        "article": counts.article,
        "unsure": counts.unsure,
    }


def _totals(scores: Scores) -> Iterator[str]:
    n, low_high = scores.all, "{:.3f} (95 %: {:.3f}–{:.3f})".format
    lines = n.right + n.wrong + n.missed + n.article
    yield f"documents            {scores.documents}, lines with a label {lines}"
    yield f"precision            {low_high(n.precision, *scores.precision_interval)}: of dropped lines, boilerplate"
    yield f"recall               {low_high(n.recall, *scores.recall_interval)}: of boilerplate lines, dropped"
    yield f"F1                   {n.f1:.3f}"
    yield f"article lost         {n.lost:.2%} of the characters, {n.wrong_share:.2%} of the lines"
    yield f"boilerplate          {n.right} lines dropped, {n.missed} kept"
    yield f"article              {n.article} lines kept, {n.wrong} dropped"
    yield f"unsure               {n.unsure} lines dropped"


def _languages(scores: Scores) -> Iterator[str]:
    yield "\nlanguage  precision  recall     F1   lost  dropped  missed  wrongly dropped"
    for tag, n in scores.languages.items():
        figures = f"{n.precision:9.3f}  {n.recall:6.3f}  {n.f1:5.3f}  {n.lost:5.2%}"
        yield f"{tag:<8}  {figures}  {n.right:7}  {n.missed:6}  {n.wrong:15}"


def _rules(scores: Scores) -> Iterator[str]:
    yield "\nfamily and rule                               right  wrong  unsure"
    families: dict[str, list[RuleCounts]] = defaultdict(list)
    for rule in scores.rules:
        families[rule.family].append(rule)
    totals = {name: _total(rules) for name, rules in families.items()}
    for name in sorted(families, key=lambda family: (-sum(totals[family]), family)):
        yield _rule_line(name, totals[name])
        yield from (_rule_line(f"  {rule.rule}", [rule.right, rule.wrong, rule.unsure]) for rule in families[name])


def _total(rules: Sequence[RuleCounts]) -> list[int]:
    return [sum(each) for each in zip(*((rule.right, rule.wrong, rule.unsure) for rule in rules), strict=True)]


def _rule_line(name: str, numbers: list[int]) -> str:
    return f"{name:<44} {numbers[0]:6} {numbers[1]:6} {numbers[2]:7}"


def _errors(scores: Scores, worst: int) -> Iterator[str]:
    yield f"\narticle lines dropped, longest first ({_some(scores.wrong, worst)})"
    yield from (_error(line) for line in scores.wrong[:worst])
    yield f"\nboilerplate kept, by form ({_some(scores.forms, worst)})"
    yield from _shapes(scores.forms[:worst])
    yield f"\nboilerplate kept, by text, figures as 0 ({_some(scores.shapes, worst)})"
    yield from _shapes(scores.shapes[:worst])


def _some(found: Sequence[object], worst: int) -> str:
    return f"{min(worst, len(found))} of {len(found)}"


def _shapes(shapes: Sequence[Shape]) -> Iterator[str]:
    for one in shapes:
        yield f"{one.documents:5} documents {one.lines:5} lines  {_cut(one.shape)}"
        yield from (f"      {_cut(sample)}" for sample in one.samples if sample.lower() != one.shape)


def _error(line: Line) -> str:
    evidence = f" ({line.evidence})" if line.evidence else ""
    return f"  {line.rule}{evidence} in {line.doc_id} line {line.position + 1}: {_cut(line.text)}"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else f"{flat[:SHOWN]}… ({len(flat)} characters)"
