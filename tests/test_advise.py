"""The adviser: its figures follow from the formula, and what cannot be is said in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.advise import UNRELATED, advise, as_json, changed, told
from pipeline.dedup.banding import Banding, choose, recall
from pipeline.dedup.duplicates import BYTES_AN_ITEM
from pipeline.errors import SettingsError

HOUSE = Path(__file__).parent.parent


@given(st.floats(0.3, 1.0), st.sampled_from([64, 128, 256]), st.integers(1, 7))
@settings(deadline=None, max_examples=50)
def test_the_bands_are_those_of_the_run(threshold: float, num_perm: int, ngram: int) -> None:
    advice = advise(threshold, num_perm, 0.99, ngram)
    assert advice.banding == choose(threshold, num_perm, 0.99)
    assert advice.at_threshold >= 0.99
    assert all(step.found == recall(step.similarity, advice.banding) for step in advice.steps)
    assert threshold in [step.similarity for step in advice.steps]
    assert advice.curve == sorted(advice.curve)


@pytest.mark.parametrize(("ngram", "similarity"), [(1, 0.5), (3, 0.6), (5, 0.8), (5, 0.9), (2, 1.0)])
def test_so_many_changed_words_give_that_similarity(ngram: int, similarity: float) -> None:
    words = [str(k) for k in range(20_000)]
    step = changed(similarity, ngram)
    other = list(words)
    for k in range(round(step * len(words))):
        other[round(k / step)] = f"new {k}"
    sets = [{tuple(text[i : i + ngram]) for i in range(len(text) - ngram + 1)} for text in (words, other)]
    assert len(sets[0] & sets[1]) / len(sets[0] | sets[1]) == pytest.approx(similarity, abs=0.01)


def test_other_bands_are_judged_and_warned_of() -> None:
    advice = advise(0.8, banding=Banding(9, 13))
    assert "at similarity 0.8 you will find 40 of 100, though 99 of 100 are wanted" in advice.warnings
    assert "at similarity 0.85 you will find 69 of 100" in advice.warnings
    assert advise(0.8).warnings == [
        "copies below 0.8 stay, by design: that is more than about 1 word in 45 replaced, scattered over the text"
    ]


def test_what_is_told_has_every_figure() -> None:
    said = told(advise(0.8, documents=1_000_000, megabytes=3000, memory="2GB"))
    for part in ("21 of 6 rows", "99.8 of 100", "63 of 100", "1,000,000 documents, 3,000 MB", "2.0 GB allowed"):
        assert part in said
    assert max(map(len, said.splitlines())) <= 130
    assert "corpus" not in told(advise(0.8))


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.8, 1.0])
def test_plain_is_ascii_and_draws_the_same(threshold: float) -> None:
    advice = advise(threshold, num_perm=1024, wanted=0.9, documents=10**7)
    assert told(advice, plain=True).isascii()
    rows = [[line for line in told(advice, plain).splitlines() if "|" in line] for plain in (False, True)]
    assert len(rows[0]) == len(rows[1]) == 8
    for blocks, marks in zip(*rows, strict=True):
        assert abs(blocks.count("█") - marks.count("#")) <= 6


def test_what_is_not_all_is_never_100() -> None:
    advice = advise(0.8)
    shown = {line.split()[0]: line for line in told(advice).splitlines() if line.strip()[:2] in ("0.", "1.")}
    assert "99.9 of 100" in shown["0.95"] and "100 of 100" in shown["1.00"]


def test_memory_and_disk_grow_with_the_corpus() -> None:
    one, ten = (advise(0.8, documents=n, megabytes=n / 300).need for n in (10**6, 10**7))
    assert one and ten
    assert ten.disk == pytest.approx(10 * one.disk, rel=0.01)
    assert ten.memory_least == pytest.approx(10 * one.memory_least, rel=1e-6)
    assert ten.candidates_unrelated == pytest.approx(100 * one.candidates_unrelated, rel=0.01)
    assert one.memory_least >= BYTES_AN_ITEM * one.documents


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"documents": 10**8, "memory": "1GB"}, "1.0 GB of memory will not do"),
        ({"documents": 10**6, "megabytes": 3000.0, "memory": "1GB"}, "the rest goes to disk"),
        ({"documents": 10**6, "ngram": 1, "threshold": 0.5}, "compared with"),
        ({"ngram": 1}, "know no word order"),
        ({"threshold": 0.05, "num_perm": 128}, "with 1 row a band"),
        ({"threshold": 1.0}, "only copies with the same shingles"),
    ],
)
def test_warnings(given: dict[str, Any], said: str) -> None:
    assert any(said in warning for warning in advise(**{"threshold": 0.8, "memory": "64GB", **given}).warnings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"threshold": 0.0}, "threshold 0 is no similarity"),
        ({"threshold": 1.2}, "threshold 1.2 is no similarity"),
        ({"wanted": 1.0}, "recall 1 cannot be wanted"),
        ({"num_perm": 8}, "8 permutations cannot be taken"),
        ({"ngram": 0}, "shingles of 0 words"),
        ({"documents": -1}, "no less than no documents"),
        ({"documents": 10**9, "megabytes": 1.0}, "less than a byte each"),
        ({"memory": "much"}, "dedup.memory = 'much' is no size"),
        ({"threshold": 0.02, "num_perm": 16}, "no cut of 16 permutations"),
        ({"banding": Banding(32, 8)}, "take 256 permutations, but there are 128"),
        ({"banding": Banding(0, 8)}, "each at least 1"),
    ],
)
def test_what_cannot_be_is_one_sentence(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        advise(**{"threshold": 0.8, **given})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_shares_of_unrelated_pairs_are_shares() -> None:
    for shares in UNRELATED.values():
        assert [similarity for similarity, _ in shares] == sorted(similarity for similarity, _ in shares)
        assert 0 < sum(share for _, share in shares) <= 1.01


def test_json_holds_the_same() -> None:
    given = json.loads(json.dumps(as_json(advise(0.8, documents=1000))))
    assert (given["bands"], given["rows"]) == (21, 6)
    assert given["steps"][3]["similarity"] == 0.6
    assert given["need"]["documents"] == 1000


def test_advice_comes_at_once_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, pipeline.advise as a; print(a.told(a.advise(0.8, documents=10**6)));"
        "assert not {'numba', 'pyarrow', 'pydantic'} & set(sys.modules)"
    )
    took = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-c", code], cwd=HOUSE, check=True, capture_output=True)
        after = os.times()
        took.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(took) < 0.5


def test_the_documentation_shows_what_is_told() -> None:
    shown = (HOUSE / "docs/duplicates.md").read_text("utf-8")
    said = told(advise(0.8, documents=1_000_000, megabytes=3000, memory="2GB"))
    assert f"```text\n{said}\n```" in shown
