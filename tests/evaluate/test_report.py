"""Scores for people and for programs."""

from __future__ import annotations

import json

from pipeline.evaluate.boilerplate import Counts, Line, RuleCounts, Scores
from pipeline.evaluate.report import SHOWN, as_json, told
from pipeline.evaluate.shapes import Shape

SCORES = Scores(
    documents=2,
    all=Counts(right=6, wrong=2, missed=4, article=8, unsure=3, article_chars=1000, lost_chars=25),
    precision_interval=(0.7, 0.8),
    recall_interval=(0.5, 0.7),
    languages={"de": Counts(right=6, wrong=2, missed=4), "und": Counts()},
    rules=[RuleCounts("sharing", "share-row", 4, 2, 0), RuleCounts("comments", "form", 2, 0, 3)],
    wrong=[
        Line("d1", "de", 3, "within", "long " * 60, "share-row", "seen 12 times"),
        Line("d2", "de", 0, "before", "x\ny", "share-row", ""),
    ],
    missed=[Line("d1", "de", 9, "behind", "Impressum", "", "")] * 4,
    shapes=[Shape("impressum", 1, 4, ["Impressum"])],
    forms=[Shape("1 word, open, behind the article", 1, 4, ["Impressum"])],
)


def test_told_says_every_figure() -> None:
    said = told(SCORES)
    for part in ("0.750 (95 %: 0.700–0.800)", "0.600", "2.50% of the characters", "20.00% of the lines", "0.667"):
        assert part in said
    assert "share-row (seen 12 times) in d1 line 4: long long" in said
    assert "in d2 line 1: x y" in said
    assert max(len(line) for line in said.splitlines()) < SHOWN + 80


def test_families_stand_before_their_rules_with_their_sums() -> None:
    lines = told(SCORES).splitlines()
    at = lines.index(next(line for line in lines if line.startswith("sharing")))
    assert lines[at].split() == ["sharing", "4", "2", "0"]
    assert lines[at + 1].split() == ["share-row", "4", "2", "0"]


def test_worst_limits_what_is_shown() -> None:
    said = told(SCORES, worst=1)
    assert "(1 of 2)" in said
    assert "in d2" not in said


def test_json_holds_the_same_and_can_be_written() -> None:
    given = json.loads(json.dumps(as_json(SCORES)))
    assert given["all"]["precision"] == 0.75
    assert given["all"]["article_chars_lost"] == 0.025
    assert given["wrong"][0]["rule"] == "share-row"
    assert len(given["missed"]) == 4
    assert len(as_json(SCORES, worst=1)["missed"]) == 1


def test_nothing_found_is_told_too() -> None:
    nothing = Scores(0, Counts(), (1.0, 1.0), (1.0, 1.0), {}, [], [], [], [], [])
    assert "documents            0" in told(nothing)
