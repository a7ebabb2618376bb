"""Scores of duplicate search: the sweep decides as the pipeline does, and every error is there to read."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.banding import Banding, choose
from pipeline.dedup.sketch import words
from pipeline.errors import RunError, SettingsError
from pipeline.evaluate import dedup_candidates
from pipeline.evaluate.dedup import evaluate_dedup
from pipeline.evaluate.dedup_candidates import candidates, equal_pairs, shingled
from pipeline.evaluate.dedup_scores import agreement
from pipeline.kernels.minhash import permutations
from pipeline.settings import Settings
from tests.evaluate import naive_dedup

CASES = Path(__file__).parent.parent / "cases"
CLUSTERS, PAIRS = CASES / "labelled_clusters.jsonl", CASES / "labelled_pairs.jsonl"


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def with_documents(threshold: float, ngram: int) -> Settings:
    return Settings.model_validate({"dedup": {"documents": {"threshold": threshold, "ngram": ngram}}})


def edited(seed: int, clusters: int, versions: int) -> list[dict[str, Any]]:
    """Return rows of texts of invented words, each version with some words replaced, the last one twice."""
    draw = random.Random(seed)
    rows = []
    for cluster in range(clusters):
        base = [f"w{draw.randrange(40)}" for _ in range(draw.randrange(4, 60))]
        for version in range(versions):
            text = [f"x{draw.randrange(9)}" if draw.random() < version / 40 else word for word in base]
            rows.append({"id": f"{cluster}-{version}", "cluster": cluster, "text": " ".join(text)})
        rows.append({**rows[-1], "id": f"{cluster}-again"})
    return rows


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("threshold", "ngram"), [(0.4, 2), (0.6, 3), (0.8, 5), (0.5, 1)])
def test_the_sweep_decides_as_the_pipeline_does(tmp_path: Path, seed: int, threshold: float, ngram: int) -> None:
    path = written(tmp_path, edited(seed, 25, 5))
    thresholds = tuple(sorted({0.4, 0.6, threshold}))
    result = evaluate_dedup([path], with_documents(threshold, ngram), thresholds=thresholds, ngrams=(ngram,))
    [same] = [score for score in result.sweep if score.threshold == threshold]
    assert same == result.score
    assert result.score.removed > 25


def test_the_sweep_decides_as_the_pipeline_does_on_real_language() -> None:
    for threshold, ngram in ((0.7, 3), (0.5, 2), (0.3, 1)):
        settings = with_documents(threshold, ngram)
        result = evaluate_dedup([CLUSTERS], settings, by="lang", thresholds=(0.3, 0.5, 0.7), ngrams=(ngram,))
        assert [score for score in result.sweep if score.threshold == threshold] == [result.score]


@pytest.mark.parametrize("ngram", [1, 2, 3])
@pytest.mark.parametrize("containment", [False, True])
def test_similarity_equals_the_slow_twin(ngram: int, containment: bool) -> None:
    texts = [row["text"] for row in edited(7, 6, 3)] + ["", "w1", "w1", "w2 w3"]
    of = shingled(words(pa.array(texts, pa.large_string())), ngram, permutations(16, 1))
    left, right = np.triu_indices(len(texts), 1)
    found = of.similarity(left, right, containment)
    expected = [
        naive_dedup.similarity(texts[a], texts[b], ngram, containment) for a, b in zip(left, right, strict=True)
    ]
    assert found.tolist() == expected


@given(st.lists(st.integers(0, 3), max_size=12))
@settings(deadline=None)
def test_equal_pairs_are_all_of_them_once(values: list[int]) -> None:
    left, right = equal_pairs(np.array(values, np.int64))
    found = [tuple(sorted(pair)) for pair in zip(left.tolist(), right.tolist(), strict=True)]
    pairs = [(i, j) for j in range(len(values)) for i in range(j) if values[i] == values[j]]
    assert sorted(found) == sorted(pairs)


def test_candidates_are_the_pairs_that_share_a_band() -> None:
    texts = pa.array([row["text"] for row in edited(3, 8, 4)], pa.large_string())
    of = shingled(words(texts), 2, permutations(32, 1))
    bandings = [choose(0.5, 32, 0.9), Banding(4, 8)]
    left, right = candidates(of, np.arange(len(texts)), bandings)
    expected = set()
    for banding in bandings:
        band = of.bands(banding)
        long = [i for i in range(len(texts)) if of.n_words[i] >= 2]
        expected |= {(i, j) for i in long for j in long if i < j and (band[i] == band[j]).any()}
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected


def test_too_many_candidates_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedup_candidates, "MOST_PAIRS", 10)
    with pytest.raises(RunError, match="sweep higher thresholds or larger shingles"):
        evaluate_dedup([CLUSTERS], Settings(), thresholds=(0.3,), ngrams=(1,))


def test_clusters_are_scored_and_their_errors_listed() -> None:
    result = evaluate_dedup([CLUSTERS], with_documents(0.3, 3), skip=["rewritten"], by="lang", thresholds=(), ngrams=())
    assert (result.kind, result.texts, result.clusters, result.skipped) == ("clusters", 76, 26, {"rewritten": 2})
    assert result.sweep == [] and result.best is None
    assert {"en", "de", "fr", "ru", "zh", "ja", "ar"} <= set(result.score.groups)
    assert result.score.removed_wrongly == len(result.wrong) > 0
    assert all({"statement-a", "statement-b"} == {one.left[:11], one.right[:11]} for one in result.wrong)
    similarities = [one.similarity for one in result.wrong]
    assert similarities == sorted(similarities, reverse=True)
    assert min(similarities) >= 0.3


def test_missed_pairs_come_least_similar_first() -> None:
    result = evaluate_dedup([CLUSTERS], Settings(), thresholds=(), ngrams=())
    similarities = [one.similarity for one in result.missed]
    assert similarities == sorted(similarities)
    assert len(similarities) == result.score.all.missed
    assert "rewritten" in result.missed[0].left + result.missed[0].right


def test_pairs_are_scored_and_their_errors_listed() -> None:
    result = evaluate_dedup([PAIRS], Settings(), "paragraphs", by="lang", thresholds=(0.3, 0.7), ngrams=(1, 3))
    assert (result.kind, result.clusters, result.skipped) == ("pairs", 65, {"label is null": 1})
    assert result.score.all.wrong == 0 and sum(result.score.all) == 65
    [same] = [one for one in result.sweep if (one.ngram, one.threshold, one.measure) == (3, 0.7, "jaccard")]
    assert same == result.score
    assert {one.measure for one in result.sweep} == {"jaccard", "containment"}
    assert result.missed[0].left == "ru-25"


def test_short_paragraphs_are_never_found(tmp_path: Path) -> None:
    rows = [
        {"a": "He nodded.", "b": "He nodded.", "label": 1},
        {"a": "a b c d e f g h", "b": "A b c d e f g h", "label": 1},
    ]
    path = written(tmp_path, rows)
    assert evaluate_dedup([path], Settings(), "paragraphs", thresholds=(), ngrams=()).score.all.right == 1
    assert evaluate_dedup([path], Settings(), "documents", thresholds=(), ngrams=()).score.all.right == 2


def test_texts_without_words_are_nobodys_copies(tmp_path: Path) -> None:
    path = written(tmp_path, [{"text": "…", "cluster": 1}, {"text": "…", "cluster": 1}, {"text": "a", "cluster": 2}])
    result = evaluate_dedup([path], Settings(), thresholds=(0.8,), ngrams=(5,))
    assert result.score.removed == result.sweep[0].removed == 0


def test_a_threshold_no_banding_reaches_is_a_setting_error() -> None:
    settings = Settings.model_validate({"dedup": {"num_perm": 16}})
    with pytest.raises(SettingsError, match=r"raise dedup\.num_perm"):
        evaluate_dedup([CLUSTERS], settings, thresholds=(0.1,), ngrams=(5,))


def test_the_best_is_the_strictest_of_equals() -> None:
    result = evaluate_dedup([CLUSTERS], Settings(), skip=["rewritten"], thresholds=(0.5, 0.6), ngrams=(1, 2))
    assert {round(score.all.f1, 4) for score in result.sweep} == {1.0}
    assert result.best is not None and (result.best.threshold, result.best.ngram) == (0.6, 2)


def test_ids_are_looked_up_in_the_texts_given(tmp_path: Path) -> None:
    ids = [{"a": "harbour-crane-0", "b": "harbour-crane-1", "label": 1}, {"a": "ponte-0", "b": "sad-0", "label": 0}]
    path = written(tmp_path, ids)
    result = evaluate_dedup([path], with_documents(0.4, 3), texts=CLUSTERS, thresholds=(), ngrams=())
    assert result.score.all == (1, 0, 0, 1)


def test_groups_add_up_where_no_pair_spans_two() -> None:
    result = evaluate_dedup([CLUSTERS], with_documents(0.6, 2), by="cluster", thresholds=(), ngrams=())
    assert sum(counts.right for counts in result.score.groups.values()) == result.score.all.right
    assert sum(counts.missed for counts in result.score.groups.values()) == result.score.all.missed
    assert agreement(np.zeros(3, np.int64), np.zeros(3, np.int64)).f1 == 1.0
