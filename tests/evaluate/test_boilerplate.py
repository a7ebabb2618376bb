"""Scores: the counts, their laws, and one file through the pipeline's own stage."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.evaluate.boilerplate import Counts, Scores, evaluate_boilerplate, scores_of
from pipeline.evaluate.labelled import Labelled, read
from pipeline.evaluate.stripping import Rule
from pipeline.settings import Settings
from tests.evaluate.naive_scores import counted

#: What rules alone do is plain to see; structure and model have tests of their own.
RULES = Settings.model_validate({"boilerplate": {"structure": False, "model": False}})

Line = tuple[str, int, bool]
LINES = st.tuples(st.text(alphabet="añ字 \n", max_size=6), st.sampled_from([1, 0, -1]), st.booleans())
DOCUMENTS = st.lists(st.lists(LINES, max_size=6), min_size=1, max_size=5)
RULE = Rule("some-rule", "some-family", "why")

PAGE = {
    "id": "page",
    "lang": "en",
    "url": "https://courier.example/a",
    "lines": [
        "Leave a Reply",
        "",
        "The dam above the town held through the night, the engineers said on Friday morning.",
        "Nobody was hurt, and the road to the valley is open again for cars and for lorries.",
        "Leave a Reply",
        "Something that no rule can know of",
        "Cancel reply",
    ],
    "keep": [1, 0, 1, 1, 0, 0, -1],
}


def labelled(documents: list[list[Line]]) -> Labelled:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "some.jsonl"
        rows = [{"lines": [line[0] for line in d], "keep": [line[1] for line in d], "lang": "en"} for d in documents]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return read([path])


def scored(documents: list[list[Line]]) -> Scores:
    gone = [line[2] for document in documents for line in document if line[0].strip()]
    return scores_of(labelled(documents), [RULE if drop else None for drop in gone])


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.jsonl"
    path.write_text(json.dumps(PAGE) + "\n", "utf-8")
    return path


@given(DOCUMENTS)
@hypothesis_settings(max_examples=60, deadline=None)
def test_counts_are_those_of_the_slow_twin(documents: list[list[Line]]) -> None:
    scores = scored(documents)
    assert {name: n for name, n in asdict(scores.all).items() if n} == {
        k: n for k, n in counted(documents).items() if n
    }
    assert scores.documents == len(documents)
    assert len(scores.wrong) == scores.all.wrong
    assert len(scores.missed) == scores.all.missed == sum(shape.lines for shape in scores.shapes)
    assert sum(rule.right for rule in scores.rules) == scores.all.right
    assert sum(counts.right for counts in scores.languages.values()) == scores.all.right


@given(DOCUMENTS)
@hypothesis_settings(max_examples=30, deadline=None)
def test_the_order_of_documents_changes_no_count(documents: list[list[Line]]) -> None:
    forth, back = scored(documents), scored(documents[::-1])
    assert (forth.all, forth.languages, forth.rules) == (back.all, back.languages, back.rules)


@given(DOCUMENTS)
@hypothesis_settings(max_examples=30, deadline=None)
def test_intervals_lie_in_zero_to_one_and_repeat(documents: list[list[Line]]) -> None:
    scores = scored(documents)
    for low, high in (scores.precision_interval, scores.recall_interval):
        assert 0 <= low <= high <= 1
    assert scored(documents).precision_interval == scores.precision_interval


def test_an_interval_holds_the_score_and_narrows() -> None:
    document = [("one", 0, True), ("two", 0, False), ("three", 1, True), ("four", 0, True)]
    other = [("one", 0, True), ("two", 1, False), ("three", 0, False)]
    few, many = scored([document, other] * 3), scored([document, other] * 300)
    low, high = few.precision_interval
    assert low <= few.all.precision <= high
    assert many.precision_interval[1] - many.precision_interval[0] < high - low


def test_figures() -> None:
    counts = Counts(right=6, wrong=2, missed=4, article=8, unsure=9, article_chars=1000, lost_chars=25)
    assert (counts.precision, counts.recall, counts.lost, counts.wrong_share) == (0.75, 0.6, 0.025, 0.2)
    assert counts.f1 == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    nothing = Counts()
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.lost) == (1.0, 1.0, 1.0, 0.0)


def test_errors_name_rule_place_and_evidence() -> None:
    document = [("head", 0, False), ("x", 1, True), ("within", 0, False), ("longer", 1, True), ("tail", 0, False)]
    scores = scored([document])
    assert [(line.text, line.rule, line.evidence, line.position) for line in scores.wrong] == [
        ("longer", "some-rule", "why", 3),
        ("x", "some-rule", "why", 1),
    ]
    assert [(line.text, line.place) for line in scores.missed] == [
        ("head", "before"),
        ("within", "within"),
        ("tail", "behind"),
    ]


def test_a_page_goes_through_the_stage_of_the_pipeline(page: Path) -> None:
    scores = evaluate_boilerplate([page], RULES)
    dropped = {"comment-form-heading"}
    assert scores.all.right == 1
    assert scores.all.unsure == 1
    assert {line.rule for line in scores.wrong} <= dropped
    assert {rule.family for rule in scores.rules} == {"comments"}


def test_repair_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "page.jsonl"
    path.write_text(json.dumps({**PAGE, "lines": [line.replace(" ", "\u00a0 ") for line in PAGE["lines"]]}), "utf-8")
    assert evaluate_boilerplate([path], RULES).all.right == 1


def test_switched_off_nothing_is_dropped(page: Path) -> None:
    scores = evaluate_boilerplate([page], Settings.model_validate({"boilerplate": {"enabled": False}}))
    assert scores.all == Counts(missed=2, article=3, article_chars=scores.all.article_chars)
    assert scores.rules == []


def test_a_setting_that_cannot_be_taken_is_refused(page: Path) -> None:
    with pytest.raises(SettingsError, match="no-such-rule"):
        evaluate_boilerplate([page], Settings.model_validate({"boilerplate": {"off": ["no-such-rule"]}}))
