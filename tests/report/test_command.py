"""`corpusmill report`: says where the report is, makes it anew, makes it for datasets that have none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.main import main
from tests.corpora import cleaned

HOUSE = Path(__file__).parent.parent.parent


def said(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_commands_of_the_page_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").symlink_to(HOUSE / "seeds")
    monkeypatch.chdir(tmp_path)
    typed = re.findall(r"^\$ corpusmill (.*)$", (HOUSE / "docs" / "report.md").read_text("utf-8"), re.MULTILINE)
    assert [command.split()[0] for command in typed] == ["clean", "report", "report"]
    cleaned(["seeds"], tmp_path / "reported")
    printed = [said(*command.split()) for command in typed[1:]]
    assert printed == [f"{tmp_path}/reported/report.html\n", "report.html\n"]
    assert (tmp_path / "report.html").read_bytes() == (tmp_path / "reported" / "report.html").read_bytes()


def test_a_dataset_without_a_report_gets_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("The harbour ferry left the quay before dawn with a sleepy crew on board.")
    cleaned([tmp_path / "one.txt"], tmp_path / "out")
    made = (tmp_path / "out" / "report.html").read_bytes()
    (tmp_path / "out" / "report.html").resolve().unlink()
    assert said("report", str(tmp_path / "out")) == f"{tmp_path}/out.report.html\n"
    assert (tmp_path / "out.report.html").read_bytes() == made


def test_a_folder_without_a_dataset_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert done.exit_code == 1 and "holds no dataset" in done.stderr
