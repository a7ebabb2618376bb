from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.read.inputs import Input, digest, find


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "news/b.txt",
        "news/a.jsonl",
        "news/deep/c.csv.gz",
        "news/deep/README.md",
        "news/deep/notes.md",
        "news/.hidden.txt",
        "news/.git/x.txt",
        "news/_SUCCESS",
        "news/_tmp/y.txt",
        "news/photo.png",
        "pictures/photo.png",
        "D.PARQUET",
        "README.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sources(*arguments: str) -> list[str]:
    return [item.source for item in find(arguments)[0]]


def errors(*arguments: str) -> list[str]:
    rows: list[str] = find(arguments)[1]["error"].to_pylist()
    return rows


def test_a_folder_gives_all_documents_below_it(corpus: Path) -> None:
    assert sources("news") == ["news/a.jsonl", "news/b.txt", "news/deep/c.csv.gz", "news/deep/notes.md"]
    assert errors("news") == []


def test_a_named_file_is_taken_whatever_its_name(corpus: Path) -> None:
    assert sources("README.md", "news/.hidden.txt") == ["README.md", "news/.hidden.txt"]


def test_kind_and_compression_come_from_the_suffixes(corpus: Path) -> None:
    assert find(["D.PARQUET", "news/deep/c.csv.gz", "-"])[0] == [
        Input("-", "-", "jsonl", ""),
        Input("D.PARQUET", "D.PARQUET", "parquet", ""),
        Input("news/deep/c.csv.gz", "news/deep/c.csv.gz", "delimited", "gzip"),
    ]


def test_globs_cross_folders(corpus: Path) -> None:
    assert sources("**/*.txt") == ["news/b.txt"]
    assert sources("news/_t*/*.txt") == ["news/_tmp/y.txt"]
    assert sources("news/*") == ["news/a.jsonl", "news/b.txt", "news/deep/c.csv.gz", "news/deep/notes.md"]
    assert sources("n*/d?ep/*.gz") == ["news/deep/c.csv.gz"]


def test_each_file_once_in_one_order(corpus: Path) -> None:
    (corpus / "news" / "z.txt").symlink_to("b.txt")
    arguments = ["news", "./news/b.txt", "news/*.txt", str(corpus / "news" / "a.jsonl")]
    answers = {tuple(sources(*order)) for order in permutations(arguments)}
    assert len(answers) == 1
    taken = answers.pop()
    assert len(taken) == len({os.path.realpath(source) for source in taken}) == 4
    assert list(taken) == sorted(taken)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("gone.jsonl", "gone.jsonl does not exist"),
        ("gone/*.jsonl", "gone/*.jsonl matches no file"),
        ("pictures", "pictures is a folder without anything readable"),
        ("pictures/photo.png", "pictures/photo.png is of an unknown type"),
        (os.devnull, "is not a regular file"),
    ],
)
def test_what_cannot_be_an_input_is_refused_in_a_sentence(corpus: Path, argument: str, said: str) -> None:
    found, refused = find([argument])
    assert found == []
    assert said in refused["error"][0].as_py()
    assert refused["position"].to_pylist() == [None]


def test_compressed_parquet_is_refused(corpus: Path) -> None:
    (corpus / "x.parquet.gz").write_bytes(b"")
    assert "decompress it" in errors("x.parquet.gz")[0]


def test_a_file_without_permission_is_refused(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: "b.txt" not in str(path))
    found, refused = find(["news"])
    assert "news/b.txt" not in [item.source for item in found]
    assert refused["source"].to_pylist() == ["news/b.txt"]
    assert "Permission denied" in refused["error"][0].as_py()


def test_a_name_with_glob_characters_is_a_file_first(corpus: Path) -> None:
    (corpus / "a[1].txt").write_text("x")
    assert sources("a[1].txt") == ["a[1].txt"]


def test_the_digest_is_of_the_bytes_alone(corpus: Path) -> None:
    a, b = find(["news/a.jsonl", "news/b.txt"])[0]
    assert digest(a) == digest(b)
    (corpus / "news" / "b.txt").write_bytes(b"y")
    assert digest(a) != digest(b)
    assert len(digest(a)) == 32


def test_no_digest_of_what_cannot_be_read(corpus: Path) -> None:
    with pytest.raises(InputError, match="standard input"):
        digest(Input("-", "-", "jsonl", ""))
    with pytest.raises(InputError, match="cannot be read"):
        digest(Input("gone.txt", "gone.txt", "text", ""))
