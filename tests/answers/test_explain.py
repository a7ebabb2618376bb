"""Every paragraph of a document is explained, kept or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.answers.explain import explain
from pipeline.errors import InputError
from tests.corpora import cleaned, rows, write_jsonl

TEXTS = [
    "Ferry to run at night\n\nThe ferry across the Vell will run at night from May on, the council said on Monday evening.\n\n"
    "“We waited nine years for this,” the harbour master said, and he itâ€™s said rang the bell twice.\n\nLeave a Reply",
    "The ferry across the Vell will run at night from May on, the council said on Monday evening.\n\nA bus will wait at the pier until the last boat is in, and nobody has to walk.",
]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": f"d{n}", "text": text} for n, text in enumerate(TEXTS)])
    cleaned([file], tmp_path / "out")
    return tmp_path / "out"


def test_each_paragraph_is_told_with_its_reason(out: Path) -> None:
    first = explain(out, "d0")
    assert first.kept
    assert [(fate.position, fate.kept, fate.rule) for fate in first.paragraphs] == [
        (0, False, "title"), (1, True, None), (2, True, None), (3, False, "comment-form-heading")
    ]  # fmt: skip
    assert first.paragraphs[2].edits == ("encoding: decode_inconsistent_utf8",)
    second = explain(out, "d1").paragraphs[0]
    assert (second.rule, second.evidence) == ("exact", "the copy in d0, paragraph 1 stays; similarity 1.000")


def test_all_documents_are_explained_without_rest(out: Path) -> None:
    told = [fate for n in range(2) for fate in explain(out, f"d{n}").paragraphs]
    assert sum(fate.kept for fate in told) == len(rows(out, "paragraphs"))
    assert sum(not fate.kept for fate in told) == sum(row["action"] == "drop" for row in rows(out, "ledger"))


def test_an_unknown_document_is_one_sentence(out: Path) -> None:
    with pytest.raises(InputError, match="holds no document 'nobody'"):
        explain(out, "nobody")
