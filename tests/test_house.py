"""The rules of the house that a program can check: style, types, layers, sizes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
MODULES = sorted([*HOUSE.glob("pipeline/**/*.py"), *HOUSE.glob("flows/**/*.py")])


def output_of(*command: str) -> str:
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_style() -> None:
    output_of(sys.executable, "-m", "ruff", "check", "--no-cache", ".")


def test_format() -> None:
    output_of(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")


def test_types() -> None:
    output_of(sys.executable, "-m", "mypy", "--cache-dir", os.devnull)


def test_imports_run_downhill() -> None:
    output_of(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(HOUSE).as_posix())
def test_modules_stay_small(module: Path) -> None:
    source = module.read_text("utf-8")
    assert source.count("\n") <= 400
    if module.name == "__init__.py":
        assert len(ast.parse(source).body) == 1, "an __init__ is a docstring: imports through it make cycles"


def test_help_answers_in_half_a_second_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, pipeline.cli.main; print(sorted({'numba', 'pyarrow', 'prefect', 'pydantic'} & set(sys.modules)))"
    )
    assert output_of(sys.executable, "-c", code) == "[]\n"
    command = (sys.executable, "-m", "pipeline.cli", "--help")
    took = []
    for _ in range(3):
        began = time.perf_counter()
        assert "deduplicated Parquet" in output_of(*command)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.5


def test_the_plain_run_does_not_import_prefect() -> None:
    code = "import sys, pipeline.corpus, pipeline.summary; print('prefect' in sys.modules)"
    assert output_of(sys.executable, "-c", code) == "False\n"


def test_pins_name_no_place() -> None:
    pins = (HOUSE / "constraints.txt").read_text()
    assert "://" not in pins and "@" not in pins
