"""The settings file that `corpusmill init` writes: loads, fits, is whole or not there."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli.main import main
from pipeline.configuration import load
from pipeline.settings import ReadSettings, Settings
from tests.corpora import rows, write_jsonl
from tests.survey.test_look import STORY, articles


def corpusmill(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_file_loads_and_the_next_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "my articles.jsonl", articles(20))
    done = corpusmill("init", "my articles.jsonl")
    assert done.exit_code == 0 and "wrote corpusmill.toml" in done.stdout
    chosen = load("corpusmill.toml", [])
    assert chosen.read == ReadSettings(
        text_column="story", id_column="uid", title_column="subject", url_column="permalink", date_column="created_at"
    )
    assert chosen.dedup == load(None, [], "news").dedup
    following = done.stdout.splitlines()[-1].removeprefix("next: corpusmill ")
    assert corpusmill(*shlex.split(following)).exit_code == 0
    assert rows(tmp_path / "out", "documents")[0]["title"].startswith("Ferry late on day")


def test_where_all_is_as_usual_the_file_changes_nothing(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": n, "text": f"{n} {STORY}"} for n in range(3)])
    made = tmp_path / "made.toml"
    assert corpusmill("init", file, "--out", made).exit_code == 0
    assert load(str(made), []) == Settings()
    told = made.read_text("utf-8")
    assert "found by its name: text" in told and f"corpusmill clean {file} --out out --config {made}" in told


def test_it_never_writes_over_a_file_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file, made = write_jsonl(tmp_path / "in.jsonl", articles(3)), tmp_path / "made.toml"
    made.write_text("mine")
    done = corpusmill("init", file, "--out", made)
    assert done.exit_code == 1 and "is there already" in done.stderr and made.read_text() == "mine"
    (tmp_path / "to-nowhere.toml").symlink_to(tmp_path / "none")
    assert corpusmill("init", file, "--out", tmp_path / "to-nowhere.toml").exit_code == 1
    done = corpusmill("init", file, "--out", tmp_path / "none" / "made.toml")
    assert done.exit_code == 1 and "cannot be written" in done.stderr
    assert corpusmill("init", tmp_path / "none.jsonl", "--out", tmp_path / "new.toml").exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "made.toml", "to-nowhere.toml"]


@settings(max_examples=25)
@given(name=st.text(min_size=1, max_size=12), other=st.text(min_size=1, max_size=12))
def test_whatever_columns_are_called_the_file_loads(
    name: str, other: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("names")
    file = write_jsonl(folder / "in.jsonl", [{name: STORY * 3, other + name: n} for n in range(3)])
    made = folder / "made.toml"
    done = corpusmill("init", file, "--out", made)
    assert done.exit_code == 0, done.output
    assert isinstance(load(str(made), []), Settings)
    assert "\x1b" not in done.stdout and "\r" not in done.stdout
