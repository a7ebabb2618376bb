from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boilerplate.judge import judge
from pipeline.boilerplate.rules import load
from pipeline.boilerplate.structure import structural, within_budget
from pipeline.settings import BoilerplateSettings
from tests.boilerplate.tables import paragraphs

CASES = json.loads((Path(__file__).parent.parent / "cases" / "boilerplate_structure.json").read_text(encoding="utf-8"))
GENRES = json.loads((Path(__file__).parent.parent / "cases" / "boilerplate_genres.json").read_text(encoding="utf-8"))
RULES = load(BoilerplateSettings())
PROSE = (
    "The river had been rising since noon, and nobody in the lower town of Arlen slept that night, not even the cats."
)
LONG = " ".join([PROSE] * 4)
STANDS_FOR = {"PROSE": PROSE, "LONG": LONG}
texts = st.lists(
    st.lists(st.sampled_from([PROSE, LONG, *(line for case in CASES for line in case["input"])]), max_size=20),
    max_size=4,
)


def found(documents: list[list[str]]) -> list[list[Any]]:
    table = paragraphs([[STANDS_FOR.get(line, line) for line in lines] for lines in documents])
    return [[v["row"], v["rule"]] for v in structural(table, judge(table, RULES), RULES).to_pylist()]


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    assert found([case["input"]]) == case["expected"], case["reason"]


@pytest.mark.parametrize("case", GENRES, ids=[case["label"] for case in GENRES])
def test_genres_are_left_alone(case: dict[str, Any]) -> None:
    assert found([case["input"]]) == []


@settings(max_examples=60, deadline=None)
@given(texts)
def test_each_document_is_judged_for_itself_and_no_row_twice(documents: list[list[str]]) -> None:
    first, alone = 0, []
    for lines in documents:
        alone += [[first + row, rule] for row, rule in found([lines])]
        first += len(lines)
    together = found(documents)
    assert together == alone
    table = paragraphs(documents)
    assert not {row for row, _ in together} & set(judge(table, RULES)["row"].to_pylist())


def rows(*numbers: int) -> pa.Table:
    return pa.table({"row": pa.array(numbers, pa.int64())})


@pytest.mark.parametrize(
    ("uncertain", "share", "left"),
    [
        ((1, 2), 0.5, [1, 2]),
        ((1, 2), 0.1, []),
        ((3,), 0.9, []),  # all prose that is left
        ((2, 5), 0.3, [2, 5]),  # each document has its own budget
        ((1, 2, 5), 0.15, [5]),
    ],
)
def test_budget(uncertain: tuple[int, ...], share: float, left: list[int]) -> None:
    table = paragraphs([["x" * 100, "x" * 20, "x" * 20, PROSE], [PROSE, "x" * 10]])
    assert within_budget(table, rows(0), rows(*uncertain), share)["row"].to_pylist() == left


def test_budget_of_nothing() -> None:
    empty = paragraphs([])
    assert within_budget(empty, rows(), rows(), 0.5).num_rows == 0
    assert structural(empty, judge(empty, RULES), RULES).num_rows == 0
    table = paragraphs([[PROSE]])
    everything = pa.table({"row": pa.array([0], pa.int64()), "rule": ["comment-form-heading"]})
    assert structural(table, everything, RULES).num_rows == 0
    assert np.array_equal(within_budget(table, rows(), rows(), 0.5)["row"].to_numpy(), [])
