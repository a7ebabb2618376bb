from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.corpus import clean_corpus
from pipeline.distinct import intake
from pipeline.distinct.run import distinct, summary
from pipeline.errors import DuplicateIdError, OutputError, ReconcileError, RunError
from pipeline.settings import Settings
from tests import strategies
from tests.corpora import write_jsonl
from tests.distinct import naive_distinct

#: Two rows a band of many: nothing above 0.5 is missed by the sketch, so that verdicts are those of all pairs.
SURE: dict[str, Any] = {"documents": {"ngram": 2, "threshold": 0.5}, "num_perm": 256, "recall": 0.999999999}


def settings_of(**dedup: Any) -> Settings:
    return Settings.model_validate({"dedup": dedup})


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def rows_of(out: Path, name: str) -> list[dict[str, Any]]:
    return list(pq.read_table(out / f"{name}.parquet").to_pylist())


def outcome(out: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return rows_of(out, "kept"), rows_of(out, "duplicates")


def article(seed: int, words: int = 60) -> list[str]:
    return [f"w{number}" for number in np.random.default_rng(seed).integers(0, 5000, words)]


def corpus(n: int = 120) -> list[dict[str, Any]]:
    """Articles, a third of them copies: exact, in another spelling, edited a little, edited much."""
    random = np.random.default_rng(3)
    texts: list[list[str]] = []
    for i in range(n):
        dice = random.random()
        source = texts[int(random.integers(0, len(texts)))] if texts and dice < 0.4 else article(1000 + i)
        words = list(source)
        if 0.1 <= dice < 0.3:
            words[int(random.integers(0, len(words)))] = f"edited{i}"
        elif 0.3 <= dice < 0.35:
            words[::7] = ["x"] * len(words[::7])
        elif 0.35 <= dice < 0.4:
            words = [word.upper() + "," for word in words]
        texts.append(words)
    return [
        {"id": f"d{i:05}", "text": "\n\n".join([" ".join(words[:30]), " ".join(words[30:])])}
        for i, words in enumerate(texts)
    ]


@settings(max_examples=60)
@given(st.lists(strategies.sentences, min_size=1, max_size=14))
def test_verdicts_are_those_of_all_pairs(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "a.jsonl").write_text(lines([{"id": f"d{i}", "text": text} for i, text in enumerate(texts)]), "utf-8")
    manifest = distinct([str(folder / "a.jsonl")], folder / "out", settings_of(**SURE))
    _, duplicates = outcome(folder / "out")
    found = {row["doc_id"]: (row["kept_doc_id"], row["similarity"], row["rule"]) for row in duplicates}
    wanted = naive_distinct.distinct(texts, 2, 0.5)
    assert found == {f"d{i}": (f"d{kept}", similarity, rule) for i, (kept, similarity, rule) in wanted.items()}
    assert manifest["counts"]["kept"] == len(texts) - len(wanted)


def test_a_text_of_as_many_words_as_a_shingle_has_near_duplicates(tmp_path: Path) -> None:
    """One shingle, which a text that says it again has too; of fewer words than that there is none."""
    texts = ["no no no", "no no", "no", "no no yes"]
    (tmp_path / "a.jsonl").write_text(lines([{"id": f"d{i}", "text": text} for i, text in enumerate(texts)]), "utf-8")
    distinct([str(tmp_path / "a.jsonl")], tmp_path / "out", settings_of(**SURE))
    kept, duplicates = outcome(tmp_path / "out")
    assert [tuple(row.values()) for row in duplicates] == [("d1", "d0", 1.0, "near"), ("d3", "d0", 0.5, "near")]
    assert [row["doc_id"] for row in kept] == ["d0", "d2"]


def test_verdicts_are_those_of_a_whole_run_without_cleaning(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines(corpus()), "utf-8")
    off = Settings.model_validate(
        {
            "encoding": {"enabled": False},
            "typography": {"enabled": False},
            "boilerplate": {"enabled": False},
            "paragraphs": {"unwrap": False},
            "dedup": {"keep": ["lowest_id"], "paragraphs": {"action": "off"}},
            "run": {"workers": 1},
        }
    )
    clean_corpus([str(tmp_path / "a.jsonl")], tmp_path / "clean", off)
    distinct([str(tmp_path / "a.jsonl")], tmp_path / "distinct", off)
    kept, duplicates = outcome(tmp_path / "distinct")
    documents = pq.read_table(tmp_path / "clean/documents").to_pylist()
    assert {(row["doc_id"], row["n_copies"]) for row in kept} == {(row["doc_id"], row["n_copies"]) for row in documents}
    copies = {(copy["doc_id"], row["doc_id"], copy["similarity"]) for row in documents for copy in row["copies"]}
    assert {(row["doc_id"], row["kept_doc_id"], row["similarity"]) for row in duplicates} == copies
    assert {row["rule"] for row in duplicates} == {"exact", "near"}


@pytest.mark.parametrize(("chunk", "piece", "workers"), [(1, 1, 1), (700, 900, 2), (5000, 10**9, 3), (10**9, 1, 2)])
def test_rows_do_not_depend_on_cuts_and_threads(tmp_path: Path, chunk: int, piece: int, workers: int) -> None:
    rows = corpus()
    (tmp_path / "b.jsonl").write_text(lines(rows[60:]), "utf-8")
    (tmp_path / "a.jsonl").write_text(lines(rows[:60]) + '{"id": "\\ud800 lone", "text": "a b"}\nnot JSON\n', "utf-8")
    inputs = [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")]
    one = distinct(inputs, tmp_path / "one", workers=1)
    two = distinct(inputs[::-1], tmp_path / "two", workers=workers, chunk_bytes=chunk, slice_bytes=piece)
    assert one["counts"] == two["counts"]
    for name in ("kept", "duplicates", "quarantine"):
        assert rows_of(tmp_path / "one", name) == rows_of(tmp_path / "two", name)


def test_every_form_gives_the_same_rows(tmp_path: Path) -> None:
    rows = corpus(40)
    (tmp_path / "a.jsonl").write_text(lines(rows), "utf-8")
    (tmp_path / "b").mkdir()
    with gzip.open(tmp_path / "b/a.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(lines(rows))
    (tmp_path / "b/utf16.jsonl").write_text(lines(rows[:5]).replace("d0", "e0"), "utf-16")
    distinct([str(tmp_path / "a.jsonl")], tmp_path / "plain")
    distinct([str(tmp_path / "b")], tmp_path / "other")
    plain, other = outcome(tmp_path / "plain")[1], outcome(tmp_path / "other")[1]
    assert [row for row in other if row["doc_id"] in {row["doc_id"] for row in plain}] == plain
    assert {row["doc_id"] for row in other} - {row["doc_id"] for row in plain} == {f"e{i:05}" for i in range(5)}


def test_lines_that_cannot_be_read_are_counted_with_their_reasons(tmp_path: Path) -> None:
    good = [{"id": 1, "text": "one two"}, {"text": "three"}, {"id": "x", "text": None}]
    text = (
        '\n{"text": 5}\n{"text": "a"\nNaN\n'
        + lines(good)
        + '{"id": "y", "text": "\\ud83d\\ude00 three"}\n{"id": 2, "text": NaN}\n{"id": 3, "text": "\\ud800"}'
    )
    (tmp_path / "a.jsonl").write_text('{"text": "zero"}\n' + text, "utf-8")
    manifest = distinct([str(tmp_path / "a.jsonl")], tmp_path / "out")
    kept, duplicates = outcome(tmp_path / "out")
    quarantine = rows_of(tmp_path / "out", "quarantine")
    assert [row["position"] for row in kept] == [1, 6, 7, 8, 11]
    assert [row["doc_id"] for row in kept if row["position"] in (6, 8)] == ["1", "x"]
    assert [row["doc_id"] for row in duplicates] == ["y"]
    assert [row["position"] for row in quarantine] == [3, 4, 5, 10]
    assert manifest["counts"] == {"in": 10, "kept": 5, "removed": 1, "exact": 1, "near": 0, "quarantined": 4}
    assert sum(manifest["quarantine"].values()) == 4
    told = "\n".join(summary(manifest, tmp_path / "out"))
    assert "10 in = 5 kept + 1 removed + 4 quarantined" in told and "is not valid JSON (unexpected end of data)" in told


def test_an_id_given_twice_is_an_error_that_names_both_places(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "text": "one"},
        {"id": "b", "text": "two"},
        {"id": "a", "text": "three"},
        {"id": "a-2", "text": "4"},
    ]
    (tmp_path / "a.jsonl").write_text(lines(rows), "utf-8")
    with pytest.raises(DuplicateIdError, match=r"the id 'a' is given twice, in .*a\.jsonl row 1 and .*a\.jsonl row 3"):
        distinct([str(tmp_path / "a.jsonl")], tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl"]
    suffix = Settings.model_validate({"read": {"on_duplicate_id": "suffix"}})
    distinct([str(tmp_path / "a.jsonl")], tmp_path / "out", suffix)
    assert [row["doc_id"] for row in rows_of(tmp_path / "out", "kept")] == ["a", "b", "a-3", "a-2"]


def test_nothing_is_left_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_text(lines(corpus(10)), "utf-8")
    distinct([str(tmp_path / "a.jsonl")], tmp_path / "out")
    before = outcome(tmp_path / "out")
    with pytest.raises(OutputError, match="take --overwrite"):
        distinct([str(tmp_path / "a.jsonl")], tmp_path / "out")

    def broken(*_: object) -> dict[str, int]:
        raise ReconcileError("no")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.distinct.outcome.counts", broken)
        with pytest.raises(ReconcileError):
            distinct([str(tmp_path / "a.jsonl")], tmp_path / "out", overwrite=True)
    assert outcome(tmp_path / "out") == before
    distinct([str(tmp_path / "a.jsonl")], tmp_path / "out", overwrite=True)
    assert outcome(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "out"]


@pytest.mark.parametrize("text", ["", "\n\n", "not JSON\n"])
def test_inputs_without_a_document_are_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.jsonl").write_text(text, "utf-8")
    with pytest.raises(RunError, match="there is no document"):
        distinct([str(tmp_path / "a.jsonl")], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_more_documents_than_fit_into_memory_are_an_error_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BYTES_A_DOCUMENT", 10 * 2**20)
    texts = write_jsonl(tmp_path / "in.jsonl", [{"text": f"text number {number} of three"} for number in range(3)])
    settings = Settings.model_validate({"dedup": {"memory": "20MiB"}})
    with pytest.raises(RunError, match="more than 2 documents do not fit"):
        distinct([str(texts)], tmp_path / "out", settings)
    assert not (tmp_path / "out").exists()
    assert distinct([str(texts)], tmp_path / "out")["counts"]["in"] == 3


def test_columns_of_other_names_are_found_and_named_ones_obeyed(tmp_path: Path) -> None:
    rows = [{"Content": "one two", "doc_id": f"n{i}", "body2": f"{i}"} for i in range(3)]
    (tmp_path / "a.ndjson").write_text("\ufeff" + lines(rows), "utf-8")
    manifest = distinct([str(tmp_path / "a.ndjson")], tmp_path / "out")
    assert [row["doc_id"] for row in rows_of(tmp_path / "out", "kept")] == ["n0"]
    assert next(iter(manifest["columns"].values())) == {"text": "Content", "id": "doc_id"}
    named = Settings.model_validate({"read": {"text_column": "body2"}})
    distinct([str(tmp_path / "a.ndjson")], tmp_path / "named", named)
    assert len(rows_of(tmp_path / "named", "kept")) == 3


def test_a_long_line_takes_the_slow_way_and_a_short_limit_refuses_it(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "one two"}, {"id": "b", "text": "x" * 3000}, {"id": "c", "text": "One, two"}]
    (tmp_path / "a.jsonl").write_text(lines(rows), "utf-8")
    short = Settings.model_validate({"read": {"max_document_bytes": 1024}})
    for chunk in (10, 2000, 10**6):
        manifest = distinct([str(tmp_path / "a.jsonl")], tmp_path / "out", short, overwrite=True, chunk_bytes=chunk)
        assert manifest["counts"] == {"in": 3, "kept": 1, "removed": 1, "exact": 1, "near": 0, "quarantined": 1}
