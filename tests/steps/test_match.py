"""What stays: on the very border of a limit, because others name it, and what is said of it. On whole runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.steps import match
from tests.corpora import cleaned, rows, write_jsonl

QUICK = ("dedup.keep=['lowest_id']", "boilerplate.enabled=false", "encoding.enabled=false", "typography.enabled=false")
APART = "dedup.documents.containment.action=off"


def line(number: int, words: int = 10) -> str:
    """Return a paragraph that no other number has a word of; as long, whatever the number."""
    return " ".join(f"tide{number:02}x{word:02}" for word in range(words)) + "."


def run(place: Path, texts: list[list[str]], *assignments: str) -> dict[str, dict[str, Any]]:
    """Clean documents of such paragraphs, the first to be kept first; return those that stay."""
    given = [{"id": f"d{i}", "text": "\n\n".join(text)} for i, text in enumerate(texts)]
    cleaned([write_jsonl(place / "in.jsonl", given)], place / "out", *QUICK, APART, *assignments)
    return {row["doc_id"]: row for row in rows(place / "out", "documents")}


def test_a_paragraph_of_the_fewest_words_is_looked_at_and_one_of_fewer_is_not(tmp_path: Path) -> None:
    short, enough = line(1, 6), line(2, 7)
    kept = run(tmp_path, [[short, enough, line(3)], [short, enough, line(4)]], "dedup.paragraphs.min_words=7")
    assert kept["d0"]["n_paragraphs"] == 3
    assert kept["d1"]["text"] == f"{short}\n\n{line(4)}"


def test_a_document_that_stands_for_another_is_not_emptied(tmp_path: Path) -> None:
    """Each paragraph of d2 is in d0 or d1, but d3 goes as its copy."""
    kept = run(
        tmp_path, [[line(1), line(11), line(12)], [line(2), line(21), line(22)], [line(1), line(2)], [line(1), line(2)]]
    )
    assert kept.keys() == {"d0", "d1", "d2"}
    assert [copy["doc_id"] for copy in kept["d2"]["copies"]] == ["d3"]
    assert kept["d2"]["text"] == f"{line(1)}\n\n{line(2)}" and kept["d2"]["remaining_share"] == 1.0


def test_a_document_of_which_nothing_is_left_goes(tmp_path: Path) -> None:
    kept = run(tmp_path, [[line(1), line(11), line(12)], [line(2), line(21), line(22)], [line(1), line(2)]])
    assert kept.keys() == {"d0", "d1"}
    said = [(row["rule"], row["position"]) for row in rows(tmp_path / "out", "ledger") if row["doc_id"] == "d2"]
    assert sorted(said, key=str) == [("exact", 0), ("exact", 1), ("nothing_left", None)]


@pytest.mark.parametrize(("least", "stays"), [(0.5, True), (0.51, False)])
def test_the_least_share_may_remain(tmp_path: Path, least: float, stays: bool) -> None:
    kept = run(
        tmp_path, [[line(1), line(11), line(12)], [line(1), line(2)]], f"dedup.paragraphs.min_remaining_share={least}"
    )
    assert ("d1" in kept) is stays
    if stays:
        assert kept["d1"]["remaining_share"] == 0.5


def test_little_is_left_but_others_name_it(tmp_path: Path) -> None:
    """d1 has a copy, d2, and d3 one of its paragraphs; of d4 as little is left, and nobody names it."""
    texts = [[line(1), line(2), line(11), line(12)]]
    texts += [[line(1), line(2), line(3)], [line(1), line(2), line(3)], [line(3), *map(line, range(31, 36))]]
    texts += [[line(1), line(2), line(4)]]
    kept = run(tmp_path, texts, "dedup.paragraphs.min_remaining_share=0.9", "dedup.paragraphs.ngram=1")
    assert "d1" in kept and kept["d1"]["text"] == line(3)
    assert "d2" not in kept and "d4" not in kept


def test_only_a_document_that_keeps_a_damaged_paragraph_is_suspect(tmp_path: Path) -> None:
    damaged = f"{line(1)} They don?t know it."
    kept = run(tmp_path, [[damaged, line(2)], [line(3), line(4)], [damaged, line(5), line(6)]], "encoding.enabled=true")
    assert {name: row["encoding_suspect"] for name, row in kept.items()} == {"d0": True, "d1": False, "d2": False}
    assert kept["d2"]["text"] == f"{line(5)}\n\n{line(6)}"


def test_what_is_mapped_for_each_look_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [[line(n), line(n + 1), line(n // 2)] for n in range(0, 20, 2)] + [[line(0), line(1), line(0)]]
    found = []
    for part, folder in ((1, "once"), (2**62, "each")):
        monkeypatch.setattr(match, "MAPPED", part)
        (tmp_path / folder).mkdir()
        kept = run(tmp_path / folder, texts, "run.shard_bytes=300")
        found.append({name: (row["text"], row["n_copies"]) for name, row in kept.items()})
    assert found[0] == found[1] and 0 < len(found[0]) < len(texts)
