from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pipeline.configuration import dump, load
from pipeline.errors import SettingsError
from pipeline.settings import Settings


def test_the_printed_defaults_are_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(dump(Settings()), "utf-8")
    assert load(str(file), []) == Settings()


def test_every_setting_is_printed_with_its_reason() -> None:
    lines = dump(Settings()).splitlines()
    for before, line in itertools.pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert before.startswith("# ") and len(before) > 15, line


def test_assignments_change_the_file_and_need_no_quotes(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[dedup.documents]\nthreshold = 0.9\nngram = 7\n")
    settings = load(str(file), ["dedup.documents.threshold=0.7", "paragraphs.split=line", 'dedup.keep=["longest"]'])
    assert settings.dedup.documents.threshold == 0.7 and settings.dedup.documents.ngram == 7
    assert settings.paragraphs.split == "line" and settings.dedup.keep == ("longest",)


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        (
            "dedup.documents.treshold=0.7",
            "there is no setting dedup.documents.treshold; dedup.documents has action, thr",
        ),
        ("deduplication.x=1", "there is no setting deduplication; the top level has read, encoding"),
        ("dedup.documents.threshold=high", "dedup.documents.threshold = 'high' cannot be taken: input should be"),
        ("dedup.documents.threshold=1.5", "less than or equal to 1"),
        ("dedup.documents.action=delete", "'drop', 'mark' or 'off'"),
        ("dedup.documents", "write --set key=value"),
        ("run.workers.more=1", "run.workers = {'more': 1} cannot be taken"),
    ],
)
def test_what_cannot_be_taken_is_said_in_a_sentence(assignment: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(None, [assignment])
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_not_toml_or_not_there(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[read\n")
    with pytest.raises(SettingsError, match="is not TOML"):
        load(str(broken), [])
    with pytest.raises(SettingsError, match="cannot read the settings file"):
        load(str(tmp_path / "none.toml"), [])
