from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boilerplate.feature_names import NAMES
from pipeline.boilerplate.features import DEAR
from pipeline.boilerplate.judge import judge
from pipeline.boilerplate.model import WEIGHTS, LineModel, judged, read, verdicts
from pipeline.boilerplate.rules import load
from pipeline.boilerplate.sweep import sweep
from pipeline.kernels.trees import LEAF
from pipeline.settings import BoilerplateSettings
from tests.boilerplate.tables import paragraphs

GENRES = json.loads((Path(__file__).parent.parent / "cases" / "boilerplate_genres.json").read_text(encoding="utf-8"))
ON = BoilerplateSettings()
RULES = load(ON)
PROSE = [
    "The river had been rising since noon, and nobody in the lower town of Arlen slept that night, not even the cats.",
    "By morning the water stood at the steps of the church, where the council had met only the day before.",
    "Nobody could say how long the dam would hold, for nobody had ever seen so much water behind it in one spring.",
]
MENU = ["Home", "Politics", "Sports", "Culture", "Weather", "Jobs", "Contact", "Privacy policy", "Log in", "Search"]
#: Sections of a site, as no rule can know them.
SECTIONS = ["Weir Watch", "Arlen Nights", "Boats", "Mill Talk", "Garden Gate", "Young Quills", "Horses", "Ferry Times",
            "Old Town", "Chess Corner"]  # fmt: skip
lines = st.one_of(
    st.sampled_from([*PROSE, *MENU, "Leave a Reply", "Name", "Share this", "Read more", "Dam holds"]),
    st.text(max_size=40),
)
documents = st.lists(st.lists(lines, max_size=25), max_size=4)


def taken(document: list[str], gone: tuple[int, ...] = ()) -> pa.Table:
    mask = np.zeros(len(document), bool)
    mask[list(gone)] = True
    return verdicts(paragraphs([document]), mask, ON)


@pytest.mark.parametrize("case", GENRES, ids=[case["label"] for case in GENRES])
def test_genres_are_left_alone(case: dict[str, Any]) -> None:
    assert taken(case["input"])["row"].to_pylist() == case["expected"], case["reason"]


def test_a_menu_around_an_article_goes_and_says_why() -> None:
    menu = [line for pair in zip(MENU, SECTIONS, strict=True) for line in pair]
    document = [*menu, "Dam at Arlen holds through the night", *PROSE, *menu]
    by_rules = judge(paragraphs([document]), RULES)["row"].to_pylist()
    assert not {document[row] for row in by_rules} & set(SECTIONS), "rules know none of the sections"
    found = taken(document, tuple(by_rules))
    rows = set(found["row"].to_pylist())
    assert not rows & {20, 21, 22, 23}, "the headline stays for `titles`, the prose stays"
    assert {1, 41, 43} <= rows, "at least the outer ends of both menus"
    for evidence in found["evidence"].to_pylist():
        words, _, sure = evidence.rpartition(": ")
        assert len(words) > 20 and 0.9 < float(sure) <= 1
    assert set(found["rule"].to_pylist()) == {"model"}


def test_without_prose_or_switched_off_nothing_goes() -> None:
    assert taken(MENU).num_rows == 0
    document = paragraphs([[*MENU, *PROSE, *MENU]])
    off = ON.model_copy(update={"model": False})
    assert verdicts(document, np.zeros(document.num_rows, bool), off).num_rows == 0


def test_what_is_gone_is_never_named() -> None:
    document = [*PROSE, *MENU]
    assert not set(taken(document, (4, 6))["row"].to_pylist()) & {4, 6}
    assert taken([], ()).num_rows == 0


def test_the_weights_are_those_of_the_features() -> None:
    model = read(WEIGHTS)
    assert model.names == tuple(NAMES)
    assert WEIGHTS.stat().st_size < 10**6
    inner = model.column != LEAF
    assert model.column.max() < len(NAMES)
    nodes = np.arange(model.column.shape[1])
    assert (2 * nodes + 2 < len(nodes))[np.flatnonzero(inner.any(axis=0))].all(), "a node that splits has children"


def test_scores_of_a_hand_made_model(tmp_path: Path) -> None:
    column = np.full((2, 7), LEAF, np.int64)
    column[0, [0, 2]], column[1, 0] = [0, 1], 1
    cut, value = np.zeros((2, 7), np.float32), np.zeros((2, 7))
    cut[0, 0], cut[0, 2], cut[1, 0] = 1.5, 0.5, 2.0
    value[0] = [0.25, -1, 1, 0, 0, 0.5, 2]
    value[1, :3] = [0, -0.5, 3]
    model = LineModel(("a", "b"), column, cut, value, -0.5, 1.0)
    values = np.array([[1.5, 9], [2.0, 0.5], [2.0, 0.75]], np.float32)
    assert model.log_odds(values).tolist() == [1.5, -0.5, 1.0]
    assert model.contributions(values).tolist() == [[-1.25, 3.0], [0.75, -1.0], [0.75, 0.5]]
    model.save(tmp_path / "model.json", {"pages": []})
    again = read(tmp_path / "model.json")
    assert again.log_odds(values).tolist() == [1.5, -0.5, 1.0]
    assert again.contributions(values).tolist() == model.contributions(values).tolist()
    assert (again.names, again.bias, again.threshold) == (("a", "b"), -0.5, 1.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_model_that_asks_less_says_nothing_lower(seed: int) -> None:
    rng, model = np.random.default_rng(seed), read(WEIGHTS)
    values = rng.lognormal(size=(20, len(NAMES))).astype(np.float32)
    unasked = values.copy()
    unasked[:, [list(NAMES).index(name) for name in DEAR]] = 0
    assert (model.without(DEAR).log_odds(unasked) >= model.log_odds(values) - 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(documents)
def test_no_line_that_goes_is_left_out_before_its_words_are_looked_up(texts: list[list[str]]) -> None:
    table, model = paragraphs(texts), read(WEIGHTS)
    gone = np.zeros(table.num_rows, bool)
    every = judged(table, gone)
    expected = every.rows[model.log_odds(every.values) >= model.threshold].tolist()
    assert verdicts(table, gone, ON)["row"].to_pylist() == expected


@settings(max_examples=60, deadline=None)
@given(documents)
def test_sweeping_twice_is_sweeping_once(texts: list[list[str]]) -> None:
    table = paragraphs(texts)
    found = sweep(table, RULES, ON)
    rows = found["row"].to_pylist()
    assert rows == sorted(set(rows))
    keep = np.ones(table.num_rows, bool)
    keep[rows] = False
    assert sweep(table.filter(pa.array(keep)), RULES, ON).num_rows == 0


@settings(max_examples=40, deadline=None)
@given(documents)
def test_each_document_is_judged_for_itself(texts: list[list[str]]) -> None:
    table = paragraphs(texts)
    docs, positions = table["doc"].to_pylist(), table["position"].to_pylist()
    together = [
        (docs[v["row"]], positions[v["row"]], v["rule"], v["evidence"]) for v in sweep(table, RULES, ON).to_pylist()
    ]
    alone = [
        (n, v["row"], v["rule"], v["evidence"])
        for n, text in enumerate(texts)
        for v in sweep(paragraphs([text]), RULES, ON).to_pylist()
    ]
    assert together == alone


def test_a_document_that_would_lose_too_much_is_left_to_the_rules() -> None:
    document = [*MENU, *PROSE[:2], "Leave a Reply", *(f"Comment number {n} is here to stay" for n in range(4))]
    tight = ON.model_copy(update={"max_document_share": 0.05})
    rules = set(sweep(paragraphs([document]), RULES, tight)["rule"].to_pylist())
    assert "model" not in rules and "after-comment-form" not in rules and rules
    assert "after-comment-form" in sweep(paragraphs([document]), RULES, ON)["rule"].to_pylist()
