"""Scores of duplicate search for people and for programs, and the sweep as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from pipeline.evaluate.dedup import Reading, Result, Score
from pipeline.evaluate.dedup_scores import Counts

#: Characters of a text that the report shows.
SHOWN = 160
#: Width, height and margin of the picture, and its colours by n-gram size: Okabe and Ito's, told apart by all.
_WIDTH, _HEIGHT, _MARGIN = 640, 400, 48
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def told(result: Result, worst: int = 10) -> str:
    """Return the scores as text for a terminal; `worst` is how many errors of each kind it shows."""
    parts = [*_totals(result), *_groups(result.score), *_sweep(result), *_errors(result, worst)]
    return "\n".join(parts)


def as_json(result: Result, worst: int | None = None) -> dict[str, Any]:
    """Return the scores as JSON takes them; `worst` None: all errors."""
    return {
        "kind": result.kind,
        "texts": result.texts,
        result.kind: result.clusters,
        "skipped": result.skipped,
        "score": _figures(result.score, result.kind),
        "best": _figures(result.best, result.kind) if result.best else None,
        "sweep": [_figures(score, result.kind) for score in result.sweep],
        "wrong": [reading._asdict() for reading in result.wrong[:worst]],
        "missed": [reading._asdict() for reading in result.missed[:worst]],
        "missed_above": result.missed_above,
    }


def plot(result: Result) -> str:
    """Return the sweep as an SVG: F1 (lines) and precision (dashes) by threshold, a colour an n-gram size."""
    scores = [score for score in result.sweep if score.measure == "jaccard"]
    low = min((score.threshold for score in scores), default=0.0)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f"<title>{escape(_title(result))}</title>",
        *_axes(low),
    ]
    for number, ngram in enumerate(sorted({score.ngram for score in scores})):
        of = sorted((score for score in scores if score.ngram == ngram), key=lambda score: score.threshold)
        lines += _curves(of, low, _COLOURS[number % len(_COLOURS)], number)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _title(result: Result) -> str:
    return f"F1 (lines) and precision (dashes) by threshold: {result.texts} texts, {result.clusters} {result.kind}"


def _axes(low: float) -> Iterator[str]:
    right, bottom = _WIDTH - _MARGIN, _HEIGHT - _MARGIN
    yield f'<path d="M{_MARGIN} {_MARGIN / 2:g}V{bottom}H{right}" fill="none" stroke="black"/>'
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        yield f'<path d="M{_MARGIN} {y:g}H{right}" stroke="#ddd"/>'
        yield f'<text x="{_MARGIN - 6}" y="{y + 4:g}" text-anchor="end">{tenth / 10:g}</text>'
    for tenth in range(11):
        if tenth / 10 >= low:
            yield f'<text x="{_x(tenth / 10, low):g}" y="{bottom + 18}" text-anchor="middle">{tenth / 10:g}</text>'
    yield f'<text x="{(_MARGIN + right) / 2:g}" y="{bottom + 38}" text-anchor="middle">threshold</text>'


def _curves(of: Sequence[Score], low: float, colour: str, number: int) -> Iterator[str]:
    for values, style in (
        ([score.all.f1 for score in of], ""),
        ([score.all.precision for score in of], ' stroke-dasharray="3 4"'),
    ):
        points = " ".join(f"{_x(s.threshold, low):.1f},{_y(v):.1f}" for s, v in zip(of, values, strict=True))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{style}/>'
    y = _MARGIN + 16 * number
    yield f'<text x="{_WIDTH - _MARGIN + 4}" y="{y}" fill="{colour}">n = {of[0].ngram}</text>'


def _x(threshold: float, low: float) -> float:
    span = (1 - low) or 1
    return _MARGIN + (threshold - low) / span * (_WIDTH - 2 * _MARGIN)


def _y(value: float) -> float:
    return _HEIGHT - _MARGIN - value * (_HEIGHT - 1.5 * _MARGIN)


def _figures(score: Score, kind: str) -> dict[str, Any]:
    found = {
        "ngram": score.ngram,
        "threshold": score.threshold,
        "measure": score.measure,
        "bands": score.banding.bands,
        "rows": score.banding.rows,
        **_shares(score.all, kind),
        "removed": score.removed,
        "removed_wrongly": score.removed_wrongly,
        "removable": score.removable,
    }
    return found | {"groups": {name: _shares(counts, kind) for name, counts in score.groups.items()}}


def _shares(counts: Counts, kind: str) -> dict[str, float]:
    found: dict[str, float] = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    if kind == "clusters":
        found["adjusted_rand"] = counts.rand_adjusted
    return found | counts._asdict()


def _totals(result: Result) -> Iterator[str]:
    score, counts = result.score, result.score.all
    yield f"labelled             {result.texts} texts, {result.clusters} {result.kind}{_left_out(result)}"
    yield f"settings             {score.ngram}-word shingles, threshold {score.threshold:g}"
    yield f"bands                {score.banding.bands} of {score.banding.rows} rows"
    yield f"precision            {counts.precision:.4f}: of the pairs that were found, copies"
    yield f"recall               {counts.recall:.4f}: of the copies, pairs that were found"
    yield f"F1                   {counts.f1:.4f}"
    if result.kind == "clusters":
        yield f"adjusted Rand index  {counts.rand_adjusted:.4f}"
        yield f"removed              {score.removed} texts of {score.removable} copies, {score.removed_wrongly} wrongly"
    above = f"{result.missed_above} of them at or above the threshold{_why(result)}"
    yield f"missed               {counts.missed} pairs, {above}"


def _why(result: Result) -> str:
    """Say why similar pairs are apart: an item goes with one representative, and nothing chains."""
    clustered = result.kind == "clusters" and result.missed_above
    return " (each like another representative, or not proposed by the bands)" if clustered else ""


def _left_out(result: Result) -> str:
    parts = [f"{count} rows for {reason}" for reason, count in result.skipped.items()]
    return f"; left out: {', '.join(parts)}" if parts else ""


def _groups(score: Score) -> Iterator[str]:
    if score.groups:
        yield "\ngroup                     precision  recall      F1     copies"
    for name, n in score.groups.items():
        yield f"{_cut(name, 24):<24}  {n.precision:9.4f}  {n.recall:6.4f}  {n.f1:6.4f}  {n.right + n.missed:9}"


def _sweep(result: Result) -> Iterator[str]:
    for measure in ("jaccard", "containment"):
        of = [score for score in result.sweep if score.measure == measure]
        if of:
            yield f"\nF1 by {measure}, threshold down, words a shingle across (precision below 1 behind it)"
            yield from _grid(of)
    best = result.best
    if best:
        yield (
            f"best                 {best.ngram}-word shingles, threshold {best.threshold:g}: precision "
            f"{best.all.precision:.4f}, recall {best.all.recall:.4f}, F1 {best.all.f1:.4f}"
        )


def _grid(scores: Sequence[Score]) -> Iterator[str]:
    ngrams = sorted({score.ngram for score in scores})
    yield "          " + "".join(f"{ngram:<15}" for ngram in ngrams).rstrip()
    for threshold in sorted({score.threshold for score in scores}):
        of = {score.ngram: score.all for score in scores if score.threshold == threshold}
        yield f"{threshold:8.2f}  " + "".join(f"{_cell(of[ngram]):<15}" for ngram in ngrams if ngram in of).rstrip()


def _cell(counts: Counts) -> str:
    return f"{counts.f1:.3f}" + (f" ({counts.precision:.3f})" if counts.wrong else "")


def _errors(result: Result, worst: int) -> Iterator[str]:
    yield f"\ntaken for copies and not labelled so, most similar first ({_some(result.wrong, worst)})"
    yield from (line for reading in result.wrong[:worst] for line in _pair(reading))
    yield f"\ncopies that were missed, least similar first ({_some(result.missed, worst)})"
    yield from (line for reading in result.missed[:worst] for line in _pair(reading))


def _pair(reading: Reading) -> Iterator[str]:
    yield f"  {reading.similarity:.3f}  {reading.left}{f' | {reading.right}' if reading.right else ''}"
    start = _where_they_part(reading.text, reading.other)
    yield f"         {_cut(reading.text[start:], SHOWN)}"
    yield f"         {_cut(reading.other[start:], SHOWN)}"


def _where_they_part(one: str, other: str) -> int:
    """Return where to begin to show two texts: some characters before they differ."""
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return max(0, same - SHOWN // 4) if same > SHOWN // 2 else 0


def _some(found: Sequence[object], worst: int) -> str:
    return f"{min(worst, len(found))} of {len(found)}"


def _cut(text: str, shown: int) -> str:
    flat = " ".join(text[: 4 * shown].split())
    return flat if len(flat) <= shown else f"{flat[: shown - 1]}…"
