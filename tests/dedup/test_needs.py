from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from pipeline.dedup import clusters, duplicates, memory
from pipeline.dedup.banding import choose
from pipeline.dedup.needs import disk_needed
from pipeline.dedup.sketch import sketch, words
from pipeline.kernels.minhash import permutations


def test_what_is_spilled_and_sketched_is_no_more_than_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One component of 400 texts, no memory at all: every table lies on disk."""
    items = [" ".join(f"w{(i // 9 + k) % 97}x" for k in range(40)) + f" own{i}" for i in range(400)]
    column = pa.array(items, pa.large_string())
    table = sketch(words(column), 5, choose(0.8, 128, 0.99), permutations(128, 1))
    spilled: list[int] = []

    def mapped(size: int, folder: object, real: object = memory._mapped) -> object:
        spilled.append(size)
        return real(size, folder)  # type: ignore[operator]

    monkeypatch.setattr(memory, "_mapped", mapped)
    monkeypatch.setattr(clusters, "LEAST", 0)
    monkeypatch.setattr(duplicates, "LEAST", 0)
    fetch = lambda rows: column.take(pa.array(rows))  # noqa: E731
    duplicates.find(table, np.arange(400), fetch, 5, 0.8, 1000, 1)
    assert spilled and sum(spilled) + table.nbytes <= disk_needed(400, 400, sum(map(len, items))).most


def test_more_of_anything_needs_no_less_disk() -> None:
    assert disk_needed(0, 0, 0) == (0, 0)
    fewer, more, most = disk_needed(10, 100, 10_000), disk_needed(20, 100, 10_000), disk_needed(20, 200, 20_000)
    assert fewer.sure < more.sure < most.sure
    assert fewer.most < more.most < most.most
    assert fewer.sure < fewer.most
