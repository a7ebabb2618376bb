"""Restore: what comes back is what a run without the removal would have written, counts add up, rollback undoes it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.answers.chosen import Wish
from pipeline.answers.explain import explain
from pipeline.answers.restore import restore
from pipeline.cli.main import main
from pipeline.dataset import Dataset
from pipeline.dedup import signatures
from pipeline.errors import InputError, OutputError
from pipeline.ingest.run import ingest
from tests.corpora import cleaned, rows, write_jsonl
from tests.corpora import settings as settings_of

#: Rules alone: structure and model look at what is around a line, so other lines may stay when one does.
RULES = ("run.workers=1", "boilerplate.structure=false", "boilerplate.model=false", "boilerplate.learned=off")
FERRY = "The ferry across the Vell will run at night from May on, the council said on Monday evening."
BUS = "A bus will wait at the pier until the last boat is in, and nobody has to walk home in the dark."
BELL = "The harbour master rang the bell twice, which he had last done when the war was over."


def corpusmill(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def corpus(place: Path, texts: list[str], name: str = "in") -> Path:
    records = [
        {"id": f"d{n}", "title": f"No {n}", "text": text, "desk": n, "date": f"2031-01-0{n + 1}"}
        for n, text in enumerate(texts)
    ]
    return write_jsonl(place / f"{name}.jsonl", records)


def standing(out: Path) -> dict[str, list[dict[str, Any]]]:
    return {
        name: sorted(rows(out, name), key=lambda row: [row["doc_id"], row.get("position", 0)])
        for name in ("documents", "paragraphs")
    }


LINES = st.sampled_from(
    ["Leave a Reply", "Source link", FERRY, BUS, BELL, "it’s late", "itâ€™s “late”", "lost \ufffd letters"]
)


@settings(max_examples=4, deadline=None)
@given(
    st.lists(st.lists(LINES, min_size=1, max_size=5), min_size=1, max_size=4),
    st.sampled_from(["comment-form-heading", "source-link"]),
)
def test_what_a_rule_removed_comes_back_as_if_it_had_been_off(texts: list[list[str]], rule: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        # Paragraphs alone: whether two documents are alike depends on their lines.
        own = (*RULES, "dedup.documents.action=off", "dedup.paragraphs.containment.action=off")
        file = corpus(place, ["\n\n".join(lines) for lines in texts])
        cleaned([file], place / "out", *own)
        cleaned([file], place / "off", *own, f'boilerplate.off=["{rule}"]')
        if not any(row["rule"] == rule for row in rows(place / "out", "ledger")):
            return
        found = restore(place / "out", Wish(rule=rule))
        assert standing(place / "out") == standing(place / "off")
        assert found.paragraphs > 0 and found.passed == 0
        version = Dataset(place / "out").number()
        assert restore(place / "out", Wish(rule=rule)).paragraphs == 0
        assert Dataset(place / "out").number() == version


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """d1 repeats d0 with a line of its own removed; d2 shares a paragraph; nothing is left of d3."""
    texts = [f"{FERRY}\n\n{BUS}", f"Leave a Reply\n\n{FERRY}\n\n{BUS}", f"{BELL}\n\n{BUS}\n\n{BELL[:39]}", BUS]
    cleaned(
        [corpus(tmp_path, texts)],
        tmp_path / "out",
        *RULES,
        "dedup.documents.containment.action=off",
        "write.signatures=true",
    )
    assert [row["doc_id"] for row in rows(tmp_path / "out", "documents")] == ["d0", "d2"]
    return tmp_path / "out"


def test_a_document_comes_back_with_its_columns_and_positions(out: Path) -> None:
    done = corpusmill("restore", out, "--doc", "d1")
    assert f"{out} is at version 2: 1 document, 2 paragraphs put back" in done.output
    back = next(row for row in rows(out, "documents") if row["doc_id"] == "d1")
    assert (back["title"], back["desk"], back["text"], back["n_paragraphs"]) == ("No 1", 1, f"{FERRY}\n\n{BUS}", 2)
    assert (back["remaining_share"], back["n_copies"], back["is_representative"]) == (1.0, 0, True)
    assert [row["position"] for row in rows(out, "paragraphs") if row["doc_id"] == "d1"] == [1, 2]
    kept = next(row for row in rows(out, "documents") if row["doc_id"] == "d0")
    assert (kept["n_copies"], kept["copies"]) == (0, [])
    assert [row["doc_id"] for row in rows(out, "removed")] == ["d3"]
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["counts"]["documents"] == {"in": 4, "kept": 3, "removed": 1, "quarantined": 0}
    assert manifest["restored"][0]["doc_id"] == "d1"
    told = [(row["stage"], row["rule"], row["evidence"]) for row in rows(out, "ledger") if row["action"] == "restore"]
    assert told == [("dedup.documents", "exact", "corpusmill restore --doc d1")]
    assert explain(out, "d1").sentence == "kept: 2 of 3 paragraphs are left"


def test_a_paragraph_comes_back_in_its_place_and_the_kept_one_counts_one_copy_less(out: Path) -> None:
    before = next(row for row in rows(out, "paragraphs") if (row["doc_id"], row["position"]) == ("d0", 1))
    assert corpusmill("restore", out, "--doc", "d2", "--paragraph", 1).exit_code == 0
    document = next(row for row in rows(out, "documents") if row["doc_id"] == "d2")
    assert document["text"] == f"{BELL}\n\n{BUS}\n\n{BELL[:39]}" and document["remaining_share"] == 1.0
    assert document["n_chars"] == len(document["text"]) and document["n_paragraphs"] == 3
    places = [(row["doc_id"], row["position"], row["n_copies"]) for row in rows(out, "paragraphs")]
    assert places == [("d0", 0, 0), ("d0", 1, before["n_copies"] - 1), ("d2", 0, 0), ("d2", 1, 0), ("d2", 2, 0)]


def test_a_document_of_which_nothing_was_left_comes_back_with_its_paragraphs(out: Path) -> None:
    corpusmill("restore", out, "--doc", "d3")
    assert [row["text"] for row in rows(out, "documents") if row["doc_id"] == "d3"] == [BUS]
    assert explain(out, "d3").status == "kept"


def test_signatures_are_of_what_stands(out: Path) -> None:
    corpusmill("restore", out, "--rule", "exact")
    assert len(rows(out, "documents")) == 4
    for level in signatures.LEVELS:
        file = sorted((out / "signatures" / level).glob("*.parquet"))
        ids = [row for each in file for row in signatures.read(each)[0].to_pylist()]
        assert sorted(map(str, ids)) == sorted(
            str({key: row[key] for key in signatures.ID_COLUMNS[level]}) for row in rows(out, level)
        )


def test_rollback_undoes_it_and_twice_is_once(out: Path) -> None:
    before = standing(out)
    corpusmill("restore", out, "--rule", "exact", "--stage", "dedup.documents")
    assert "nothing to put back" in corpusmill("restore", out, "--rule", "exact", "--stage", "dedup.documents").output
    assert Dataset(out).number() == 2 and not list((out / "versions").glob(".*"))
    corpusmill("rollback", out)
    assert standing(out) == before and "restored" not in Dataset(out).manifest()


def test_what_cannot_come_back_is_one_sentence(out: Path) -> None:
    with pytest.raises(InputError, match="nothing_left removed cannot be put back: it follows from other removals"):
        restore(out, Wish(rule="nothing_left"))
    with pytest.raises(InputError, match="has no removal by --rule nobody"):
        restore(out, Wish(rule="nobody"))
    with pytest.raises(InputError, match="d1 is removed as a whole"):
        restore(out, Wish(doc_id="d1", paragraph=2))
    assert corpusmill("restore", out).exit_code == 2
    assert "1 paragraph not put back" in corpusmill("restore", out, "--rule", "comment-form-heading").output
    assert Dataset(out).versions() == [1]


def test_ingest_refuses_a_restored_dataset_until_it_is_rolled_back(tmp_path: Path) -> None:
    plain = settings_of("run.workers=1", "boilerplate.enabled=false")
    first, second = corpus(tmp_path, [FERRY, FERRY]), write_jsonl(tmp_path / "b.jsonl", [{"id": "x", "text": BELL}])
    ingest([str(first)], tmp_path / "out", plain)
    restore(tmp_path / "out", Wish(doc_id="d1"))
    assert len(rows(tmp_path / "out", "documents")) == 2
    with pytest.raises(OutputError, match="has no index since `corpusmill restore`"):
        ingest([str(second)], tmp_path / "out", plain)
    corpusmill("rollback", tmp_path / "out")
    ingest([str(second)], tmp_path / "out", plain)
    assert {row["doc_id"] for row in rows(tmp_path / "out", "documents")} == {"d0", "x"}
