"""Scores of duplicate search for people and for programs."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pipeline.evaluate.dedup import Result, evaluate_dedup
from pipeline.evaluate.dedup_report import SHOWN, as_json, plot, told
from pipeline.settings import Settings

CASES = Path(__file__).parent.parent / "cases"


@pytest.fixture(scope="module")
def clusters() -> Result:
    path, sweep = CASES / "labelled_clusters.jsonl", (0.3, 0.5, 0.8)
    return evaluate_dedup([path], Settings(), skip=["rewritten"], by="lang", thresholds=sweep, ngrams=(2, 5))


@pytest.fixture(scope="module")
def pairs() -> Result:
    return evaluate_dedup([CASES / "labelled_pairs.jsonl"], Settings(), "paragraphs", thresholds=(0.5,), ngrams=(1, 3))


def test_told_says_every_figure(clusters: Result) -> None:
    said = told(clusters, worst=3)
    for part in (
        "76 texts, 26 clusters; left out: 2 rows for rewritten",
        "21 of 6 rows",
        "adjusted Rand index",
        "(3 of 63)",
    ):
        assert part in said
    assert "best                 2-word shingles, threshold 0.5" in said
    assert "0.974 (0.949)" in said, "a cell with wrong pairs says its precision"
    assert max(map(len, said.splitlines())) < SHOWN + 20


def test_pairs_are_told_with_containment_and_without_rand(pairs: Result) -> None:
    said = told(pairs)
    assert "65 pairs; left out: 1 rows for label is null" in said
    assert "F1 by containment" in said
    assert "Rand" not in said


def test_texts_are_shown_from_where_they_part(pairs: Result) -> None:
    long = "word " * 100
    reading = pairs.missed[0]._replace(text=f"{long}left", other=f"{long}right")
    shown = told(Result(**{**vars(pairs), "missed": [reading]})).splitlines()[-2:]
    assert [line.split()[-1] for line in shown] == ["left", "right"]


def test_json_holds_the_same_and_can_be_written(clusters: Result) -> None:
    given = json.loads(json.dumps(as_json(clusters, worst=2)))
    assert given["clusters"] == 26
    assert given["score"]["adjusted_rand"] == clusters.score.all.rand_adjusted
    assert given["score"]["groups"]["zh"]["precision"] == 1.0
    assert len(given["sweep"]) == 6 and given["best"]["ngram"] == 2
    assert len(given["missed"]) == 2 and len(as_json(clusters)["missed"]) == 63


def test_the_plot_is_one_svg_that_needs_nothing_else(clusters: Result) -> None:
    drawn = plot(clusters)
    root = ET.fromstring(drawn)
    assert root.tag.endswith("svg")
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 4, "F1 and precision of two n-gram sizes"
    for line in lines:
        points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        assert len(points) == 3
        assert all(0 <= x <= 640 and 0 <= y <= 400 for x, y in points)
    assert drawn.count("http") == 1, "the name space only"


def test_without_a_sweep_there_is_no_table_and_an_empty_plot(clusters: Result) -> None:
    nothing = Result(**{**vars(clusters), "sweep": []})
    assert "best" not in told(nothing)
    assert "polyline" not in plot(nothing)
    assert as_json(nothing)["best"] is None
