"""docs/queries.md: runs its queries on the seeds and writes their answers below them.

python -m tests.queries_page --update     after a change that is meant to change them; then read the diff
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.corpora import cleaned

HOUSE = Path(__file__).parent.parent
PAGE = HOUSE / "docs" / "queries.md"
_BLOCK = re.compile(r"```(sql|python)\n(.*?)```", re.DOTALL)
_ANSWER = re.compile(r"\n\n\|.*?\|(?=\n(?:\n|$))", re.DOTALL)

Answer = list[dict[str, Any]]


def answers(page: str) -> Iterator[tuple[str, list[Answer]]]:
    """Yield each section of the page without its table, and what each of its queries answers."""
    import duckdb

    head, *sections = re.split(r"(?=^## )", page, flags=re.MULTILINE)
    names: dict[str, Any] = {}
    exec(_BLOCK.search(head[head.index("```python") :])[2], names)  # type: ignore[index]
    yield head, []
    for section in sections:
        given = []
        for language, code in _BLOCK.findall(section):
            if language == "sql":
                with duckdb.connect() as base:
                    given.append(base.sql(code).to_arrow_table().to_pylist())
            else:
                exec(code, names)
                given.append(pa.table(names["answer"]).to_pylist())
        yield _ANSWER.sub("", section), [[_plain(row) for row in rows] for rows in given]


def table(answer: Answer) -> str:
    """Return the rows as a Markdown table."""
    names = list(answer[0])
    rows = [[_cell(row[name]) for name in names] for row in answer]
    lines = [names, ["--:" if isinstance(answer[0][name], (int, float)) else "---" for name in names], *rows]
    return "".join(f"\n| {' | '.join(line)} |" for line in lines)


def written() -> str:
    """Return the page with the answers of today; what is wrong with a query is raised."""
    text = ""
    for section, given in answers(PAGE.read_text("utf-8")):
        text += section.rstrip() + "\n"
        if given:
            assert given[0], f"no answer: {section[:60]}"
            assert given[0] == given[1] == given[2], f"engines do not agree: {section[:60]}\n{given}"
            text += table(given[0]) + "\n"
        text += "\n"
    return text.rstrip() + "\n"


@contextlib.contextmanager
def datasets(folder: Path) -> Iterator[None]:
    """Make the datasets that the page asks, and be where they lie."""
    (folder / "seeds").symlink_to(HOUSE / "seeds")
    before = Path.cwd()
    os.chdir(folder)
    try:
        cleaned(["seeds"], Path("out"))
        cleaned(["seeds"], Path("marked"), "dedup.documents.action=mark")
        yield
    finally:
        os.chdir(before)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "__index_level_0__"}


def _cell(value: Any) -> str:
    return str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--update", action="store_true", required=True)
    arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, datasets(Path(folder)):
        PAGE.write_text(written(), "utf-8")


if __name__ == "__main__":
    main()
