"""Texts that share a key or a band by construction stay apart: hashes propose, the words decide."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup import clusters, exact
from pipeline.dedup.sketches import Sketches
from pipeline.dedup.texts import Fetch
from pipeline.kernels.tokens import mix64
from tests.corpora import cleaned, rows, write_jsonl

WORDS = ("ferry", "harbour", "tide", "rain", "pier", "council", "boat", "rope")


def test_equal_keys_never_merge_unequal_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seam: all keys are one, as if the hash were broken. Each text is then a copy by its key."""
    monkeypatch.setattr(exact, "_firsts", lambda sketches, place, items, memory: np.zeros(items, np.int64))
    texts = [" ".join(WORDS[(i // 8**k) % 8] for k in range(4)) for i in range(200)]
    texts[0] = "council harbour council harbour council harbour council"  # the longest is kept, and first by its key
    given = [{"id": f"{i}", "text": text} for i, text in enumerate([*texts, texts[0], texts[0].upper()])]
    source = write_jsonl(tmp_path / "in.jsonl", given)
    cleaned([source], tmp_path / "out", "alarms.accept=true", "run.workers=1", "boilerplate.enabled=false")
    kept = {row["doc_id"] for row in rows(tmp_path / "out", "documents")}
    assert len(kept) == 200 and len(kept & {"0", "200", "201"}) == 1


@given(st.data(), st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=30), st.sampled_from([400, 10**6]))
def test_both_halves_of_a_key_count_and_the_first_in_keep_order_is_found(
    data: st.DataObject, keys: list[tuple[int, int]], memory: int
) -> None:
    rows = data.draw(st.permutations(range(len(keys))))
    keep_order = np.array(rows[: data.draw(st.integers(0, len(rows)))], np.int64)
    place = np.full(len(keys), -1)
    place[keep_order] = np.arange(len(keep_order))
    table = pa.table({f"key_{k}": pa.array([key[k] for key in keys], pa.uint64()) for k in (0, 1)})
    wanted = [min(place[other] for other in keep_order if keys[other] == keys[row]) for row in keep_order]
    assert exact._firsts(Sketches.of(table), place, len(keep_order), memory).tolist() == wanted


def test_hashes_that_all_lie_in_one_range_are_all_found() -> None:
    """A range holds what it was made for, an eighth of the items: here it gets them all."""
    drawn = (np.uint64(number) for number in range(1, 10**6))
    hashes = list(islice((one for one in drawn if int(mix64(one)) >> 61 == 0), 8000))
    column = pa.array([*hashes, *hashes], pa.uint64())
    place, wanted = np.arange(16_000), [*range(8000), *range(8000)]
    found = exact._firsts(
        Sketches.of(pa.table({"key_0": column, "key_1": column})),
        place,
        len(place),
        len(place) * exact.BYTES_A_KEY // 8,
    )
    assert found.tolist() == wanted
    parts = Sketches.of(pa.table({"band_0": column}))
    assert clusters.linked(parts, place, len(place), len(place) * clusters.BYTES_A_HASH // 8).tolist() == wanted


def texts_of(texts: list[str]) -> Fetch:
    """Return what fetches them by their numbers."""
    array = pa.array(texts, pa.large_string())
    return lambda wanted: array.take(pa.array(wanted))


def test_a_long_original_does_not_cost_its_length_for_each_copy() -> None:
    took = []
    for copies in (50, 800):
        fetch = texts_of(["x " + ". " * 500_000, *["x"] * copies])
        left, right = np.arange(1, copies + 1), np.zeros(copies, np.int64)
        began = time.process_time()
        same = exact._same(left, right, np.ones(copies + 1, np.int64), fetch, 1 << 30)
        took.append(time.process_time() - began)
        assert same.all()
    assert took[1] < 4 * took[0] + 0.05


def test_a_chain_that_breaks_is_compared_with_the_original() -> None:
    fetch = texts_of(["a b", "A, b", "a c", "a  b", "a b.", "z", "z", "y"])
    left, right = np.array([1, 2, 3, 4, 6, 7]), np.array([0, 0, 0, 0, 5, 5])
    same = exact._same(left, right, np.full(8, 2), fetch, 1 << 20)
    assert same.tolist() == [True, False, True, True, True, False]
    assert exact._same(left[:0], right[:0], np.full(8, 2), fetch, 1 << 20).tolist() == []
