"""Versions on disk: what readers see, what is kept, who may write."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from pipeline.cli.main import main
from pipeline.dataset import MANIFEST, Dataset, locked, number_of, part
from pipeline.errors import OutputError, ReconcileError
from pipeline.steps import publish
from tests.corpora import cleaned, rows, settings, write_jsonl

QUICK = ("boilerplate.enabled=false",)


def made(place: Path, texts: list[str], *assignments: str) -> int:
    """Clean the texts into `place/out`; return the number of the version."""
    file = write_jsonl(place / "in.jsonl", [{"id": f"d{i}", "text": text} for i, text in enumerate(texts)])
    manifest = cleaned([file], place / "out", *QUICK, *assignments, overwrite=True)
    return int(manifest["version"])


def texts(folder: Path) -> list[str]:
    return [row["text"] for row in rows(folder, "documents")]


@pytest.fixture
def data(tmp_path: Path) -> Dataset:
    """A dataset of two versions."""
    made(tmp_path, ["The ferry was late on Monday."])
    made(tmp_path, ["The ferry was late on Tuesday."])
    return Dataset(tmp_path / "out")


def test_a_version_is_published_by_a_link_and_older_ones_stay_as_told(data: Dataset, tmp_path: Path) -> None:
    assert (data.root / "current").readlink() == Path("versions/000002")
    assert (data.root / "documents").readlink() == Path("current/documents")
    assert data.versions() == [1, 2] and data.number() == 2
    assert texts(data.folder(1)) == ["The ferry was late on Monday."]
    assert made(tmp_path, ["The ferry was late on Friday."], "write.keep_versions=3") == 3
    assert data.versions() == [1, 2, 3]
    assert made(tmp_path, ["The ferry was late on Sunday."], "write.keep_versions=1") == 4
    assert data.versions() == [4] and texts(data.root) == ["The ferry was late on Sunday."]


def test_the_manifest_lists_files_of_names_that_no_other_version_has(data: Dataset) -> None:
    one, two = data.manifest(1), data.manifest()
    assert (one["version"], two["version"]) == (1, 2) and two["published"].endswith("+00:00")
    names = [[Path(file["path"]).name for file in manifest["files"]] for manifest in (one, two)]
    assert set(names[0]) & set(names[1]) == {"report.html"}
    for file in two["files"]:
        path = data.root / file["path"]
        rows = ds.dataset(path).count_rows() if path.suffix == ".parquet" else None
        assert (path.stat().st_size, rows) == (file["bytes"], file["rows"])
    on_disk = {path.relative_to(data.root).as_posix() for path in data.folder(2).rglob("*.*")}
    assert {file["path"] for file in two["files"]} == on_disk - {f"versions/000002/{MANIFEST}"}


def test_a_table_without_rows_has_one_file_and_files_without_rows_are_none(tmp_path: Path) -> None:
    """A glob that matches nothing is an error in DuckDB."""
    texts = [f"The ferry was late on Monday, says letter {i} of {'x' * 200}." for i in range(3)]
    made(tmp_path, texts, "run.shard_bytes=200", "dedup.documents.action=off")
    found = {name: list((tmp_path / "out" / name).glob("*.parquet")) for name in publish.TABLES}
    counted = {name: sorted(ds.dataset(file).count_rows() for file in files) for name, files in found.items()}
    assert counted["documents"] == [1, 1, 1]
    assert counted["quarantine"] == [0]
    assert all(len(rows) == 1 or min(rows) > 0 for rows in counted.values()), counted


def test_rollback_goes_back_and_forth_until_the_next_version(data: Dataset, tmp_path: Path) -> None:
    with locked(data.root):
        assert data.rollback() == 1
    assert texts(data.root) == ["The ferry was late on Monday."] and data.versions() == [1, 2]
    with locked(data.root):
        assert data.rollback(2) == 2 and data.rollback() == 1
        with pytest.raises(OutputError, match="no version before the current one"):
            data.rollback()
        with pytest.raises(OutputError, match=r"no version 7; there are: 1, 2"):
            data.rollback(7)
    assert made(tmp_path, ["The ferry was late on Friday."]) == 3
    assert data.versions() == [1, 3], "2 was taken back"


def test_a_table_that_a_version_lacks_has_no_link(data: Dataset) -> None:
    with locked(data.root):
        staged = data.stage()
        for path in data.folder(2).rglob("*.parquet"):
            place = staged / path.parent.name / part(number_of(staged), 0)
            place.parent.mkdir()
            os.link(path, place)
        (staged / "notes.html").write_text("<p>")
        (staged / MANIFEST).write_text((data.folder(2) / MANIFEST).read_text())
        assert data.publish(staged, keep=2) == 3
        assert (data.root / "notes.html").read_text() == "<p>"
        assert data.rollback() == 2
    assert not os.path.lexists(data.root / "notes.html")


def test_rows_that_are_not_those_of_the_counts_are_not_published(data: Dataset) -> None:
    with pytest.raises(ReconcileError, match="documents/ has 0 rows and the counts say 1"), locked(data.root):
        staged = data.stage()
        (staged / MANIFEST).write_text((data.folder(2) / MANIFEST).read_text())
        data.publish(staged, keep=2)
    assert data.number() == 2 and sorted(p.name for p in (data.root / "versions").iterdir()) == ["000001", "000002"]


def test_all_of_a_version_is_on_the_disk_before_the_link_names_it(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that loses its power cannot be had here: what was brought to the disk is told by its inodes."""
    synced: set[int] = set()
    named: list[Path] = []
    fsync, replace = os.fsync, Path.replace

    def noted(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def swung(beside: Path, place: Path) -> Path:
        if place == data.root / "current":
            there = [data.root / "versions", data.folder(3), *data.folder(3).rglob("*")]
            named.extend(path for path in there if path.stat().st_ino in synced)
            assert named == there
        return replace(beside, place)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "replace", swung)
    made(tmp_path, ["The ferry was late on Friday."])
    assert data.folder(3) / MANIFEST in named and len(named) > 8
    assert data.root.stat().st_ino in synced, "the link itself"


def test_what_is_not_ours_is_left_alone_and_named(data: Dataset, tmp_path: Path) -> None:
    (data.root / "signatures").write_text("mine")
    staged = data.stage()
    (staged / MANIFEST).write_text((data.folder(2) / MANIFEST).read_text())
    for path in data.folder(2).rglob("*.parquet"):
        (staged / path.parent.name).mkdir()
        os.link(path, staged / path.parent.name / path.name)
    (staged / "signatures").mkdir()
    with pytest.raises(OutputError, match=r"signatures is in the way"):
        data.publish(staged, keep=2)
    assert data.number() == 2 and (data.root / "signatures").read_text() == "mine"
    (tmp_path / "folder" / "versions").mkdir(parents=True)
    (tmp_path / "folder" / "versions" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="cannot be read"), locked(tmp_path / "folder"):
        raise OutputError("an input cannot be read")
    assert (tmp_path / "folder" / "versions" / "thesis.txt").exists()


@pytest.mark.parametrize("foreign", ["file", "folder", "link"])
def test_a_current_that_is_not_ours_is_one_sentence(tmp_path: Path, foreign: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    match foreign:
        case "file":
            (out / "current").write_text("mine")
        case "folder":
            (out / "current").mkdir()
        case _:
            (out / "current").symlink_to("/etc")
    with pytest.raises(OutputError, match="current is not a link that Corpusmill made"):
        made(tmp_path, ["The ferry was late."])
    assert [path.name for path in out.iterdir()] == ["current"]


def test_a_current_that_leads_nowhere_is_one_sentence(data: Dataset) -> None:
    data.folder(2).rename(data.root / "elsewhere")
    with pytest.raises(OutputError, match="names version 2, which is gone"):
        data.manifest()
    with locked(data.root):
        assert data.rollback() == 1
    assert texts(data.root) == ["The ferry was late on Monday."]


HOLDER = "import sys, time; from pathlib import Path; from pipeline.dataset import locked\nwith locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"


@pytest.fixture
def holder(data: Dataset) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes the dataset."""
    command = [sys.executable, "-c", HOLDER, str(data.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_one_writer_a_dataset_and_a_dead_one_does_not_block(
    data: Dataset, tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    said = rf"is being written by process {holder.pid} on {socket.gethostname()} since \d{{4}}-\d\d-\d\d \d\d:\d\d .*: wait"
    with pytest.raises(OutputError, match=said):
        made(tmp_path, ["The ferry was late on Friday."])
    assert data.number() == 2 and not (tmp_path / ".out.work").exists()
    holder.kill()
    holder.wait()
    assert made(tmp_path, ["The ferry was late on Friday."]) == 3


def test_a_run_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="an input cannot be read"), locked(tmp_path / "a" / "out"):
        Dataset(tmp_path / "a" / "out").stage()
        raise OutputError("an input cannot be read")
    assert list((tmp_path / "a").iterdir()) == []


def test_a_file_system_without_links_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    with pytest.raises(OutputError, match="has no symbolic links"):
        made(tmp_path, ["The ferry was late."])
    assert not (tmp_path / "out").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", place], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk of 2 MB can be mounted here: {done.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_publishes_nothing_and_the_same_command_goes_on(small_disk: Path, tmp_path: Path) -> None:
    many = [{"id": f"d{i}", "text": " ".join(f"tide{i}x{j}" for j in range(40))} for i in range(600)]
    few, lots = write_jsonl(tmp_path / "few.jsonl", many[:5]), write_jsonl(tmp_path / "lots.jsonl", many)
    out, cut = small_disk / "out", (*QUICK, "run.shard_bytes=60000")
    cleaned([few], out, *cut)
    (small_disk / "ballast").write_bytes(b"0" * 900_000)
    with pytest.raises((OSError, OutputError), match=r"No space left|needs .* GB of disk"):
        cleaned([lots], out, *cut, overwrite=True)
    assert len(rows(out, "documents")) == 5 and Dataset(out).versions() == [1]
    (small_disk / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)
    cleaned([lots], out, *cut, overwrite=True)
    cleaned([lots], tmp_path / "plain", *cut)
    assert rows(out, "documents") == rows(tmp_path / "plain", "documents")


def test_every_reader_goes_through_the_links(data: Dataset) -> None:
    glob, wanted = f"{data.root}/documents/*.parquet", ["The ferry was late on Tuesday."]
    assert ds.dataset(data.root / "documents").to_table()["text"].to_pylist() == wanted
    duckdb = pytest.importorskip("duckdb")
    assert duckdb.sql(f"SELECT text FROM '{glob}'").fetchall() == [(wanted[0],)]
    assert duckdb.sql(f"SELECT text FROM '{data.root}/documents/**/*.parquet'").fetchall() == [(wanted[0],)]
    polars = pytest.importorskip("polars")
    assert polars.scan_parquet(glob).collect()["text"].to_list() == wanted
    assert polars.read_parquet(data.root / "documents")["text"].to_list() == wanted
    pandas = pytest.importorskip("pandas")
    assert pandas.read_parquet(data.root / "documents")["text"].tolist() == wanted


def test_the_commands(data: Dataset) -> None:
    from click.testing import CliRunner

    def said(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, list(arguments))
        return done.exit_code, done.output

    out = str(data.root)
    status, table = said("versions", out)
    assert status == 0 and [line.split()[0] for line in table.splitlines()] == ["version", "1", "2"]
    assert table.splitlines()[2].endswith("current")
    assert said("rollback", out) == (0, f"{out} is at version 1\n")
    assert said("rollback", out)[0] == 1
    assert said("rollback", out, "--to", "2") == (0, f"{out} is at version 2\n")
    status, sentence = said("versions", str(data.root.parent / "none"))
    assert status == 1 and "holds no dataset" in sentence
    assert not (data.root.parent / "none").exists()


def test_how_many_versions_stay_changes_no_result(tmp_path: Path) -> None:
    made(tmp_path, ["The ferry was late."], "run.keep_work=true")
    run = Dataset(tmp_path / "out").manifest()["run"]
    made(tmp_path, ["The ferry was late."], "write.keep_versions=5")
    manifest = Dataset(tmp_path / "out").manifest()
    assert (manifest["run"], manifest["version"]) == (run, 1), "the run was published: it is not done again"
    assert json.loads(settings("write.keep_versions=5").model_dump_json())["write"]["keep_versions"] == 5
