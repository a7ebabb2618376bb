from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boilerplate.judge import judge, protected
from pipeline.boilerplate.rules import Rule, build, load
from pipeline.ledger import drop
from pipeline.settings import BoilerplateSettings
from tests.boilerplate.naive_judge import judged
from tests.boilerplate.tables import paragraphs

CASES = json.loads((Path(__file__).parent.parent / "cases" / "boilerplate_judge.json").read_text(encoding="utf-8"))
RULES = load(BoilerplateSettings())
BODY = "The river had been rising since noon, and nobody in the lower town of Arlen slept that night."
TEXTS = sorted(
    {text for rule in RULES.paragraphs for text in (*rule.examples, *rule.counter_examples)}
    | {text for case in CASES for text in case["input"]}
    | {BODY, "Email\nWebsite", "Leave a Reply\n" + BODY, "x" * 601, "", "!"}
)
documents = st.lists(st.lists(st.one_of(st.sampled_from(TEXTS), st.text(max_size=30)), max_size=9), max_size=5)


def found(texts: list[list[str]], first: int = 0) -> list[tuple[int, int, str]]:
    table = paragraphs(texts, first)
    verdicts = judge(table, RULES)
    return [
        (table["doc"][v["row"]].as_py() - first, table["position"][v["row"]].as_py(), v["rule"])
        for v in verdicts.to_pylist()
    ]


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    assert [[row, rule] for _, row, rule in found([case["input"]])] == case["expected"], case["reason"]


def test_the_slow_twin_agrees() -> None:
    texts = (
        [case["input"] for case in CASES]
        + [[text] for text in TEXTS[::20]]  # the twin asks every rule about every text
        + [[BODY] * 3 + [text] + [BODY] * 4 for text in TEXTS[7::40]]
    )
    assert found(texts) == judged(texts, RULES)


@settings(max_examples=60, deadline=None)
@given(documents)
def test_the_cut_into_tables_does_not_matter_and_no_row_is_named_twice(texts: list[list[str]]) -> None:
    together = found(texts)
    assert together == [(n, row, rule) for n, each in enumerate(texts) for _, row, rule in found([each], n)]
    assert len({(n, row) for n, row, _ in together}) == len(together)


@settings(max_examples=60, deadline=None)
@given(documents)
def test_what_is_left_is_not_judged_again(texts: list[list[str]]) -> None:
    table = paragraphs(texts)
    kept, ledger = drop(table, "boilerplate", judge(table, RULES))
    assert kept.num_rows + ledger.num_rows == table.num_rows
    assert judge(kept, RULES).num_rows == 0


def test_chunks_slices_and_nothing_at_all() -> None:
    table = paragraphs([["Source link", BODY], ["Leave a Reply", BODY]])
    twice = pa.concat_tables([table, table.slice(1, 0), paragraphs([["Source link"]], 2)])
    assert judge(twice, RULES)["row"].to_pylist() == [0, 2, 4]
    assert judge(table.slice(2), RULES)["row"].to_pylist() == [0]
    assert judge(table.slice(0, 0), RULES).num_rows == 0
    assert judge(table, build([])).num_rows == 0


def rule(**changes: Any) -> Rule:
    return Rule(**{"id": "a", "family": "f", "match": "line", "values": ("the end",), "reason": "r", **changes})


@pytest.mark.parametrize(("where", "rows"), [("anywhere", [0, 3, 7]), ("head", [0]), ("tail", [7]), ("edge", [0, 7])])
def test_where(where: str, rows: list[int]) -> None:
    texts = ["The end", BODY, BODY, "The end", BODY, BODY, BODY, "The end"]
    assert judge(paragraphs([texts]), build([rule(where=where)]))["row"].to_pylist() == rows


def test_max_words_and_the_first_rule_wins() -> None:
    prefix = rule(id="b", match="prefix", values=("the end",), max_words=3)
    texts = ["The end", "The end is", "The end it is", "The ending"]
    verdicts = judge(paragraphs([texts]), build([prefix, rule()]))
    assert [(v["row"], v["rule"]) for v in verdicts.to_pylist()] == [(0, "b"), (1, "b")]


def test_what_is_kept_is_never_dropped() -> None:
    keep = rule(id="refrain", action="keep", values=("the end",))
    drop = rule(id="b", match="prefix", values=("the", "and"), max_words=20)
    texts = ["The end", "The end is", "And so\nThe end\nat last"]
    table, rules = paragraphs([texts]), build([drop, keep])
    assert judge(table, rules)["row"].to_pylist() == [1]
    assert protected(table, rules).tolist() == [True, False, True]
    assert protected(table, build([drop])).tolist() == [False, False, False]
    assert [row for _, row, _ in judged([texts], rules)] == [1]


def test_a_rule_may_be_bound_to_sites() -> None:
    table = paragraphs([["The end", "Printed in May\nThe end"], ["The end"], ["The end"]])
    bound = rule(match="masked", sites=("arlen.example",), values=("the end", "printed in july 3"))
    rules = build([bound, rule(id="b", values=("printed in may",), sites=("arlen.example",))])
    sites = pa.array(["arlen.example", "arlen.example", "brack.example", None])
    assert judge(table, rules, sites)["row"].to_pylist() == [0, 1]
    assert judge(table, rules, sites.dictionary_encode())["row"].to_pylist() == [0, 1]
    chunks = pa.chunked_array([sites[:1].dictionary_encode(), sites[1:].dictionary_encode()])
    assert judge(table, rules, chunks)["row"].to_pylist() == [0, 1]
    assert judge(table, rules).num_rows == 0


@pytest.mark.parametrize(
    ("value", "text", "goes"),
    [
        ("Updated 0 month", "UPDATED: 14 May", True),
        ("Updated 12 March", "updated 3 mars", True),
        ("Updated 12 March", "updated in March", False),
        ("You may also like", "You may also like", True),
        ("You may also like", "You sun also like", False),
        ("ISSN 0000", "ISSN 1234", True),
    ],
)
def test_masked_lines_differ_in_dates_and_numbers_only(value: str, text: str, goes: bool) -> None:
    rules = build([rule(match="masked", values=(value,))])
    assert judge(paragraphs([[text]]), rules).num_rows == goes
    assert bool(judged([[text]], rules)) == goes


@pytest.mark.parametrize(
    ("value", "text", "goes"),
    [
        ("Photo:", "Photo: Jane Doe", True),
        ("Photo:", "PHOTO ： Jane", True),
        ("Photo:", "Photo of the dam", False),
        ("Don't miss", "» don’t MISS this", True),
        ("Subscribe to", "“Subscribe to what?” he said", False),
        ("Subscribe to", "« Subscribe to » dit-il", False),
        ("Subscribe to", "📧 Subscribe to our letter", True),
        ("Subscribe to", "Subscribe – to us", True),
        ("Subscribe", "Subscribers", False),
        ("分享", "分享到微博", True),
        ("分享", "分享" + "市" * 60, False),
        ("(more", "more of it", True),
        ("Story (", "Story (file)", True),
        ("Story (", "Story", False),
    ],
)
def test_prefixes(value: str, text: str, goes: bool) -> None:
    rules = build([rule(match="prefix", values=(value,))])
    assert judge(paragraphs([[text]]), rules).num_rows == goes
    assert bool(judged([[text]], rules)) == goes
