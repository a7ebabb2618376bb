"""What docs/answers.md tells people to type works, from top to bottom."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.main import main

HOUSE = Path(__file__).parent.parent.parent
TYPED = re.findall(r"^\$ corpusmill (.*)$", (HOUSE / "docs" / "answers.md").read_text("utf-8"), re.MULTILINE)


def test_the_commands_of_the_page_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").symlink_to(HOUSE / "seeds")
    monkeypatch.chdir(tmp_path)
    assert len(TYPED) == 12
    told = ""
    for typed in TYPED:  # in one process: a start costs 0.7 s
        arguments = shlex.split(re.split(r" \|\| | > ", typed)[0])
        done = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert done.exit_code == int(arguments[0] == "diff"), done.output
        told += done.output
    assert "1 come, 0 go: 82 instead of 81" in told and "answers is at version 2" in told
    assert (tmp_path / "clock.html").stat().st_size > 2000
    colours = {"NO_COLOR": "1", "PYTHONPATH": str(HOUSE)}
    command = [sys.executable, "-m", "pipeline.cli", "explain", "answers", "clock-original"]
    plain = subprocess.run(command, env={**os.environ, **colours}, capture_output=True, text=True, check=True)
    assert "\x1b" not in plain.stdout and "it stands for 2 removed copies" in plain.stdout
