from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.dedup import corpus, truth
from benchmarks.dedup.__main__ import optimum
from benchmarks.dedup.score import by_kind, least_named, score
from benchmarks.dedup.truth import Pairs
from tests import naive
from tests.strategies import corpora


def slow_pairs(texts: list[str], n: int, least: float) -> dict[tuple[int, int], float]:
    """All pairs, one by one."""
    sets = [naive.shingles(text, n) for text in texts]
    found = {(i, j): naive.jaccard(sets[i], sets[j]) for j in range(len(sets)) for i in range(j)}
    return {pair: similar for pair, similar in found.items() if similar >= least and similar > 0}


@settings(max_examples=60, deadline=None)
@given(corpora, st.integers(1, 3), st.sampled_from([0.1, 0.3, 0.5, 2 / 3, 0.8, 1.0]))
def test_the_join_finds_what_comparing_all_pairs_finds(texts: list[str], n: int, least: float) -> None:
    found = truth.of_texts(texts, n, least)
    ours = dict(zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.jaccard, strict=True))
    assert len(ours) == len(found.left)
    assert ours == slow_pairs(texts, n, least)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "c.jsonl"
    corpus.write(path, 3_000_000, 7, None, 0.25, 0.03)
    return path


def read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_join_of_a_written_corpus_equals_its_twin(written: Path) -> None:
    rows = read(written)[:150]
    found = truth.of_texts([row["text"] for row in rows], 5, 0.5)
    ours = dict(zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.jaccard, strict=True))
    assert len(ours) > 15
    assert ours == slow_pairs([row["text"] for row in rows], 5, 0.5)


def test_the_join_of_a_file_is_that_of_its_texts_and_is_kept(written: Path) -> None:
    ids, found = truth.of_corpus(written, 5, 0.5)
    assert ids == [row["id"] for row in read(written)]
    assert all((a == b).all() for a, b in zip(found, truth.of_corpus(written, 5, 0.5)[1], strict=True))
    direct = truth.of_texts([row["text"] for row in read(written)], 5, 0.5)
    assert all((a == b).all() for a, b in zip(found, direct, strict=True))


def test_the_same_seed_gives_the_same_corpus(written: Path, tmp_path: Path) -> None:
    corpus.write(tmp_path / "again.jsonl", 3_000_000, 7, None, 0.25, 0.03)
    corpus.write(tmp_path / "other.jsonl", 3_000_000, 8, None, 0.25, 0.03)
    assert (tmp_path / "again.jsonl").read_bytes() == written.read_bytes() != (tmp_path / "other.jsonl").read_bytes()


def test_copies_are_as_like_their_originals_as_their_kind_says(written: Path) -> None:
    texts = {row["id"]: row["text"] for row in read(written)}
    seen = {}
    for row in read(Path(f"{written}.planted")):
        copy, original = (naive.shingles(texts[row[name]], 5) for name in ("id", "of"))
        seen.setdefault(row["kind"], []).append(naive.jaccard(copy, original))
    assert {"exact", "edit2", "edit5", "edit10", "edit20", "tail", "truncated", "mojibake"} <= set(seen)
    assert set(seen["exact"]) == {1.0}
    # A share e of words replaced leaves (1 - e)^5 of the 5-grams: 0.82 of the union for 2 %.
    assert np.mean(seen["edit2"]) == pytest.approx(0.82, abs=0.04)
    assert np.mean(seen["edit20"]) == pytest.approx(0.2, abs=0.05)
    assert all(0.65 < similar < 0.98 for kind in ("tail", "truncated") for similar in seen[kind])


def test_a_pool_that_is_used_up_goes_on_with_new_words(tmp_path: Path) -> None:
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(json.dumps({"text": f"{word} " * 30}) + "\n" for word in ("alpha", "beta")), "utf-8")
    corpus.write(tmp_path / "c.jsonl", 3000, 1, pool, 0.0, 0.0)
    planted = {row["id"] for row in read(Path(f"{tmp_path / 'c.jsonl'}.planted"))}
    originals = [row["text"] for row in read(tmp_path / "c.jsonl") if row["id"] not in planted]
    assert len(originals) > 4 and len(set(originals)) == len(originals)


# 0 and 1 are equal, 2 is like both, 3 and 4 are nearly alike, 5 is like nothing; 6, 7, 8 are a chain.
PAIRS = Pairs(
    np.array([0, 0, 1, 3, 6, 7, 6]),
    np.array([1, 2, 2, 4, 7, 8, 8]),
    np.array([1.0, 0.85, 0.85, 0.75, 0.9, 0.9, 0.7]),
)
CASES = {
    "right": ("100111101", {"kept": 6, "near_recall": 1, "recall": 1, "precision": 1, "near_precision": 1, "lost": 0}),
    "the middle of the chain": ("100111010", {"near_recall": 1, "recall": 1, "precision": 1, "lost": 0}),
    "nothing removed": ("111111111", {"kept": 9, "near_recall": 0, "recall": 0, "lost": 0}),
    "only equal ones": ("101111111", {"near_recall": 0, "recall": 1 / 4, "precision": 1}),
    "all copies gone": ("000111101", {"near_recall": 1, "recall": 1, "precision": 1 / 4, "lost": 1}),
    "the whole chain for its end": ("100111100", {"precision": 3 / 4, "near_precision": 1, "lost": 0}),
    "one that is not like enough": ("100101101", {"recall": 1, "precision": 3 / 4, "near_precision": 1, "lost": 0}),
    "one that is like nothing": ("100110101", {"recall": 1, "precision": 3 / 4, "near_precision": 3 / 4, "lost": 0}),
}


def flags(kept: str) -> np.ndarray:
    return np.array([flag == "1" for flag in kept])


@pytest.mark.parametrize("case", CASES)
def test_scores(case: str) -> None:
    kept, expected = CASES[case]
    found = score(flags(kept), PAIRS, 0.8)._asdict()
    assert {name: found[name] for name in expected} == pytest.approx(expected)


PLANTED = {"the copy is gone": ("101", 1.0), "the original is gone": ("011", 1.0), "both are there": ("111", 0.0)}


@pytest.mark.parametrize("case", PLANTED)
def test_planted_copies_count_as_found_when_one_of_the_two_is_gone(case: str, tmp_path: Path) -> None:
    kept, expected = PLANTED[case]
    alike = Pairs(np.array([0, 0]), np.array([1, 2]), np.array([0.9, 0.7]))
    rows = [{"id": "b", "kind": "tail", "of": "a"}, {"id": "c", "kind": "edit20", "of": "a"}]
    (tmp_path / "p").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert by_kind(flags(kept), alike, list("abc"), tmp_path / "p", 0.8) == {"tail": (1, expected)}


def test_the_least_similarity_of_a_removal_to_the_copy_it_names() -> None:
    ids = list("abcdefghi")
    assert least_named([("b", "a"), ("a", "c"), ("e", "d")], PAIRS, ids) == 0.75
    assert least_named([("b", "a"), ("f", "a")], PAIRS, ids) == 0.0


def test_the_cut_of_the_peers_is_that_of_datasketch() -> None:
    assert optimum(0.8, 128) == (9, 13)
    assert optimum(0.7, 128) == (14, 9)
