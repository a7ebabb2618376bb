"""What could not be read, and what this run could not find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.report.amounts import NO_BREAK, exact, many, share
from pipeline.report.blocks import drawing, listed, more, section, table
from pipeline.report.charts import curve
from pipeline.report.figures import Figures
from pipeline.report.markup import Html, shown, tag

#: Characters of what could not be read that are shown.
RAW = 120


def quarantine(figures: Figures) -> Html:
    """Return what could not be read, and why."""
    found = figures.aside
    if not found.rows:
        return section("quarantine", "Unreadable inputs", tag("p", "All inputs could be read."))
    rows = [
        (shown(_reason(row), 300), exact(row["like"]), shown(_place(row), 100),
         tag("code", shown(_beginning(row["raw"]), RAW)))
        for row in found.samples
    ]  # fmt: skip
    return section(
        "quarantine",
        "Unreadable inputs",
        tag("p", f"{many(found.rows, 'input')} could not be read. All are in quarantine/, with their first bytes."),
        table("Reasons, the most frequent first", ("Reason", "Inputs", "Where", "It begins with"), rows, (1,)),
    )


def _reason(row: Mapping[str, Any]) -> str:
    """Return why the input could not be read, without its place, which stands beside."""
    said = str(row["error"]).removesuffix("; it went to quarantine/").removeprefix(f"{row['source']} ")
    return said.removeprefix(f"line {row['position']} ").removeprefix(f"row {row['position']} ")


def _place(row: Mapping[str, Any]) -> str:
    return str(row["source"]) if row["position"] is None else f"{row['source']}, row {row['position']}"


def _beginning(raw: bytes | None) -> str:
    return (raw or b"")[:RAW].decode("utf-8", "backslashreplace") or "—"


def limits(figures: Figures) -> Html:
    """Return what this run could not find."""
    recall = figures.manifest["recall"]
    charts = [_curve(level, recall[level]) for level in recall]
    return section(
        "limits",
        "What this run could not find",
        listed(_said(figures.manifest)),
        tag("div", *charts, class_="pair"),
    )


def _said(manifest: Mapping[str, Any]) -> list[Html]:
    dedup = manifest["settings"]["dedup"]
    found = []
    for level, one in manifest["recall"].items():
        missed = share(1 - one["at_threshold"], 1)
        found.append(
            f"Of pairs of {level} exactly at the threshold {one['threshold']:g}, {missed} are expected to be "
            f"missed: {one['bands']} bands of {one['rows']} rows find the others. Pairs below it stay by design."
        )
    found.append(
        f"Documents shorter than {dedup['documents']['ngram']} words and paragraphs shorter than "
        f"{dedup['paragraphs']['ngram']} are compared exactly only."
    )
    for name, capped in manifest["capped"].items():
        if capped:
            found.append(
                f"{many(capped, name.removeprefix('capped_').removesuffix('s'))} met the cap "
                "dedup.max_representatives: some of them may be duplicates that stayed."
            )
    for level, one in manifest["contained"].items():
        found.append(f"{many(one['found'], level.removesuffix('s'))} found to lie in a larger one; {_capped(one)}")
    return [tag("span", said) for said in found]


def _capped(one: Mapping[str, int]) -> str:
    return (
        f"for {one['capped']:,} not all candidates were looked at."
        if one["capped"]
        else "all candidates were looked at."
    )


def _curve(level: str, one: Mapping[str, Any]) -> Html:
    points = [((float(at) - 0.5) * 2, found) for at, found in one["found"].items()]
    said = (
        f"Share of pairs of {level} that the bands find, by similarity: {share(one['at_threshold'], 1)} at the "
        f"threshold {one['threshold']:g}. The figures are in the table below it."
    )
    ticks = [(at / 5, f"{0.5 + at / 10:.1f}") for at in range(6)]
    mark = ((one["threshold"] - 0.5) * 2, f"threshold {one['threshold']:g}")
    rows = [(at, f"{100 * found:.2f}{NO_BREAK}%") for at, found in one["found"].items()]
    body = table(f"Pairs of {level} found, figures", ("Similarity", "Found"), rows, (1,))
    caption = f"Pairs of {level} that become candidates, by their similarity."
    return drawing(caption, curve(said, points, ticks, "Jaccard similarity", mark), more("Figures", body))
