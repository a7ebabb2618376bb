"""Places at gs://, on an emulator of Google's JSON API; s3:// is in test_stored and read/test_storage."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyarrow import fs

from pipeline import corpus
from pipeline.cli.main import main
from pipeline.dataset import Dataset
from pipeline.errors import OutputError, RunError
from pipeline.ingest.run import ingest
from pipeline.read.inputs import digest, find
from pipeline.target import data_of
from pipeline.upload import upload
from tests.corpora import cleaned, rows, settings, tables, write_jsonl
from tests.gcs import Bucket, emulating, refusing

QUICK = ("run.workers=1", "boilerplate.enabled=false", "encoding.enabled=false", "typography.enabled=false")


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    with emulating(tmp_path_factory.mktemp("bucket")) as server:
        yield server


def sea(number: int) -> str:
    return " ".join(f"tide{number}x{word}" for word in range(12)) + "."


def texts(path: Path, last: int) -> Path:
    """Write documents, every third of which is a copy of the one before."""
    return write_jsonl(path, [{"id": f"d{i}", "text": sea(i - (i % 3 == 2))} for i in range(last)])


def into(uri: str, source: Path, work: Path, *assignments: str, **options: Any) -> dict[str, Any]:
    given = settings(*QUICK, f"run.work={work}", *assignments)
    return corpus.clean_corpus([str(source)], uri, given, **options).manifest


def objects(bucket: Bucket, place: str) -> set[str]:
    there = bucket.system.get_file_info(fs.FileSelector(place, recursive=True, allow_not_found=True))
    return {one.path.removeprefix(f"{place}/") for one in there}


def said(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(arguments))
    return done.exit_code, done.output


def test_the_rows_are_those_of_files_on_a_disk(bucket: Bucket, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep" / "er").mkdir(parents=True)
    texts(folder / "plain.jsonl", 20)
    (folder / "deep" / "a b#1%20.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": sea(30)}).encode()))
    (folder / "deep" / "er" / "one.txt").write_text(sea(40))
    for path in folder.rglob("*.*"):
        bucket.put(f"mill/in/{path.relative_to(folder).as_posix()}", path.read_bytes())
    for pattern in ("", "/*.jsonl", "/**/*.gz", "/d*", "/deep/*/*", "/**", "/deep/er/one.txt"):
        there = [item.source.removeprefix("gs://mill/in") for item in find([bucket.uri(f"mill/in{pattern}")])[0]]
        assert there == [item.source.removeprefix(str(folder)) for item in find([f"{folder}{pattern}"])[0]] != []
    cleaned([folder], tmp_path / "plain", *QUICK)
    cleaned([bucket.uri("mill/in")], tmp_path / "out", *QUICK, "run.workers=2", "run.shard_bytes=300")
    ours, theirs = (sorted(row["text"] for row in rows(tmp_path / out, "documents")) for out in ("out", "plain"))
    assert ours == theirs and len(ours) > 10
    assert {row["source"] for row in rows(tmp_path / "out", "documents")} >= {"gs://mill/in/deep/a b#1%20.jsonl.gz"}


def test_versions_and_back(bucket: Bucket, tmp_path: Path) -> None:
    """Also what pyarrow does not list there: folders that are no objects, without which nothing old would go."""
    uri, states, source = bucket.uri("mill/versions"), [], tmp_path / "in.jsonl"
    bucket.put("mill/versions/versions/000001-deadbeef/documents/1.parquet", b"of a dead run")
    for last in (3, 6, 9):
        into(uri, texts(source, last), tmp_path / "work", overwrite=True)
        cleaned([source], tmp_path / f"plain{last}", *QUICK)
        states.append(bucket.tables("mill/versions"))
        assert states[-1] == tables(tmp_path / f"plain{last}")
    assert {path.split("/")[1][:6] for path in objects(bucket, "mill/versions") if "/" in path} == {"000002", "000003"}
    status, lines = said("versions", uri)
    assert status == 0 and [line.split()[0] for line in lines.splitlines()[1:]] == ["2", "3"]
    assert said("rollback", uri) == (0, f"gs://***@mill/versions?{bucket.options} is at version 2\n")
    assert bucket.tables("mill/versions") == states[1] != states[2]
    into(uri, texts(source, 12), tmp_path / "work", "write.keep_versions=1", overwrite=True)
    assert (data_of(uri).versions(), data_of(uri).number()) == ([4], 4)
    assert not list((tmp_path / "work").iterdir())


def test_a_place_that_is_taken(bucket: Bucket, tmp_path: Path) -> None:
    """A folder that is no object is there, too."""
    source = texts(tmp_path / "in.jsonl", 3)
    bucket.put("mill/theirs/deep/letter.txt", b"x")
    with pytest.raises(OutputError, match="gs://mill/theirs holds what Corpusmill did not write"):
        into(bucket.uri("mill/theirs"), source, tmp_path / "work", overwrite=True)
    with pytest.raises(OutputError, match=r"gs://mill/theirs/deep/letter.txt is an object: give --out another prefix"):
        into(bucket.uri("mill/theirs/deep/letter.txt"), source, tmp_path / "work")
    assert objects(bucket, "mill/theirs") == {"deep/letter.txt"}


def test_a_dataset_in_a_folder_is_brought_to_a_store(bucket: Bucket, tmp_path: Path) -> None:
    out, uri = tmp_path / "out", bucket.uri("mill/up")
    ingest([str(texts(tmp_path / "in.jsonl", 6))], out, settings(*QUICK))
    for _ in range(2):  # the second time nothing is to be done
        assert upload(out, uri, work=str(tmp_path / "work"))["version"] == 1
    assert bucket.tables("mill/up") == tables(out) and Dataset(out).versions() == [1]


def test_a_digest_is_that_of_the_content(bucket: Bucket) -> None:
    for name in ("one", "two"):
        bucket.put(f"mill/change/{name}.txt", name.encode())
    one, two = find([bucket.uri("mill/change")])[0]
    before = digest(one)
    assert before != digest(two)
    bucket.put("mill/change/one.txt", b"two")
    assert digest(one) == digest(two) != before
    with bucket.system.open_input_file("mill/change/one.txt") as file:
        assert file.metadata()["md5Hash"], "by which it is told: Google's ETag, unlike the emulator's, is of the upload"


@pytest.mark.parametrize(("status", "locked"), [(403, False), (401, True), (503, True)], ids=str)
def test_a_store_that_refuses_says_so_before_the_work(status: int, locked: bool, tmp_path: Path) -> None:
    source, began = texts(tmp_path / "in.jsonl", 3), time.monotonic()
    what = "gs://mill/x cannot be read" if locked else r"gs://mill/x/\.writer\.json cannot be written"
    with refusing(status, locked) as options:
        uri = f"gs://anonymous@mill/x?{options}&retry_limit_seconds=1"
        with pytest.raises(RunError, match=rf"{what} \([^()]* mill-reader gets {status} for that\): check credentials"):
            into(uri, source, tmp_path / "work")
    assert time.monotonic() - began < 15
    assert not list((tmp_path / "work").iterdir())


def test_a_bucket_that_is_not_there(bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"gs://none/x/\.writer\.json cannot be written \(.*404.*\): check .* bucket"):
        into(bucket.uri("none/x"), texts(tmp_path / "in.jsonl", 3), tmp_path / "work")
    [error] = find([bucket.uri("none/*.txt")])[1]["error"].to_pylist()
    assert error.startswith("gs://none/*.txt holds no file that can be read")


def test_a_key_file_that_is_not_there(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    status, sentence = said("versions", f"gs://mill/x?{bucket.options}")
    assert status == 1 and len(sentence) < 700
    assert f"Cannot open credentials file {tmp_path}/key.json): check credentials" in " ".join(sentence.split())


@pytest.mark.parametrize("scheme", ["s3", "gs"])
@pytest.mark.parametrize("command", [["report"], ["ledger"], ["diff", "out"], ["restore", "--rule", "x"]], ids=str)
def test_commands_that_look_into_folders_show_no_secret(command: list[str], scheme: str) -> None:
    name, *rest = command
    status, sentence = said(name, f"{scheme}://KEY:SECRET@mill/out", *rest)
    assert status == 1 and "SECRET" not in sentence
    assert f"OUT cannot be {scheme}://***@mill/out: only `corpusmill clean` writes" in " ".join(sentence.split())


def test_a_name_that_google_does_not_take_is_not_shown() -> None:
    with pytest.raises(RunError, match=r"^gs://\*\*\*@mill/x cannot be read \(GCS URIs do not accept username except"):
        find(["gs://KEY:SECRET@mill/x"])
