"""Charts as plain SVG: every one has a sentence that says what it shows; the figures stand in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.report.markup import Child, Html, tag

#: Size of a chart with axes, in its own units: drawn for a phone, at most half as large again on a desk.
WIDTH, HEIGHT = 360, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 8, 14, 34
_BAR = 600


class Part(NamedTuple):
    """A part of a bar: `kind` is the class that gives it colour and hatching."""

    kind: str
    amount: float


class Series(NamedTuple):
    """Columns of a histogram, one a bin."""

    kind: str
    counts: Sequence[int]


def hatching() -> Html:
    """Return the patterns that tell kinds apart without colour; to stand once on the page."""
    lines = {"up": "M0 8L8 0M-2 2L2 -2M6 10L10 6", "down": "M0 0L8 8M-2 6L2 10M6 -2L10 2", "level": "M0 2H8M0 6H8"}
    patterns = [_pattern(name, tag("path", d=path, class_="hatch")) for name, path in lines.items()]
    patterns.append(_pattern("dots", tag("path", d="M2 2h.01M6 6h.01", class_="hatch dot")))
    return tag("svg", tag("defs", *patterns), width=0, height=0, aria_hidden="true", class_="away")


def stacked(said: str, parts: Sequence[Part]) -> Html:
    """Return one bar of parts; `said` tells it in words."""
    whole = sum(part.amount for part in parts) or 1
    drawn, x = list[Html](), 0.0
    for part in parts:
        width = _BAR * part.amount / whole
        if width > 0:
            drawn += _hatched(part.kind, x, 0, max(width, 1.5), 28)
        x += width
    return tag(
        "svg", *drawn, viewBox=f"0 0 {_BAR} 28", preserveAspectRatio="none", class_="bar", role="img", aria_label=said
    )


def swatch(kind: str) -> Html:
    """Return what a kind looks like, for a legend."""
    return tag("svg", *_hatched(kind, 0, 0, 16, 16), viewBox="0 0 16 16", class_="swatch", aria_hidden="true")


def little(part: float, whole: float, kind: str = "removed") -> Html:
    """Return a bar for a row of a table, which says the same in figures."""
    width = 100 * part / whole if whole else 0.0
    rects = [_rect("track", 0, 0, 100, 8), _rect(kind, 0, 0, max(width, 0.5) if part else 0, 8)]
    return tag("svg", *rects, viewBox="0 0 100 8", class_="little", preserveAspectRatio="none", aria_hidden="true")


def histogram(
    said: str, series: Sequence[Series], ticks: Sequence[tuple[float, str]], title: str, mark: tuple[float, str] | None
) -> Html:
    """Return the columns of all series beside each other in each bin.

    ticks, mark: places on the axis, in bins from the left, with their labels; title: of the axis.
    """
    bins = len(series[0].counts)
    top = max(1, *(count for one in series for count in one.counts))
    wide, high = (WIDTH - _LEFT - _RIGHT) / bins, HEIGHT - _TOP - _BOTTOM
    drawn: list[Child] = _axis([(at / bins, label) for at, label in ticks], title, top)
    for number, one in enumerate(series):
        each = wide * 0.86 / len(series)
        for at, count in enumerate(one.counts):
            tall = max(high * count / top, 1.0) if count else 0
            x = _LEFT + wide * (at + 0.07) + each * number
            drawn += _hatched(one.kind, x, _TOP + high - tall, each, tall) if count else []
    if mark:
        drawn += _mark(mark[0] / bins, mark[1])
    return _svg(said, WIDTH, HEIGHT, *drawn)


def curve(said: str, points: Sequence[tuple[float, float]], ticks: Sequence[tuple[float, str]], title: str,
          mark: tuple[float, str]) -> Html:  # fmt: skip
    """Return a line through points (both from 0 to 1), with a mark on the axis."""
    wide, high = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    at = [(_LEFT + wide * x, _TOP + high * (1 - y)) for x, y in points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at)
    dots = [tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=2.4, class_="dot-kept") for x, y in at]
    line = tag("path", d=path, class_="curve")
    return _svg(said, WIDTH, HEIGHT, *_axis(ticks, title, "100 %"), line, *dots, *_mark(*mark))


def _svg(said: str, width: float, height: float, *children: Child) -> Html:
    return tag("svg", *children, viewBox=f"0 0 {width} {height}", class_="chart", role="img", aria_label=said)


def _axis(ticks: Sequence[tuple[float, str]], title: str, top: int | str) -> list[Child]:
    """Return the base line with its labels (places from 0 to 1), and what the highest point stands for."""
    wide, base = WIDTH - _LEFT - _RIGHT, HEIGHT - _BOTTOM
    found: list[Child] = [
        tag("line", x1=_LEFT, y1=base, x2=WIDTH - _RIGHT, y2=base, class_="axis"),
        tag("line", x1=_LEFT, y1=_TOP, x2=WIDTH - _RIGHT, y2=_TOP, class_="grid"),
        _text(_LEFT - 4, _TOP + 4, f"{top:,}" if isinstance(top, int) else top, "end"),
        _text(_LEFT - 4, base + 3, "0", "end"),
        _text(_LEFT + wide / 2, HEIGHT - 4, title, "middle"),
    ]
    for place, label in ticks:
        x = _LEFT + wide * place
        found += [
            tag("line", x1=f"{x:.1f}", y1=base, x2=f"{x:.1f}", y2=base + 3, class_="axis"),
            _text(x, base + 14, label, "middle"),
        ]
    return found


def _mark(place: float, label: str) -> list[Child]:
    x = _LEFT + (WIDTH - _LEFT - _RIGHT) * place
    side = "end" if place > 0.5 else "start"
    line = tag("line", x1=f"{x:.1f}", y1=2, x2=f"{x:.1f}", y2=HEIGHT - _BOTTOM, class_="mark")
    return [line, _text(x + (-4 if side == "end" else 4), 10, label, side)]


def _text(x: float, y: float, words: str, anchor: str) -> Html:
    return tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)


def _rect(kind: str, x: float, y: float, width: float, height: float) -> Html:
    return tag("rect", x=f"{x:.2f}", y=f"{y:.2f}", width=f"{width:.2f}", height=f"{height:.2f}", class_=kind)


def _hatched(kind: str, x: float, y: float, width: float, height: float) -> list[Html]:
    """Return a rectangle in the colour of its kind, and its hatching over it."""
    return [_rect(kind, x, y, width, height), _rect(f"over {kind}-over", x, y, width, height)]


def _pattern(name: str, *children: Child) -> Html:
    return tag("pattern", *children, id=f"h-{name}", width=8, height=8, patternUnits="userSpaceOnUse")
