"""Every paragraph of every document is explained, kept or not, and so is what could not be read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.answers.explain import explain
from pipeline.answers.page import page
from pipeline.answers.terminal import lines, shown
from pipeline.answers.words import pieces
from pipeline.cli.main import main
from pipeline.errors import InputError, OutputError
from pipeline.ingest.run import ingest
from tests.corpora import cleaned, rows, write_jsonl
from tests.corpora import settings as settings_of

STORY = (
    "The ferry across the Vell will run at night from May on, the council said on Monday evening, and a bus will wait "
    "at the pier until the last boat is in, so that nobody has to walk home along the river in the dark."
)
TEXTS = [
    "Ferry to run at night\n\nThe ferry across the Vell will run at night from May on, the council said on Monday evening.\n\n"
    "“We waited nine years for this,” the harbour master said, and he itâ€™s said rang the bell twice.\n\nLeave a Reply",
    "The ferry across the Vell will run at night from May on, the council said on Monday evening.\n\nA bus will wait at the pier until the last boat is in, and nobody has to walk.",
]


def corpusmill(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain")
    file = write_jsonl(folder / "in.jsonl", [{"id": f"d{n}", "text": text} for n, text in enumerate(TEXTS)])
    cleaned([file], folder / "out")
    return folder / "out"


def test_each_paragraph_is_told_with_its_reason(out: Path) -> None:
    first = explain(out, "d0")
    assert (first.kept, first.status, first.sentence) == (True, "kept", "kept: 2 of 4 paragraphs are left")
    assert [(fate.position, fate.kept, fate.rule) for fate in first.paragraphs] == [
        (0, False, "title"), (1, True, None), (2, True, None), (3, False, "comment-form-heading")
    ]  # fmt: skip
    assert first.paragraphs[2].edits == ("encoding: decode_inconsistent_utf8",)
    assert "itâ€™s said" in first.paragraphs[2].raw and "it’s said" in first.paragraphs[2].text
    second = explain(out, "d1").paragraphs[0]
    assert (second.rule, second.evidence) == ("exact", "the copy in d0, paragraph 1 stays; similarity 1.000")
    assert second.removal and second.removal.copy and second.removal.copy.text == second.text


def test_all_of_the_samples_is_explained_without_rest(seeds: Path) -> None:
    ids = {row["doc_id"] for name in ("documents", "ledger") for row in rows(seeds, name)} - {None}
    told = {doc_id: explain(seeds, doc_id) for doc_id in ids}
    kept = sum(fate.kept for one in told.values() for fate in one.paragraphs)
    gone = sum(not fate.kept for one in told.values() for fate in one.paragraphs)
    manifest = json.loads((seeds / "manifest.json").read_text("utf-8"))
    counts = manifest["counts"]
    assert (kept, gone) == (counts["paragraphs"]["kept"], counts["paragraphs"]["removed"])
    assert sum(one.kept for one in told.values()) == counts["documents"]["kept"]
    for one in told.values():
        assert [fate.position for fate in one.paragraphs] == list(range(len(one.paragraphs)))
        assert page(one).count("<li class") == len(one.paragraphs)
        assert one.sentence in "\n".join(lines(one))


def test_a_document_that_went_as_a_whole_shows_what_its_copy_has_otherwise(seeds: Path) -> None:
    found = explain(seeds, "syndicated-copy-3")
    assert (found.status, found.sentence) == (
        "removed", "removed: it repeats 9cbe5726b1ac0ed6-1 (seeds/txt/harbour-strike-original.txt), similarity 0.956"
    )  # fmt: skip
    output = corpusmill("explain", seeds, "syndicated-copy-3").output
    assert "here nothing  there “Teke, who drove a crane himself" in output and "\x1b" not in output


def test_copies_marks_and_emptied_documents_have_answers(seeds: Path, tmp_path: Path) -> None:
    assert explain(seeds, "clock-original").copies[0].doc_id == "clock-exact-copy-later"
    emptied = next(row["doc_id"] for row in rows(seeds, "ledger") if row["rule"] == "nothing_left")
    assert "nothing was left" in explain(seeds, emptied).sentence
    two = write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": STORY}, {"id": "b", "text": STORY}])
    cleaned([two], tmp_path / "out", "dedup.documents.action=mark", "dedup.paragraphs.action=off")
    marked = explain(tmp_path / "out", "b")
    assert (marked.status, marked.sentence) == ("marked", "kept, and marked: it repeats a, similarity 1.000")


def test_what_could_not_be_read_is_explained_by_its_name(seeds: Path) -> None:
    found = explain(seeds, "seeds/broken/one-line-broken.jsonl:2")
    assert found.status == "quarantined" and "line 2 is not valid JSON" in found.sentence


def test_what_ingest_retired_says_so_and_a_new_text_hides_the_old_one(tmp_path: Path) -> None:
    plain = settings_of("run.workers=1", "boilerplate.enabled=false")
    file = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": STORY}, {"id": "b", "text": TEXTS[1]}])
    ingest([str(file)], tmp_path / "out", plain)
    ingest(
        [str(write_jsonl(file, [{"id": "a", "text": "Another story altogether, told once."}]))], tmp_path / "out", plain
    )
    assert explain(tmp_path / "out", "b").sentence == "retired by ingest: its input is gone"
    assert [fate.text for fate in explain(tmp_path / "out", "a").paragraphs] == ["Another story altogether, told once."]


def test_an_unknown_document_or_paragraph_or_version_is_one_sentence(out: Path) -> None:
    with pytest.raises(InputError, match="holds no document 'nobody'"):
        explain(out, "nobody")
    with pytest.raises(InputError, match="d0 has no paragraph 9: it has 0 to 3"):
        explain(out, "d0").only(9)
    with pytest.raises(OutputError, match="has no version 7; there are: 1"):
        explain(f"{out}@7", "d0")
    assert explain(f"{out}@1", "d0").kept


def test_the_command_prints_one_paragraph_and_json_and_a_page(out: Path, tmp_path: Path) -> None:
    assert "Leave a Reply" not in corpusmill("explain", out, "d0", "--paragraph", 2).output
    found = json.loads(corpusmill("explain", out, "d1", "--json").output)
    removal = found["paragraphs"][0]["removal"]
    assert (removal["kept"]["doc_id"], removal["kept"]["differing"], removal["similarity"]) == ("d0", [], 1.0)
    assert corpusmill("explain", out, "d0", "--html", tmp_path / "p.html").exit_code == 0
    assert (tmp_path / "p.html").read_text("utf-8") == corpusmill("explain", out, "d0", "--html").output
    assert corpusmill("explain", out, "nobody").exit_code == 1


def test_texts_do_nothing_to_a_page_or_a_terminal(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script> \x1b[31mred\x1b[0m and \u202eback\u202c again, said the harbour master of Vell."
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": "<b>x\x1b[2J", "title": "</title><script>", "text": evil}])
    cleaned([file], tmp_path / "out")
    found = explain(tmp_path / "out", "<b>x\x1b[2J")
    assert not re.search(r"<(script|b>)", page(found)) and "http" not in re.sub("http-equiv", "", page(found))
    assert not set("\x1b\u202e\u202c") & set("\n".join(lines(found)).replace("\x1b[", "").replace("\n", ""))
    assert shown("a\x1b[2J\u202eb\nc") == "a<U+001B>[2J<U+202E>b\nc"


@settings(max_examples=50, deadline=None)
@given(st.text("ab \n", max_size=30), st.text("ab \n", max_size=30))
def test_pieces_joined_are_the_texts(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(piece.before for piece in found) == before
    assert "".join(piece.after for piece in found) == after
    assert all(piece.before == piece.after for piece in found if piece.same)
