from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.read import jsonl, lines
from pipeline.read.json_texts import Space, cut
from pipeline.read.lines import Line
from tests.read.whole import read_whole
from tests.strategies import texts

scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(texts, scalars, max_size=3)
objects = st.dictionaries(texts, values, max_size=3)
written = st.tuples(objects, texts | values, st.booleans(), st.sampled_from([(",", ":"), (" , ", " : ")]))


def line_of(fields: dict[str, Any], text: Any, plain: bool, separators: tuple[str, str]) -> bytes:
    return json.dumps({**fields, "text": text}, ensure_ascii=plain, separators=separators).encode()


#: What no kernel should be sure of, and what it may be.
odd = st.sampled_from(
    [
        b"",
        b"  ",
        b"[1]",
        b'"text"',
        b'{"text": "a"',
        b'{"text": "a"} x',
        b'{"text": "a", "text": "b"}',
        b'{"te\\u0078t": "a"}',
        b'{"text": "\\ud800"}',
        b'{"text": "caf\xe9"}',
        b'{"text": NaN}',
        b'{"text": "a", "n": -Infinity}',
        b'{"a": {"text": "inner"}, "text": "outer"}',
        b'{"a": {"text": "inner"}}',
        b'{"text": "a", "deep": ' + b"[" * 80 + b"]" * 80 + b"}",
        b'\xef\xbb\xbf{"text": "a"}',
    ]
)
anything = st.lists(written.map(lambda parts: line_of(*parts)) | odd, max_size=12)


@given(st.lists(written, max_size=6))
def test_what_is_cut_out_and_what_is_left_make_the_line(rows: list[Any]) -> None:
    data = [line_of(*row) for row in rows]
    parts = cut([Line(number, line, True) for number, line in enumerate(data, 1)], "text", 1 << 20, Space())
    for line, place, rest in zip(data, parts.place, parts.rest, strict=True):
        value = orjson.loads(line)
        if place < 0:
            assert rest == line
        else:
            assert orjson.loads(rest) == {**value, "text": ""}
            assert parts.texts[place].as_py() == value["text"]


def test_a_plain_line_is_cut() -> None:
    parts = cut([Line(1, b'{"n": 1, "text": "a\\n\\u00e9"}', True)], "text", 100, Space())
    assert parts.texts.to_pylist() == ["a\né"]
    assert parts.rest == [b'{"n": 1, "text": ""}']


def test_lines_longer_than_allowed_are_not() -> None:
    parts = cut([Line(1, b'{"text": "abc"}', False), Line(2, b'{"text": "abc"}', True)], "text", 10, Space())
    assert parts.place == [-1, -1]


@given(anything)
@settings(max_examples=150, deadline=None)
def test_a_batch_that_is_cut_gives_what_the_full_parser_gives(rows: list[bytes]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "a.jsonl")
        path.write_bytes(b"\n".join([b'{"text": "first", "n": 1}', *rows]))
        patch.setattr(lines, "BATCH_ROWS", 3)
        quick = read_whole(path, text_column="text")
        patch.setattr(jsonl, "cut", lambda *_: None)
        full = read_whole(path, text_column="text")
    assert quick.documents == full.documents
    assert quick.quarantine == full.quarantine
    assert quick.ledger == full.ledger
    assert [table.to_pylist() for table in quick.extra] == [table.to_pylist() for table in full.extra]
