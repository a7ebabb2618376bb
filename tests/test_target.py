"""`--work`: where tables between steps lie, who may use them, and what is left of them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pipeline import corpus
from pipeline.distinct.run import distinct
from pipeline.errors import OutputError, SettingsError
from pipeline.ingest.run import ingest
from pipeline.target import target
from tests import killed, killed_calls
from tests.corpora import cleaned, settings, tables, write_jsonl
from tests.killed_calls import SMALL


def texts(folder: Path) -> Path:
    rows = [{"id": f"d{i}", "text": " ".join(f"tide{i // 2}x{j}" for j in range(12))} for i in range(12)]
    return write_jsonl(folder / "in.jsonl", rows)


def test_each_out_has_a_folder_of_its_own_in_a_work_folder_that_many_share(tmp_path: Path) -> None:
    there = "?endpoint_override=127.0.0.1:1&scheme=http&region=us-east-1"
    outs = [str(tmp_path / "a" / "out"), str(tmp_path / "b" / "out"), str(tmp_path / "a" / "out2")]
    outs += [f"s3://K:S@{place}/out{there}" for place in ("one", "two", "one/deep")]
    outs += [f"s3://K:S@one/out{there.replace(':1&', ':2&')}"]
    folders = [target(out, str(tmp_path / "work")).work for out in outs]
    assert len(set(folders)) == len(outs) and {folder.parent for folder in folders} == {tmp_path / "work"}
    assert folders == [target(out, str(tmp_path / "work")).work for out in outs]


def test_a_run_that_was_broken_off_goes_on_from_its_work_folder(tmp_path: Path) -> None:
    source, out, work = texts(tmp_path), tmp_path / "out", tmp_path / "scratch"
    set_to = (*SMALL, f"run.work={work}")
    cleaned([source], tmp_path / "plain", *SMALL)
    for name, run in (("out", corpus.clean_corpus), ("grown", ingest)):
        with pytest.raises(KeyboardInterrupt):
            run([str(source)], tmp_path / name, settings(*set_to), progress=interrupt)
        [left] = [path.name for path in work.iterdir()]
        assert re.fullmatch(rf"{name}-[0-9a-f]{{8}}\.work", left), "the lock is gone"
        assert not (tmp_path / name).exists() and not list(tmp_path.glob(f".{name}*"))
        done: list[tuple[str, int]] = []
        run([str(source)], tmp_path / name, settings(*set_to), progress=lambda *now, to=done: to.append(now[:2]))
        assert done[:2] == [("prepare", 0), ("recur", 0)] and ("prepare", 1) not in done
        assert tables(tmp_path / name) == tables(tmp_path / "plain")
    cleaned([source], out, *set_to, overwrite=True)
    assert not list(work.iterdir())


def interrupt(step: str, done: int, total: int) -> None:
    if step == "sketch" and done and done == total:
        raise KeyboardInterrupt


def test_two_runs_of_one_work_folder(tmp_path: Path) -> None:
    """Another OUT is not in the way; the same path on another machine's disk, which is locked there only, is."""
    source, work = texts(tmp_path), tmp_path / "scratch"
    same = target(tmp_path / "out", str(work)).work.with_suffix(".lock")

    def another(step: str, done: int, total: int) -> None:
        if step == "match" and not done:
            cleaned([source], tmp_path / "other", *SMALL, f"run.work={work}")
            arguments = (str(tmp_path / "out"), source, work, tmp_path)
            (tmp_path / "out").rename(tmp_path / "elsewhere")
            assert killed.run(tmp_path, killed_calls.refused, *arguments) == 0
            (tmp_path / "elsewhere").rename(tmp_path / "out")

    cleaned([source], tmp_path / "out", *SMALL, f"run.work={work}", progress=another)
    said = (tmp_path / "said").read_text()
    assert said.startswith(f"{same.with_suffix('.work')} is being written by process {os.getpid()} on ")
    assert tables(tmp_path / "out") == tables(tmp_path / "other")
    assert not list(work.iterdir())


@pytest.mark.parametrize(
    ("work", "error", "said"),
    [
        ("out", OutputError, "--work .*/out lies within OUT, .*/out: give a folder outside of it"),
        ("out/deep/er", OutputError, "--work .*/out/deep/er lies within OUT"),
        ("in.jsonl", OutputError, r"cannot write .*/in\.jsonl/out-\w+\.work \(.*\): give --work another folder"),
        ("s3://KEY:SECRET@mill/work", OutputError, r"--work cannot be s3://\*\*\*@mill/work: tables between steps are"),
        ("file://head/work", SettingsError, "names the machine head"),
    ],
    ids=["out", "within", "file", "store", "machine"],
)
def test_work_folders_that_cannot_be(work: str, error: type[Exception], said: str, tmp_path: Path) -> None:
    source = texts(tmp_path)
    place = work if "://" in work else tmp_path / work
    for run in (corpus.clean_corpus, ingest, distinct):
        if work == "in.jsonl" and run is distinct:
            said = "cannot be written"
        with pytest.raises(error, match=said):
            run([str(source)], tmp_path / "out", settings(*SMALL, f"run.work={place}"))
    assert os.listdir(tmp_path) == ["in.jsonl"]  # noqa: PTH208


def test_file_uris_are_folders(tmp_path: Path) -> None:
    source = texts(tmp_path)
    for name, run in (("a b", corpus.clean_corpus), ("grown", ingest), ("ids", distinct)):
        out = f"file://{tmp_path}/{name}".replace(" ", "%20")
        run([str(source)], out, settings(*SMALL, f"run.work=file://{tmp_path}/w"))
        assert (tmp_path / name / "manifest.json").is_file()
    assert not list((tmp_path / "w").iterdir())
