"""What the README tells people to type works, from top to bottom, in one folder, in processes of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import HOUSE, blocks, clone, commands, shown, typed

README = (HOUSE / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clone(tmp_path_factory.mktemp("readme"))


def test_the_commands_work_and_print_what_the_readme_shows(place: Path) -> None:
    # `make` is what runs these tests; DuckDB's query is run below.
    printed = [typed(line, place) for line in commands(README) if not line.startswith(("make", "duckdb"))]
    assert len(printed) >= 4
    assert set(shown(README)) <= set(printed[0].splitlines())


def test_the_queries_work(place: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    if not (place / "out").exists():
        pytest.skip("the commands were not run")
    queries = re.findall(r'\$ duckdb -c "(.*)"', README)
    queries += [query for block in blocks("sql", README) for query in block.split(";") if query.strip()]
    with duckdb.connect() as base:
        for query in queries:
            assert base.sql(query.replace("'out/", f"'{place}/out/")).fetchall(), query


def test_the_python_works(place: Path) -> None:
    [code] = blocks("python", README)
    code += "\nimport json; print(json.dumps(result.manifest['counts']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["documents"]["in"] == 109


def test_the_readme_stays_short() -> None:
    assert README.count("\n") <= 120
