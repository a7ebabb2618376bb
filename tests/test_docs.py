"""The pages of docs/: their commands, queries, files and links work; those that are made are as they would be made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.boilerplate.rules import read
from pipeline.configuration import load
from tests import generated_docs
from tests.documents import DOCS, HOUSE, blocks, called, clone, commands, named_files, shown

PAGES = {path.name: path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}
#: Pages whose commands need more than this folder, and the test that runs them.
ELSEWHERE = {"answers.md": "tests/answers/test_docs.py", "scheduling.md": "tests/flows/test_scheduling.py"}
#: The same for Python, and queries.
PYTHON_ELSEWHERE = {
    "datasketch.md": "tests/dedup/test_redis.py",
    "python.md": "tests/test_docs_python.py",
    "queries.md": "tests/test_docs_python.py",
    "stores.md": "tests/test_stored.py",
}
TYPED = [name for name, text in PAGES.items() if commands(text) and name not in ELSEWHERE]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a fresh clone, in which the first page has been followed and the files of all pages lie."""
    folder = clone(tmp_path_factory.mktemp("docs"))
    for text in PAGES.values():
        for name, content in named_files(text).items():
            (folder / name).write_text(content, "utf-8")
    return folder


@pytest.fixture(scope="module")
def followed(place: Path) -> dict[str, str]:
    """Every command that was run, and what it printed: pages share them, so nothing is run twice."""
    known: dict[str, str] = {}
    follow("start.md", place, known)
    return known


def follow(name: str, place: Path, known: dict[str, str]) -> str:
    """Run the commands of a page that no page before it has run, and again what it has twice; return what they print."""
    printed: list[str] = []
    here = commands(PAGES[name])
    for number, command in enumerate(here):
        if command not in known or command in here[:number]:
            known[command] = called(command, place)
        printed.append(known[command])
    return "".join(printed)


@pytest.mark.parametrize("name", TYPED)
def test_the_commands_work_and_print_what_is_shown(name: str, place: Path, followed: dict[str, str]) -> None:
    printed = follow(name, place, followed)
    assert set(shown(PAGES[name])) <= set(printed.splitlines())


def test_scaling_has_the_figures_that_advise_gives(place: Path, followed: dict[str, str]) -> None:
    told = follow("scaling.md", place, followed)
    assert "1.4 TB needed all the while, 9.8 TB when nothing goes to disk" in told
    assert "34.3 GB needed all the while, 245.6 GB when nothing goes to disk" in told


@pytest.mark.parametrize(
    "name", [name for name, text in PAGES.items() if blocks("sql", text) and name not in PYTHON_ELSEWHERE]
)
def test_the_queries_work(name: str, place: Path, followed: dict[str, str]) -> None:
    duckdb = pytest.importorskip("duckdb")
    if name in TYPED:
        follow(name, place, followed)
    with duckdb.connect() as base:
        for query in [query for block in blocks("sql", PAGES[name]) for query in block.split(";") if query.strip()]:
            assert base.sql(re.sub(r"'(\w+)/", rf"'{place}/\1/", query)).fetchall(), query


@pytest.mark.parametrize(
    "name", [name for name in PAGES if blocks("python", PAGES[name]) and name not in PYTHON_ELSEWHERE]
)
def test_the_python_works(name: str, place: Path, followed: dict[str, str]) -> None:
    code = "\n".join(blocks("python", PAGES[name]))
    done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_files_that_pages_show_can_be_taken(tmp_path: Path) -> None:
    for name, text in PAGES.items():
        for number, content in enumerate(blocks("toml", text)):
            file = tmp_path / f"{name}-{number}.toml"
            file.write_text(content, "utf-8")
            assert read(file) if "[[rule]]" in content else load(str(file), [])


@pytest.mark.parametrize("name", generated_docs.PAGES)
def test_made_pages_are_as_they_would_be_made(name: str) -> None:
    assert PAGES[name] == generated_docs.PAGES[name](), "python -m tests.generated_docs --update"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *(f"docs/{name}" for name in PAGES)])
def test_links_lead_somewhere(page: str) -> None:
    file = HOUSE / page
    for link in LINK.findall(re.sub(r"```.*?```|<!--.*?-->", "", file.read_text("utf-8"), flags=re.DOTALL)):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), f"{page} links to {link}"
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), f"{page} links to {link}"


def anchors(text: str) -> set[str]:
    """Return what forges and mkdocs call the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def test_pages_are_short_and_each_is_in_the_index_and_the_menu() -> None:
    menu = (HOUSE / "mkdocs.yml").read_text("utf-8")
    for name, text in PAGES.items():
        assert text.count("\n") <= 150 or name in {*generated_docs.PAGES, "queries.md"}, name
        assert name == "index.md" or f"]({name})" in PAGES["index.md"], name
        assert name in menu, name


def test_pages_that_are_tested_elsewhere_are_so() -> None:
    for name, test in (ELSEWHERE | PYTHON_ELSEWHERE).items():
        assert name in (HOUSE / test).read_text("utf-8"), name


@pytest.mark.skipif(not os.environ.get("CORPUSMILL_SLOW"), reason="8 s; needs pip install '.[docs]'")
def test_mkdocs_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "site").glob("*/index.html"))
    assert len(pages) >= len(PAGES) - 1
    assert not [
        page for page in pages if re.search(r'(?:src|href)="https?://(?!127)[^"]*\.(?:js|css)', page.read_text("utf-8"))
    ]
