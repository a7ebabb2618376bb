"""Pages of documentation as tests see them: their blocks, their links, and a place in which their commands run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from pipeline.cli.main import main

HOUSE = Path(__file__).parent.parent
DOCS = HOUSE / "docs"
#: What a fresh clone has and commands of the pages name.
CLONE = ("seeds", "flows", "pipeline", "tests", "prefect.toml")
SHELL = re.compile(r"[|>;&$*]")


def blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"```{language}(?: [^\n]*)?\n(.*?)```", text, re.DOTALL)


def named_files(text: str) -> dict[str, str]:
    """Return the blocks that are files: those with a title."""
    return dict(re.findall(r"```\w+ title=\"([^\"]+)\"\n(.*?)```", text, re.DOTALL))


def commands(text: str) -> list[str]:
    lines = [line for block in blocks("console", text) for line in block.splitlines()]
    return [line[2:].split("  #")[0].strip() for line in lines if line.startswith("$ ")]


def shown(text: str) -> list[str]:
    lines = [line for block in blocks("console", text) for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("$") and line != "..."]


def clone(folder: Path) -> Path:
    for name in CLONE:
        (folder / name).symlink_to(HOUSE / name)
    return folder


def typed(command: str, place: Path) -> str:
    """Run a command line in `place` as a shell would; return what it prints on stdout."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(command, shell=True, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def called(command: str, place: Path) -> str:
    """Do what `typed` does, a plain `corpusmill` command within this process: that saves 1.5 s of imports each."""
    words = shlex.split(command)
    if words[0] != "corpusmill" or SHELL.search(re.sub(r"'[^']*'", "", command)):
        return typed(command, place)
    before = Path.cwd()
    os.chdir(place)
    try:
        done = CliRunner().invoke(main, words[1:], catch_exceptions=False)
    finally:
        os.chdir(before)
    assert done.exit_code == 0, f"{command}: {done.stderr}"
    return done.stdout
