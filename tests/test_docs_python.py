"""docs/queries.md and docs/python.md: what they say to type works, and prints what they show."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import queries_page

HOUSE = Path(__file__).parent.parent


def test_the_answers_on_the_page_are_those_of_the_engines(tmp_path: Path) -> None:
    for engine in ("duckdb", "polars", "pandas"):
        pytest.importorskip(engine, reason="dev extra")
    with queries_page.datasets(tmp_path):
        assert queries_page.written() == queries_page.PAGE.read_text("utf-8")


def test_the_page_on_python_works_without_a_guard(tmp_path: Path) -> None:
    for engine in ("duckdb", "polars", "pandas"):
        pytest.importorskip(engine, reason="dev extra")
    (tmp_path / "seeds").symlink_to(HOUSE / "seeds")
    text = (HOUSE / "docs" / "python.md").read_text("utf-8")
    (tmp_path / "page.py").write_text("".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), "utf-8")
    code = f"import sys, runpy; sys.path.insert(0, {str(HOUSE)!r}); runpy.run_path('page.py')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "'in': 109" in done.stdout and "A bridge – the oldest of all.  1911" in done.stdout
