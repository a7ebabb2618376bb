"""kill -9 at any moment: readers see the old dataset or the new one, and the same command again ends as if nothing was."""

from __future__ import annotations

import json
import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from pipeline.dataset import Dataset, locked
from tests import killed, killed_calls
from tests.corpora import TABLES, rows, tables, write_jsonl

KILLS = 20
Texts = frozenset[tuple[str, str]]


def corpus_of(path: Path, salt: str) -> Path:
    """Write 16 documents, of which every third has a near-duplicate."""
    texts = [
        f"Ferry {i - (i % 3 == 2)} waited {salt} for the tide in Vell harbour, on a {i - (i % 3 == 2)}th day of rain and wind."
        for i in range(16)
    ]
    return write_jsonl(path, [{"id": f"{salt}{i:02}", "text": text} for i, text in enumerate(texts)])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    corpus_of(tmp_path / "old.jsonl", "long")
    corpus_of(tmp_path / "new.jsonl", "not")
    return tmp_path


def clean(place: Path, name: str, out: str = "out", shard_bytes: int = 400, **moment: Any) -> int:
    """Clean `name`.jsonl into `out`, in a process that dies at `moment`, if at all."""
    cut = f"run.shard_bytes={shard_bytes}"
    return killed.run(
        place, killed_calls.clean, place / f"{name}.jsonl", place / out, place / f"{out}.log", cut, **moment
    )


def content(folder: Path) -> Texts:
    return texts_of(ds.dataset(folder))


def texts_of(found: ds.Dataset) -> Texts:
    return frozenset((row["doc_id"], row["text"]) for row in found.to_table(columns=["doc_id", "text"]).to_pylist())


def linked(folder: Path) -> Texts:
    """Read by the link. Published between listing and opening, files are missing, all or some: no name is used again."""
    found = ds.dataset(folder)
    if not found.files:
        raise FileNotFoundError(folder)
    return texts_of(found)


@contextmanager
def reading(out: Path, whole: set[Texts]) -> Iterator[dict[str, int]]:
    """Read the dataset all the time, by its version's folder and by its link; fail if ever it is not one of `whole`."""
    seen: dict[str, int] = {"reads": 0, "missing": 0}
    wrong: list[object] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set() and not wrong:
            try:
                version = (out / "current").resolve(strict=True)
                found = content(version / "documents")
                told = json.loads((version / "manifest.json").read_text())["counts"]["documents"]["kept"]
                if found not in whole or len(found) != told:
                    wrong.append(found)
                seen["reads"] += 1
                try:
                    if linked(out / "documents") not in whole:
                        wrong.append("a mixture of versions")
                except FileNotFoundError:
                    seen["missing"] += 1
            except Exception as error:  # noqa: BLE001  shown by the assertion below
                wrong.append(error)
            stop.wait(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
    assert wrong == []


def test_killed_at_twenty_moments_the_same_command_again_ends_the_same(place: Path) -> None:
    assert clean(place, "old") == 0
    (place / "out.log").unlink()
    began = time.perf_counter()
    assert clean(place, "new", "undisturbed") == 0
    took, steps = time.perf_counter() - began, killed.changes(place)
    wanted, shards = tables(place / "undisturbed"), (place / "undisturbed.log").read_text()
    assert len(shards.splitlines()) >= 9, "three steps on three shards or more"
    old, new = content(place / "out" / "documents"), content(place / "undisturbed" / "documents")
    draw, kills, stories = random.Random(6), 0, 0
    with reading(place / "out", {old, new}) as seen:
        while kills < KILLS:
            stories += 1
            out = "out" if stories % 3 else f"fresh{stories}"
            for _ in range(2):
                by_change, late = draw.randint(1, steps), draw.randint(steps - 90, steps)
                moments = ({"at": by_change}, {"at": late}, {"seconds": draw.uniform(0, took)})
                kills += clean(place, "new", out, **moments[kills % 3]) != 0
                published = Dataset(place / out).current()
                found = content(published / "documents") if published else None
                assert found in {old, new, None}
                if found == new and not (place / f".{out}.work").exists():  # it came to its end
                    break
            else:
                assert clean(place, "new", out) == 0
            assert tables(place / out) == wanted
            done = (place / f"{out}.log").read_text().splitlines()  # lacks one that was killed while it was noted
            assert len(done) == len(set(done)) and set(done) <= set(shards.splitlines())
            left = [path.name for path in (place / out / "versions").iterdir()] + [
                path.name for path in place.glob(".*")
            ]
            assert [name for name in left if name.startswith(".")] == []
            if out == "out":  # back to the old rows, and another story
                (place / "out.log").unlink()
                with locked(place / "out"):
                    Dataset(place / "out").rollback()
                assert content(place / "out" / "documents") == old
    assert seen["reads"] > KILLS
    assert stories < 3 * KILLS


def old_layout(source: Path, out: Path) -> None:
    """Make the dataset `source` one without versions, as the first Corpusmill wrote it."""
    shutil.copytree(source / "current", out)
    for name in TABLES:
        for number, path in enumerate(sorted((out / name).iterdir())):
            path.rename(path.with_name(f"{number:05d}.parquet"))
    manifest = json.loads((out / "manifest.json").read_text())
    for key in ("version", "published", "files"):
        del manifest[key]
    (out / "manifest.json").write_text(json.dumps(manifest))


def test_an_old_dataset_taken_over_is_there_at_any_moment(place: Path) -> None:
    assert clean(place, "old", "source", 10_000) == 0
    wanted = tables(place / "source")
    old_layout(place / "source", place / "whole")
    assert killed.run(place, killed_calls.adopt, place / "whole") == 0
    for at in range(1, killed.changes(place) + 1):
        out = place / f"out{at}"
        old_layout(place / "source", out)
        assert killed.run(place, killed_calls.adopt, out, at=at) == -9
        published = Dataset(out).current()
        assert tables(published or out) == wanted
        assert killed.run(place, killed_calls.adopt, out) == 0
        assert tables(out) == wanted and Dataset(out).number() == 1
        assert all((out / name).is_symlink() for name in (*TABLES, "manifest.json"))
        assert not [path for path in (out / "versions").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("call", [killed_calls.join_files, killed_calls.roll_back])
def test_compact_and_rollback_killed_at_each_step(place: Path, call: Any) -> None:
    for name in ("old", "new"):
        assert clean(place, name, "source", 900) == 0
    whole = {content(place / "source" / "versions" / name / "documents") for name in ("000001", "000002")}
    shutil.copytree(place / "source", place / "whole", symlinks=True)
    assert killed.run(place, call, place / "whole") == 0
    wanted = [rows(place / "whole", name) for name in TABLES]
    for at in range(1, killed.changes(place) + 1):
        out = place / f"out{at}"
        shutil.copytree(place / "source", out, symlinks=True)
        assert killed.run(place, call, out, at=at) == -9
        assert content(out / "documents") in whole
        assert killed.run(place, call, out) == 0
        assert [rows(out, name) for name in TABLES] == wanted
        assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in (place / "whole").iterdir())
