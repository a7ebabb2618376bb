from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boilerplate.judge import judge
from pipeline.boilerplate.rules import load
from pipeline.boilerplate.titles import Titles, headlines
from pipeline.ledger import drop
from pipeline.settings import BoilerplateSettings
from tests.boilerplate.tables import documents, paragraphs

CASES = json.loads((Path(__file__).parent.parent / "cases" / "boilerplate_titles.json").read_text(encoding="utf-8"))
RULES = load(BoilerplateSettings())
TEXTS = sorted({text for case in CASES for text in [*case["input"]["paragraphs"], case["input"]["title"] or "# Dam"]})
TAILS = st.sampled_from(["", " – US 247 News", " | Arlen Courier - Daily", " :: what next", " - A - B News - B News"])
DOCUMENT = st.fixed_dictionaries(
    {
        "title": st.one_of(st.none(), st.builds(str.__add__, st.sampled_from(TEXTS), TAILS)),
        "url": st.sampled_from([None, "https://news.arlencourier.co.uk/dam", "not a url"]),
        "paragraphs": st.lists(
            st.one_of(st.builds(str.__add__, st.sampled_from(TEXTS), TAILS), st.text(max_size=12)), max_size=6
        ),
    }
)


def run(inputs: list[dict[str, Any]]) -> Titles:
    rows = [{key: row.get(key) for key in ("title", "site", "url")} for row in inputs]
    return headlines(documents(rows), paragraphs([row["paragraphs"] for row in inputs]), RULES)


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    given, expected = case["input"], case["expected"]
    titles = run([given])
    assert titles.title.to_pylist() == [expected["title"]], case["reason"]
    assert titles.site.to_pylist() == [expected["site"]], case["reason"]
    assert [[v["row"], v["rule"]] for v in titles.verdicts.to_pylist()] == expected["rows"], case["reason"]
    assert titles.edits.num_rows == (expected["site"] is not None)


def test_all_cases_in_one_table_give_the_same() -> None:
    inputs = [case["input"] for case in CASES]
    titles = run(inputs)
    assert titles.title.to_pylist() == [case["expected"]["title"] for case in CASES]
    starts = [sum(len(row["paragraphs"]) for row in inputs[:n]) for n in range(len(inputs))]
    rows = [
        [start + row, rule] for start, case in zip(starts, CASES, strict=True) for row, rule in case["expected"]["rows"]
    ]
    assert [[v["row"], v["rule"]] for v in titles.verdicts.to_pylist()] == rows


@settings(max_examples=150, deadline=None)
@given(st.lists(DOCUMENT, max_size=4))
def test_a_second_run_changes_nothing(inputs: list[dict[str, Any]]) -> None:
    table = paragraphs([row["paragraphs"] for row in inputs])
    first = run(inputs)
    kept, _ = drop(table, "titles", first.verdicts)
    texts: list[list[str]] = [[] for _ in inputs]
    for row in kept.to_pylist():
        texts[row["doc"]].append(row["text"])
    assert [bool(each) for each in texts] == [bool(row["paragraphs"]) for row in inputs]
    found = zip(first.title.to_pylist(), first.site.to_pylist(), texts, inputs, strict=True)
    second = run([{"title": t, "site": s, "paragraphs": p, "url": row["url"]} for t, s, p, row in found])
    assert second.title == first.title and second.site == first.site
    assert second.verdicts.num_rows == 0 and second.edits.num_rows == 0


LINES = st.sampled_from([*TEXTS, "By Jane Doe", "Tags: dams", "Email", "Doe reported from Arlen.", "Source link"])


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=9), st.one_of(st.none(), st.sampled_from(TEXTS)))
def test_lifting_a_headline_opens_no_window_for_a_rule(texts: list[str], title: str | None) -> None:
    table = paragraphs([texts])
    judged, _ = drop(table, "boilerplate", judge(table, RULES))
    kept, _ = drop(judged, "titles", headlines(documents([{"title": title}]), judged, RULES).verdicts)
    assert judge(kept, RULES).num_rows == 0


@pytest.mark.parametrize("off", ["title", "title-repeated", "title-site-tail", "titles"])
def test_each_part_can_be_switched_off(off: str) -> None:
    rules = load(BoilerplateSettings(off=(off,)))
    texts = ["Dam at Arlen holds | Arlen Courier", "Dam at Arlen holds", next(text for text in TEXTS if len(text) > 90)]
    table = paragraphs([texts, texts])
    titles = headlines(documents([{"title": None}, {"title": texts[0]}]), table, rules)
    found = set(titles.verdicts["rule"].to_pylist()) | set(titles.edits["rule"].to_pylist())
    everything = {"title", "title-repeated", "title-site-tail"}
    assert found == (set() if off == "titles" else everything - {off})


def test_a_given_site_stays_and_is_cut_by_name() -> None:
    titles = run([{"title": "Dam at Arlen holds - Mill Pages", "site": "Mill Pages", "url": None, "paragraphs": []}])
    assert titles.title.to_pylist() == ["Dam at Arlen holds"] and titles.site.to_pylist() == ["Mill Pages"]
