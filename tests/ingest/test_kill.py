"""kill -9 of an ingest at any moment, and two at once: the same batch again ends as if nothing was."""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from pathlib import Path

from pipeline.dataset import Dataset
from pipeline.ingest.run import ingest
from tests import killed, killed_calls
from tests.corpora import settings, tables, write_jsonl

KILLS = 20 if os.environ.get("CORPUSMILL_SLOW") else 6


def ferry(number: int) -> dict[str, str]:
    text = f"Ferry {number} waited for the tide in Vell harbour, on a {number}th day of rain, wind and a sea like lead."
    return {"id": f"f{number:02}", "text": text}


def batches(folder: Path) -> tuple[Path, Path]:
    """Write two batches; of the second some repeat the first, some each other, and one comes in another text."""
    first = [ferry(i - (i % 3 == 2)) | {"id": f"a{i:02}"} for i in range(8)]
    second = [ferry(3 + i - (i % 3 == 2)) | {"id": f"b{i:02}"} for i in range(10)]
    return write_jsonl(folder / "a.jsonl", first), write_jsonl(folder / "b.jsonl", second)


def test_killed_at_random_moments_the_same_batch_again_ends_the_same(tmp_path: Path) -> None:
    first, second = batches(tmp_path)
    assert killed.run(tmp_path, killed_calls.batch, first, tmp_path / "old") == 0
    shutil.copytree(tmp_path / "old", tmp_path / "whole", symlinks=True)
    began = time.perf_counter()
    assert killed.run(tmp_path, killed_calls.batch, second, tmp_path / "whole") == 0
    took, changes = time.perf_counter() - began, killed.changes(tmp_path)
    before, wanted = tables(tmp_path / "old"), tables(tmp_path / "whole")
    third = write_jsonl(tmp_path / "c.jsonl", [ferry(i) | {"id": f"c{i:02}"} for i in range(4, 20, 3)])
    draw, kills = random.Random(11), 0
    while kills < KILLS:
        out = tmp_path / f"out{kills}"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(tmp_path / "old", out, symlinks=True)
        late = {"at": draw.randint(changes - 60, changes)}
        moment = ({"at": draw.randint(1, changes)}, late, {"seconds": draw.uniform(0, took)})[kills % 3]
        kills += killed.run(tmp_path, killed_calls.batch, second, out, **moment) != 0
        assert tables(out) in (before, wanted)
        assert killed.run(tmp_path, killed_calls.batch, second, out) == 0
        assert tables(out) == wanted and Dataset(out).number() == 2
        assert not list(tmp_path.glob(".out*")) and not list((out / "versions").glob(".*"))
    # The index is whole as well: what comes next is told from it.
    for name in ("whole", f"out{KILLS - 1}"):
        ingest([str(third)], tmp_path / name, settings(*killed_calls.SMALL))
    assert tables(tmp_path / f"out{KILLS - 1}") == tables(tmp_path / "whole")


def test_a_second_writer_is_told_of_the_first(tmp_path: Path) -> None:
    first, second = batches(tmp_path)

    def another(step: str, done: int, total: int) -> None:
        if step == "match" and not done:
            assert killed.run(tmp_path, killed_calls.refused_batch, second, tmp_path / "out", tmp_path / "said") == 0

    ingest([str(first)], tmp_path / "out", settings(*killed_calls.SMALL), progress=another)
    said = (tmp_path / "said").read_text()
    assert re.match(
        rf"{tmp_path}/out is being written by process {os.getpid()} on \S+ since .*: wait for it or stop", said
    )
    assert Dataset(tmp_path / "out").versions() == [1]
