"""How long documents are: those that stay, before and after paragraphs were removed from them."""

from __future__ import annotations

import numpy as np

from pipeline.report.amounts import exact, rough, share
from pipeline.report.blocks import drawing, more, section, table
from pipeline.report.charts import Series, histogram, swatch
from pipeline.report.documents import EDGES, MEASURED
from pipeline.report.figures import Figures
from pipeline.report.markup import Html, tag


def lengths(figures: Figures) -> Html:
    """Return the lengths of kept documents, before and after."""
    of = figures.documents.lengths
    after, lost = of.kept(), of.lost()
    if not len(after):
        return section("lengths", "Document length", tag("p", "No document is kept."))
    before = after + lost
    counts = [np.histogram(each, EDGES)[0] for each in (before, after)]
    used = np.flatnonzero(counts[0] + counts[1])
    first, last = int(used[0]), int(used[-1]) + 1
    shown = [count[first:last].tolist() for count in counts]
    medians = [int(np.median(each)) for each in (before, after)]
    said = (
        f"Characters a document, before and after: the median is {exact(medians[0])} before and {exact(medians[1])} "
        "after. The figures are in the table below it."
    )
    series = [Series("before", shown[0]), Series("kept", shown[1])]
    chart = histogram(said, series, _ticks(first, last), "characters a document", None)
    rows = [(_bin(first + at), *map(exact, pair)) for at, pair in enumerate(zip(*shown, strict=True))]
    body = table("Kept documents by length", ("Characters", "before", "after"), rows, (1, 2))
    cut = int((lost > 0).sum())
    least = f" Measured are the first {exact(MEASURED)}." if len(after) == MEASURED else ""
    told = (
        f"Paragraphs were removed from {share(cut, len(after))} of the documents that stay; the median document has "
        f"{exact(medians[0])} characters before and {exact(medians[1])} after.{least}"
    )
    legend = [tag("li", swatch("before"), " before"), tag("li", swatch("kept"), " after")]
    drawn = drawing("Kept documents by length.", chart, tag("ul", *legend, class_="legend"), more("Figures", body))
    return section("lengths", "Document length", tag("p", told), drawn)


def _ticks(first: int, last: int) -> list[tuple[float, str]]:
    """Return the powers of ten between the bins."""
    found = [
        (at - first, rough(int(EDGES[at]))) for at in range(first, last + 1) if at % 4 == 3 and at < len(EDGES) - 1
    ]
    return [(float(place), label) for place, label in found]


def _bin(at: int) -> str:
    start, end = EDGES[at], EDGES[at + 1]
    return f"{int(start):,} or more" if np.isinf(end) else f"{int(start):,} to {int(end) - 1:,}"
