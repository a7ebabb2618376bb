"""What the README tells people to type works, from top to bottom, in one folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.boilerplate.rules import read

HOUSE = Path(__file__).parent.parent
README = (HOUSE / "README.md").read_text("utf-8")
#: The queries of docs/queries.md are run by tests/test_docs_python.py.
PAGES = [path for path in sorted((HOUSE / "docs").glob("*.md")) if path.name != "queries.md"]
DOCS = "".join(path.read_text("utf-8") for path in PAGES)


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a fresh clone: the samples and the flows are in it."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("seeds", "flows", "pipeline", "tests", "prefect.toml"):
        (folder / name).symlink_to(HOUSE / name)
    return folder


def test_the_commands_work_and_print_what_the_readme_shows(place: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    lines = [line for block in blocks("console") for line in block.splitlines()]
    typed = [line[2:].split("  #")[0].strip() for line in lines if line.startswith("$ ")]
    commands = [line for line in typed if not line.startswith(("make", "duckdb"))]
    assert len(commands) >= 7
    shown = [line for line in lines if not line.startswith("$") and line != "..."]
    for number, command in enumerate(commands):
        done = subprocess.run(
            command, shell=True, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        if number == 0:
            assert [line for line in shown if line not in done.stdout.splitlines()] == []


def test_the_queries_work(place: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    if not (place / "out").exists():
        pytest.skip("the commands were not run")
    queries = re.findall(r'\$ duckdb -c "(.*)"', README)
    queries += [query for block in blocks("sql", README + DOCS) for query in block.split(";") if query.strip()]
    with duckdb.connect() as base:
        for query in queries:
            assert base.sql(query.replace("'out/", f"'{place}/out/")).fetchall(), query


def test_the_python_works(place: Path) -> None:
    [code] = blocks("python")
    code += "\nimport json; print(json.dumps(result.manifest['counts']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["documents"]["in"] == 109


def test_the_python_of_the_docs_works(place: Path) -> None:
    # That of docs/datasketch.md is run by tests/dedup/test_redis.py.
    if not (place / "out").exists():
        pytest.skip("the commands were not run")
    for code in blocks("python", (HOUSE / "docs" / "boilerplate.md").read_text("utf-8")):
        done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_rules_of_the_docs_can_be_taken(tmp_path: Path) -> None:
    for number, rules in enumerate(blocks("toml", DOCS)):
        file = tmp_path / f"{number}.toml"
        file.write_text(rules, "utf-8")
        assert read(file)


def test_the_commands_on_scaling_work(place: Path) -> None:
    # Its Python is run by tests/read/test_storage.py, what needs a cluster by tests/flows/test_dask.py.
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    text = (HOUSE / "docs" / "scaling.md").read_text("utf-8")
    told = ""
    for command in [line[2:] for block in blocks("console", text) for line in block.splitlines()]:
        done = subprocess.run(
            command, shell=True, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        told += done.stdout
    assert "1.4 TB needed all the while, 9.8 TB when nothing goes to disk" in told
    assert "34.3 GB needed all the while, 245.6 GB when nothing goes to disk" in told


def test_the_commands_on_versions_work(place: Path) -> None:
    if not (place / "out").exists():
        pytest.skip("the commands were not run")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    text = (HOUSE / "docs" / "versions.md").read_text("utf-8")
    commands = [line[2:] for block in blocks("console", text) for line in block.splitlines()]
    for command in [*commands, f"python -c '{blocks('python', text)[0]}'"]:
        done = subprocess.run(
            command, shell=True, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
