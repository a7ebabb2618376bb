"""Datasets in an object store, on a real SeaweedFS: what readers see, who may write, and what becomes of broken runs."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from pyarrow import fs

from flows.funnel import funnel
from pipeline import corpus, stored
from pipeline.cli.main import main
from pipeline.dataset import Dataset
from pipeline.errors import OutputError, RunError
from pipeline.ingest.run import ingest
from pipeline.stored import Stored
from pipeline.target import data_of
from pipeline.upload import upload
from tests import killed, killed_calls
from tests.corpora import cleaned, settings, tables, write_jsonl
from tests.seaweed import KEY, READER, SECRET, Store

HOUSE = Path(__file__).parent.parent
#: Rules take 0.2 s to load, and nothing that is asked here is about them.
QUICK = ("run.workers=1", "boilerplate.enabled=false", "encoding.enabled=false", "typography.enabled=false")
Tables = dict[str, list[dict[str, Any]]]


def sea(number: int) -> str:
    return " ".join(f"tide{number}x{word}" for word in range(12)) + "."


def texts(folder: Path, name: str, first: int, last: int) -> Path:
    """Write documents, every third of which is a copy of the one before."""
    return write_jsonl(folder / name, [{"id": f"d{i}", "text": sea(i - (i % 3 == 2))} for i in range(first, last)])


def into(store: Store, place: str, source: Path, work: Path, *assignments: str, **options: Any) -> dict[str, Any]:
    set_to = settings("run.workers=1", *QUICK, f"run.work={work}", *assignments)
    return corpus.clean_corpus([str(source)], store.uri(place), set_to, **options).manifest


def objects(store: Store, place: str) -> dict[str, int]:
    there = store.system.get_file_info(fs.FileSelector(place, recursive=True, allow_not_found=True))
    return {one.path.removeprefix(f"{place}/"): one.size for one in there if one.type == fs.FileType.File}


def test_the_rows_are_those_of_a_folder(store: Store, tmp_path: Path) -> None:
    source = texts(tmp_path, "in.jsonl", 0, 12)
    cleaned([source], tmp_path / "plain", *QUICK)
    manifest = into(store, "mill/plain", source, tmp_path / "work", "run.shard_bytes=400")
    assert store.tables("mill/plain") == tables(tmp_path / "plain")
    listed = {file["path"]: file["bytes"] for file in manifest["files"]}
    there = objects(store, "mill/plain")
    [folder] = {"/".join(path.split("/")[:2]) for path in listed}
    assert re.fullmatch(r"versions/000001-[0-9a-f]{8}", folder)
    assert listed.items() <= there.items()
    assert there.keys() - listed.keys() == {f"{folder}/manifest.json", "manifest.json", ".writer.json"}
    assert not list((tmp_path / "work").iterdir())


def test_the_figures_of_a_run_are_those_of_a_folder(store: Store, tmp_path: Path) -> None:
    source, cut = texts(tmp_path, "in.jsonl", 0, 12), "write.partition_by=language"
    cleaned([source], tmp_path / "cut", *QUICK, cut)
    manifest = into(store, "mill/folders", source, tmp_path / "work", cut)
    there, here = data_of(store.uri("mill/folders")), Dataset(tmp_path / "cut")
    found, local = funnel(there, manifest), funnel(here, here.manifest())
    assert (found.funnel, found.largest) == (local.funnel, local.largest) and found.funnel.kept.chars > 0
    assert [rule.rows for rule in found.rules] == [rule.rows for rule in local.rules] == [4]


def test_readers_as_the_docs_say(store: Store, tmp_path: Path) -> None:
    into(store, "mill/read", texts(tmp_path, "in.jsonl", 0, 12), tmp_path)
    docs = (HOUSE / "docs" / "stores.md").read_text("utf-8")
    [code], [sql] = (re.findall(rf"```{language}\n(.*?)```", docs, re.DOTALL) for language in ("python", "duckdb"))
    scope: dict[str, Any] = {}
    exec(code.replace("sys.argv[1]", repr(store.uri("mill/read"))), scope)
    assert scope["documents"].count_rows() == 8
    duckdb, fsspec = pytest.importorskip("duckdb"), pytest.importorskip("fsspec.implementations.arrow")
    with duckdb.connect() as base:
        base.register_filesystem(fsspec.ArrowFSWrapper(store.system))
        assert base.execute(sql.replace("s3://corpus/2026", "s3://mill/read")).fetchall() == [(8,)]


def test_versions_and_back(store: Store, tmp_path: Path) -> None:
    uri, states = store.uri("mill/versions"), []
    for last in (3, 6, 9):
        into(store, "mill/versions", texts(tmp_path, "in.jsonl", 0, last), tmp_path, overwrite=True)
        states.append(store.tables("mill/versions"))
    data = data_of(uri)
    assert (data.versions(), data.number()) == ([2, 3], 3)
    assert {path.split("/")[1][:6] for path in objects(store, "mill/versions") if "/" in path} == {"000002", "000003"}

    def said(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, list(arguments))
        return done.exit_code, done.output

    status, lines = said("versions", uri)
    assert status == 0 and [line.split()[0] for line in lines.splitlines()[1:]] == ["2", "3"]
    assert lines.endswith("  current\n")
    assert said("rollback", uri) == (0, f"s3://***@mill/versions?{store.options} is at version 2\n")
    assert store.tables("mill/versions") == states[1] != states[2]
    assert "s3://mill/versions has no version before the current one (2)" in said("rollback", uri)[1]
    assert "has no version 1; there are: 2, 3" in said("rollback", uri, "--to", "1")[1]
    into(store, "mill/versions", texts(tmp_path, "in.jsonl", 0, 12), tmp_path, "write.keep_versions=1", overwrite=True)
    assert (data.versions(), data.number()) == ([4], 4)
    status, sentence = said("compact", uri)
    assert status == 1 and "OUT cannot be s3://***@mill/versions" in sentence
    status, sentence = said("versions", store.uri("mill/none"))
    assert status == 1 and "s3://mill/none holds no dataset: name the place" in sentence


def test_a_place_that_is_taken(store: Store, tmp_path: Path) -> None:
    source = texts(tmp_path, "in.jsonl", 0, 3)
    into(store, "mill/taken", source, tmp_path)
    with pytest.raises(OutputError, match="s3://mill/taken holds another run's data: give --out another place, or"):
        into(store, "mill/taken", source, tmp_path)
    store.put("mill/theirs/letter.txt", b"x")
    with pytest.raises(OutputError, match="s3://mill/theirs holds what Corpusmill did not write"):
        into(store, "mill/theirs", source, tmp_path, overwrite=True)
    with pytest.raises(OutputError, match=r"s3://mill/theirs/letter.txt is an object: give --out another prefix"):
        into(store, "mill/theirs/letter.txt", source, tmp_path)
    for text in (b"{}", b"no"):
        store.put("mill/other/manifest.json", text)
        with pytest.raises(OutputError, match=r"mill/other/manifest\.json is not of a dataset that Corpusmill made"):
            into(store, "mill/other", source, tmp_path, overwrite=True)
    assert objects(store, "mill/theirs") == {"letter.txt": 1} and objects(store, "mill/other").keys() == {
        "manifest.json"
    }


def test_a_store_that_refuses_says_so_before_the_work(store: Store, tmp_path: Path) -> None:
    source, uri = texts(tmp_path, "in.jsonl", 0, 3), store.uri("mill/refused", key=READER)
    with pytest.raises(RunError, match=r"s3://mill/refused/.writer.json cannot be written \(.*check credentials"):
        corpus.clean_corpus([str(source)], uri, settings("run.workers=1", *QUICK, f"run.work={tmp_path / 'work'}"))
    assert objects(store, "mill/refused") == {} and not list((tmp_path / "work").iterdir())


def test_no_secret_is_left_anywhere(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, uri = texts(tmp_path, "in.jsonl", 0, 3), store.uri("mill/secret")

    def said(uri: str) -> tuple[int, str]:
        command = ["clean", str(source), "--out", uri, "--work", str(tmp_path / "work"), "--workers", "1"]
        monkeypatch.setattr(sys, "argv", ["corpusmill", *command])
        done = CliRunner().invoke(main, [*command, "--set", "run.keep_work=true"])
        return done.exit_code, done.output

    status, summary = said(uri)
    [folder] = {path.split("/")[1] for path in objects(store, "mill/secret") if path.startswith("versions/")}
    assert status == 0 and f"documents   s3://mill/secret/versions/{folder}/documents/*.parquet" in summary
    status, sentence = said(store.uri("mill/secret", "grind/nothing"))
    assert status == 1 and sentence.startswith("corpusmill: s3://mill/secret cannot be read (")
    assert "--out s3://***@mill/secret" in store.get("mill/secret/.writer.json").decode()
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    there = [store.get(f"mill/secret/{path}") for path in objects(store, "mill/secret")]
    assert len(files) > 10 and len(there) > 6
    for text in [summary.encode(), sentence.encode(), *files, *there]:
        for secret in (KEY, SECRET, quote(SECRET, safe=""), "grind"):
            assert secret.encode() not in text


def to_store(store: Store, place: str, source: Path, work: Path, at: int = 0) -> int:
    """Clean into the store in a process of its own, killed before its `at`th change of the store, if at all."""
    call = killed_calls.clean_to_store
    return killed.run(work.parent, call, store.uri(place), source, work, at, work.with_suffix(".puts"), QUICK)


def test_who_begins_last_publishes(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As on two machines: work folders of their own, so that no lock of a file system is in the way."""
    few, more = texts(tmp_path, "few.jsonl", 0, 3), texts(tmp_path, "more.jsonl", 0, 6)

    last: list[bytes] = []

    def another(step: str, done: int, total: int) -> None:
        if step == "match" and done and done == total:
            assert to_store(store, "mill/two", more, tmp_path / "theirs") == 0
            last.append(store.get("mill/two/.writer.json"))

    said = r"process \d+ on \S+ since .* began to write s3://mill/two while this run did, so it published nothing"
    with pytest.raises(OutputError, match=said):
        into(store, "mill/two", few, tmp_path / "ours", progress=another)
    assert len(store.tables("mill/two")["documents"]) == 4
    assert [store.get("mill/two/.writer.json")] == last, "it is the other's, still"
    assert into(store, "mill/two", few, tmp_path / "ours", overwrite=True)["version"] == 2
    assert caplog.text == ""
    there = json.loads(store.get("mill/two/.writer.json")) | {"writes": True, "host": "elsewhere"}
    store.put("mill/two/.writer.json", json.dumps(there).encode())
    into(store, "mill/two", few, tmp_path / "ours", overwrite=True)
    assert re.search(r"s3://mill/two was being written by process \d+ on elsewhere since", caplog.text)


def test_two_runs_with_one_work_folder(store: Store, tmp_path: Path) -> None:
    source = texts(tmp_path, "in.jsonl", 0, 3)

    def another(step: str, done: int, total: int) -> None:
        if step == "match" and not done:
            code = killed.run(
                tmp_path, killed_calls.refused, store.uri("mill/one"), source, tmp_path / "work", tmp_path
            )
            assert code == 0

    into(store, "mill/one", source, tmp_path / "work", progress=another)
    said = (tmp_path / "said").read_text()
    folder = re.escape(str(tmp_path / "work" / "one-"))
    assert re.match(rf"{folder}[0-9a-f]{{8}}\.work is being written by process {os.getpid()} on ", said)
    assert data_of(store.uri("mill/one")).versions() == [1]


def test_killed_in_the_middle_of_publishing(store: Store, tmp_path: Path) -> None:
    """Before each change of the store, where CORPUSMILL_SLOW is set; else before some."""
    old, new = texts(tmp_path, "old.jsonl", 0, 3), texts(tmp_path, "new.jsonl", 0, 9)
    for source in (old, old, new):
        assert to_store(store, "mill/whole", source, tmp_path / "whole") == 0
    changes, wanted = int((tmp_path / "whole.puts").read_text()), store.tables("mill/whole")
    assert changes >= 10, "the writer's name twice, 4 tables, 2 manifests, a version that goes"
    some = range(1, changes + 1) if os.environ.get("CORPUSMILL_SLOW") else random.Random(5).sample(range(2, changes), 4)
    for at in some:
        place, work = f"mill/killed{at}", tmp_path / f"work{at}"
        for _ in range(2):  # so that a version has to go
            into(store, place, old, tmp_path / "old", overwrite=True)
        before = store.tables(place)
        assert to_store(store, place, new, work, at) == -9
        assert store.tables(place) in (before, wanted)
        assert to_store(store, place, new, work) == 0
        assert store.tables(place) == wanted
        into(store, place, old, tmp_path / "old", overwrite=True)  # with which goes what dead ones have left
        data = data_of(store.uri(place))
        published = {file["path"] for number in data.versions() for file in data.manifest(number)["files"]}
        assert {path for path in objects(store, place) if path.endswith((".parquet", ".html"))} == published
        assert not list(work.iterdir())


def test_a_version_is_whole_before_it_is_named(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its manifest with it: a version without one is none, to which nobody could go back."""
    there: list[set[str]] = []
    put = Stored._put

    def noted(self: Stored, place: str, text: str) -> None:
        if place == "manifest.json":
            there.append(set(objects(store, "mill/named")))
        put(self, place, text)

    monkeypatch.setattr(Stored, "_put", noted)
    manifest = into(store, "mill/named", texts(tmp_path, "in.jsonl", 0, 3), tmp_path / "work")
    files = {file["path"] for file in manifest["files"]}
    [folder] = {"/".join(path.split("/")[:2]) for path in files}
    assert there == [files | {f"{folder}/manifest.json", ".writer.json"}]


def test_what_does_not_arrive_whole_is_not_published(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stores promise that they do not lose what they answer for; nobody has to believe it."""
    source, send = texts(tmp_path, "in.jsonl", 0, 3), Stored._send

    def cut(self: Stored, path: Path, place: str) -> None:
        if "/paragraphs/" in place:
            path = shutil.copyfile(path, tmp_path / "cut")
            os.truncate(path, path.stat().st_size - 1)
        send(self, path, place)

    monkeypatch.setattr(Stored, "_send", cut)
    with pytest.raises(OutputError, match=r"/paragraphs/\S+ has [\d,]+ bytes of [\d,]+, so nothing was published"):
        into(store, "mill/cut", source, tmp_path / "work")
    assert data_of(store.uri("mill/cut")).number() is None
    monkeypatch.setattr(Stored, "_send", send)
    [folder] = {"/".join(path.split("/")[:2]) for path in objects(store, "mill/cut") if path.startswith("versions/")}
    store.put(f"mill/cut/{folder}/documents/stray.parquet", b"of another try")
    manifest = into(store, "mill/cut", source, tmp_path / "work")
    names = {*(file["path"] for file in manifest["files"]), f"{folder}/manifest.json", "manifest.json", ".writer.json"}
    assert objects(store, "mill/cut").keys() == names


def test_a_dataset_in_a_folder_is_brought_to_a_store(store: Store, tmp_path: Path) -> None:
    out, uri = tmp_path / "out", store.uri("mill/up/there")
    for last in (3, 6):
        ingest([str(texts(tmp_path, "in.jsonl", 0, last))], out, settings(*QUICK))
        for _ in range(2):  # the second time nothing is to be done
            manifest = upload(out, uri, work=str(tmp_path / "work"))
            assert manifest["version"] == last // 3
        assert store.tables("mill/up/there") == tables(out)
    assert not [path for path in objects(store, "mill/up/there") if "index" in path]
    assert not list((tmp_path / "work").iterdir()) and Dataset(out).versions() == [1, 2]
    done = CliRunner().invoke(main, ["upload", str(out), str(tmp_path / "elsewhere")])
    assert done.exit_code == 1 and "is no place in an object store: give s3://BUCKET/PREFIX" in done.output


@pytest.mark.skipif(not os.environ.get("CORPUSMILL_SLOW"), reason="40 s, in which pyarrow tries again")
def test_a_server_that_stops_while_files_are_sent(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Last, for it takes a while to start it again."""
    old, new = texts(tmp_path, "old.jsonl", 0, 3), texts(tmp_path, "new.jsonl", 0, 60)
    into(store, "mill/stops", old, tmp_path / "work")
    before, send, sent = store.tables("mill/stops"), Stored._send, []

    def stops(self: Stored, path: Path, place: str) -> None:
        if len(sent) == 5:
            store.stop()
        send(self, path, place)
        sent.append(place)

    monkeypatch.setattr(Stored, "_send", stops)
    monkeypatch.setattr(stored, "SENDING", 1)
    cut = "run.shard_bytes=600"
    with pytest.raises(
        RunError, match=r"s3://mill/stops/versions/000002-\w+/.*parquet cannot be written \(.*the same command again"
    ):
        into(store, "mill/stops", new, tmp_path / "work", cut, overwrite=True)
    assert len(sent) == 5
    monkeypatch.setattr(Stored, "_send", send)
    store.start()
    assert store.tables("mill/stops") == before
    again: list[str] = []
    monkeypatch.setattr(Stored, "_send", lambda self, path, place: [again.append(place), send(self, path, place)])
    manifest = into(store, "mill/stops", new, tmp_path / "work", cut, overwrite=True)
    assert again and not set(again) & set(sent)
    assert {*again, *sent} == {file["path"] for file in manifest["files"]}
    cleaned([new], tmp_path / "plain", *QUICK)
    assert store.tables("mill/stops") == tables(tmp_path / "plain")
