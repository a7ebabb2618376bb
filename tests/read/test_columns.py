from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import InputError
from pipeline.read.columns import Columns, choose
from pipeline.settings import ReadSettings


@pytest.mark.parametrize(
    ("names", "options", "taken"),
    [
        (["text"], {}, Columns("text", "", "", "", "", "")),
        (["body", "content"], {}, Columns("content", "", "", "", "", "")),
        (["Article", "ID", "Headline", "LINK", "Published_At", "Site"], {},
         Columns("Article", "ID", "Headline", "LINK", "Published_At", "Site")),
        (["id", "doc_id", "text"], {}, Columns("text", "doc_id", "", "", "", "")),
        ([" text ", "date"], {}, Columns(" text ", "", "", "", "date", "")),
        (["text", "raw", "key"], {"text_column": "raw", "id_column": "key"}, Columns("raw", "key", "", "", "", "")),
    ],
)  # fmt: skip
def test_the_columns_taken(names: list[str], options: dict[str, Any], taken: Columns) -> None:
    assert choose(names, ReadSettings(**options)) == taken


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        (["a", "b"], {}, r"has no column of text; it has `a`, `b`: name one with --text-column"),
        ([], {}, r"no columns"),
        (["text"], {"date_column": "day"}, r"has no column `day`; it has `text`: name another with --date-column"),
        (["Text"], {"text_column": "text"}, r"has no column `text`"),
        ([f"c{i}" for i in range(30)], {}, r"and 10 more"),
    ],
)
def test_what_is_missing_is_said(names: list[str], options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        choose(names, ReadSettings(**options))
