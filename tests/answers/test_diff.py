"""Diff: nothing against itself, the mirror image the other way round, and what really changed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.answers.diff import diff
from pipeline.answers.version import opened
from pipeline.cli.main import main
from tests.corpora import cleaned, rows, write_jsonl

PLAIN = ("run.workers=1", "boilerplate.enabled=false", "encoding.enabled=false", "typography.enabled=false")


def compared(a: object, b: object, examples: int = 5) -> dict[str, Any]:
    return diff(opened(str(a)), opened(str(b)), examples)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples under other settings."""
    out = tmp_path_factory.mktemp("diff") / "other"
    cleaned(["seeds"], out, "dedup.documents.threshold=0.9", 'boilerplate.off=["title"]')
    return out


def test_what_a_setting_changed_is_told_with_reasons(seeds: Path, other: Path) -> None:
    found = compared(seeds, other)
    assert [key for key, *_ in found["settings"]] == ["boilerplate.off", "dedup.documents.threshold"]
    assert found["documents"]["came"] == found["documents"]["b"] - found["documents"]["a"] + found["documents"]["went"]
    reasons = {one["reason"]: one["documents"] for one in found["reasons"]["came"]}
    assert sum(reasons.values()) == found["documents"]["came"] and reasons["dedup.documents: near"] >= 1
    example = next(one for one in found["examples"]["came"] if one["similarity"])
    assert 0.8 <= example["similarity"] < 0.9 and example["kept_doc_id"] == "9cbe5726b1ac0ed6-1"
    changed = found["examples"]["changed"][0]
    assert any("boilerplate: title" in row for row in changed["only_a"]) and changed["differing"]
    assert {"stage": "boilerplate", "rule": "title", "action": "drop", "a": 46, "b": 0} in found["rules"]


def test_the_command_exits_with_0_where_rows_are_equal_and_1_where_not(seeds: Path, other: Path) -> None:
    run = CliRunner()
    same = run.invoke(main, ["diff", str(seeds), f"{seeds}@1"])
    assert same.exit_code == 0 and "have the same rows" in same.output
    unlike = run.invoke(main, ["diff", str(seeds), str(other), "--json"])
    assert unlike.exit_code == 1 and json.loads(unlike.output)["equal"] is False
    assert "came; in" in run.invoke(main, ["diff", str(seeds), str(other)]).output
    assert "has no version 9" in run.invoke(main, ["diff", f"{seeds}@9", str(other)]).output


def test_settings_that_change_no_row_are_told_and_the_rows_are_equal(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": str(n), "text": f"a tide came in {n} times"} for n in range(9)])
    cleaned([file], tmp_path / "one", *PLAIN)
    cleaned([file], tmp_path / "two", *PLAIN, "run.shard_bytes=50")
    found = compared(tmp_path / "one", tmp_path / "two")
    assert found["equal"] and [key for key, *_ in found["settings"]] == ["run.shard_bytes"]


texts = st.lists(
    st.sampled_from(["a tide came in", "the pier was long", "rain fell all day", "b"]), min_size=1, max_size=3
)
corpora = st.dictionaries(st.sampled_from("abcd"), texts.map("\n\n".join), min_size=1, max_size=4)


@settings(max_examples=3, deadline=None)
@given(corpora, corpora)
def test_diff_is_antisymmetric_and_right(left: dict[str, str], right: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, corpus in (("a", left), ("b", right)):
            file = write_jsonl(place / f"{name}.jsonl", [{"id": k, "text": text} for k, text in sorted(corpus.items())])
            cleaned([file], place / name, *PLAIN)
        a, b = place / "a", place / "b"
        assert compared(a, a)["equal"] and compared(b, b)["equal"]
        there, back = compared(a, b), compared(b, a)
        texts = [{row["doc_id"]: row["text"] for row in rows(out, "documents")} for out in (a, b)]
        slow = {
            "came": len(texts[1].keys() - texts[0].keys()),
            "went": len(texts[0].keys() - texts[1].keys()),
            "changed": sum(texts[0][k] != texts[1][k] for k in texts[0].keys() & texts[1].keys()),
        }
        assert {name: there["documents"][name] for name in slow} == slow
        for one, other in (("came", "went"), ("went", "came"), ("changed", "changed"), ("recounted", "recounted")):
            assert there["documents"][one] == back["documents"][other]
        assert there["equal"] == back["equal"]
        assert there["reasons"]["came"] == back["reasons"]["went"]
        assert [(r["a"], r["b"]) for r in there["rules"]] == [(r["b"], r["a"]) for r in back["rules"]]
