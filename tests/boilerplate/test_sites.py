from __future__ import annotations

import pyarrow as pa
import pytest

from pipeline.boilerplate.sites import names

COLUMNS = pa.schema([(name, pa.string()) for name in ("url", "site", "source")])


def named(url: str | None = None, site: str | None = None, source: str = "in/news/a.jsonl") -> str:
    table = pa.Table.from_pylist([{"url": url, "site": site, "source": source}], schema=COLUMNS)
    found: str = names(table)[0].as_py()
    return found


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.arlen.co.uk/a?b=c#d", "arlen.co.uk"),
        ("http://user:word@News.Arlen.Example:8080/x", "arlen.example"),
        ("//blog.arlen.example", "arlen.example"),
        ("arlen.example/path", "arlen.example"),
        (" https://arlen.example. ", "arlen.example"),
        ("https://one.github.io/", "one.github.io"),
        ("https://münchen.de/x", "münchen.de"),
        ("http://10.0.0.1/x", "10.0.0.1"),
        ("http://localhost:3000/x", "localhost"),
        ("https://co.uk/", "co.uk"),
    ],
)
def test_registered_domains(url: str, expected: str) -> None:
    assert named(url=url, site="else") == expected


@pytest.mark.parametrize("url", [None, "", "  ", "not an address", "mailto:a", "/path/only"])
def test_else_the_column_else_the_folder(url: str | None) -> None:
    assert named(url=url, site=" Arlen Courier ") == "arlen courier"
    assert named(url=url, site=" ") == "in/news"
    assert named(url=url) == "in/news"
    assert named(url=url, source="Lone.txt") == "lone.txt"
    assert named(url=url, source="-") == "-"


def test_chunks_and_missing_columns() -> None:
    table = pa.table({"source": ["a/b.txt", "c/d.txt"], "url": ["https://x.example", None]})
    assert names(pa.concat_tables([table, table])).to_pylist() == ["x.example", "c"] * 2
    assert names(table.select(["source"])).to_pylist() == ["a", "c"]
    assert names(table.slice(0, 0)).to_pylist() == []
