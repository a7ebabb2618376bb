from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.kernels.json_strings import PAD, unescape
from pipeline.kernels.objects import BLANK, READ, UNSURE, Lines, Room, read_lines

LONGEST = 10_000
names = st.sampled_from(["text", "id", "title", 'te"xt', "Text", "ключ", ""])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
objects = st.dictionaries(names, values, max_size=5)
written = st.builds(
    lambda value, ascii_only, spaces: json.dumps(
        value, ensure_ascii=ascii_only, separators=(", ", ": ") if spaces else (",", ":")
    ).encode("utf-8", "surrogatepass"),
    objects | values,
    st.booleans(),
    st.booleans(),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A line with a few bytes changed, left out or put in."""
    line = bytearray(draw(written))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(line)))
        line[at : at + draw(st.integers(0, 2))] = draw(
            st.sampled_from(
                [b"", b'"', b"\\", b",", b"}", b"\xc3", b"\xff", b"e", b"0", b"\t", b"\\u", b"\\ud800", b"[", b"\x00"]
            )
        )
    return bytes(line)


def found(data: bytes, longest: int = LONGEST) -> Lines:
    buffer = np.empty(len(data) + PAD, dtype=np.uint8)
    buffer[: len(data)] = np.frombuffer(data, dtype=np.uint8)
    return read_lines(buffer, len(data), b"text", b"id", longest, Room())


def strings(data: np.ndarray[Any, Any], offsets: np.ndarray[Any, Any]) -> list[bytes]:
    return [data[a:b].tobytes() for a, b in pairwise(offsets)]


def check(data: bytes) -> None:
    """Whatever the kernel reads, orjson reads the same; the rest it leaves."""
    lines = found(data)
    pieces = data.split(b"\n")
    if not pieces[-1]:
        pieces.pop()
    assert [data[a:b] for a, b in zip(lines.begin, lines.end, strict=True)] == pieces
    read = iter(
        zip(strings(lines.texts, lines.text_offsets), strings(lines.ids, lines.id_offsets), lines.raw, strict=True)
    )
    for piece, kind in zip(pieces, lines.kind, strict=True):
        if kind == BLANK:
            assert not piece.strip()
        if kind != READ:
            continue
        value = orjson.loads(piece)
        text, name, (begin, end) = next(read)
        assert type(value) is dict
        assert text == (value.get("text") or "").encode()
        assert (begin < 0) == (value.get("text") is None)
        assert name == ("" if value.get("id") is None else str(value["id"])).encode()
        if begin >= 0:
            assert json.loads(b'"' + data[begin:end] + b'"').encode() == text


@settings(max_examples=400)
@given(st.lists(damaged() | written | st.binary(max_size=20), max_size=6), st.sampled_from([b"\n", b"\r\n"]))
@example([b'{"text":"a","text":"b"}', b'{"id":-0}', b'{"id":"\\u0020"}', b'{"text":"\\ud83d\\ude00\\u00e9"}'], b"\n")
def test_what_the_kernel_reads_orjson_reads_alike(lines: list[bytes], end: bytes) -> None:
    check(end.join(lines))


@given(
    st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.text("abc-019", min_size=1)), max_size=5),
    st.booleans(),
)
def test_plain_lines_are_never_left_to_the_full_parser(rows: list[tuple[str, str]], ascii_only: bool) -> None:
    data = "\n".join(
        json.dumps(
            {"id": name, "tags": ["a", {"b": 1.5e3}], "n": -12, "text": text, "ok": None}, ensure_ascii=ascii_only
        )
        for text, name in rows
    ).encode()
    lines = found(data)
    assert (lines.kind == READ).all()
    assert strings(lines.texts, lines.text_offsets) == [text.encode() for text, _ in rows]
    assert strings(lines.ids, lines.id_offsets) == [name.encode() for _, name in rows]


@pytest.mark.parametrize(
    ("line", "kind", "reason"),
    [
        (b'{"text": "a", "id": 7}', READ, "a number is an id as it is written"),
        (b'{"text": null}', READ, "no text is no error"),
        (b'  {"x": {}, "y": [], "z": [[], {"a": {}}]} \r', READ, "empty lists and objects, white space around"),
        (b" \t\r", BLANK, "only white space"),
        (b'{"text": 7}', UNSURE, "text that is none is refused by the full parser, with a reason"),
        (b'{"text": "a"', UNSURE, "cut off"),
        (b'{"text": "a"} x', UNSURE, "something behind the object"),
        (b'{"text": "\\ud800"}', UNSURE, "a lone surrogate"),
        (b'{"text": "caf\xe9"}', UNSURE, "not UTF-8"),
        (b'{"text": "\xed\xa0\x80"}', UNSURE, "a surrogate as UTF-8"),
        (b'{"te\\u0078t": "a"}', UNSURE, "a key that is only the same once it is decoded"),
        (b'{"text": "a", "text": "b"}', UNSURE, "which of two is taken is the full parser's business"),
        (b'{"id": " "}', UNSURE, "a blank id"),
        (b'{"id": 1.0}', UNSURE, "how a float is written as an id is the full parser's business"),
        (b'{"n": 01}', UNSURE, "a number with a leading zero"),
        (b'{"n": 1e999}', UNSURE, "a number beyond doubles"),
        (b'{"n": NaN}', UNSURE, "not JSON, but read by the full parser"),
        (b'{"n": [1,]}', UNSURE, "a comma too many"),
        (b'{"n": [1}', UNSURE, "brackets that do not match"),
        (b"[" * 100 + b"]" * 100, UNSURE, "no object"),
        (b'{"n": ' + b"[" * 100 + b"]" * 100 + b"}", UNSURE, "deep"),
        (b'{"n": "' + b"x" * LONGEST + b'"}', UNSURE, "too long"),
    ],
)
def test_single_lines(line: bytes, kind: int, reason: str) -> None:
    assert found(line).kind.tolist() == [kind], reason
    check(line)


@pytest.mark.parametrize("special", ['"', "\\", "\n", "é", "漢", "😀"])
def test_no_place_within_a_block_is_overlooked(special: str) -> None:
    texts = ["a" * before + special * times + "b" * 40 for before in range(70) for times in (1, 3)]
    lines = found("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts).encode())
    assert set(lines.kind) == {READ}
    assert [text.decode() for text in strings(lines.texts, lines.text_offsets)] == texts


@pytest.mark.parametrize("wrong", [b"\x00", b"\x1f", b"\x80", b"\xc3", b"\xe9a", b"\\x"])
def test_nothing_wrong_within_a_block_is_overlooked(wrong: bytes) -> None:
    data = b"".join(b'{"text": "' + b"a" * before + wrong + b"b" * 40 + b'"}\n' for before in range(70))
    assert set(found(data).kind) == {UNSURE}


def test_many_short_lines_grow_the_arrays() -> None:
    assert len(found(b"{}\n" * 5000).kind) == 5000


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.booleans()), max_size=6))
def test_unescape_is_the_inverse_of_json(rows: list[tuple[str, bool]]) -> None:
    inside = [json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode() for text, ascii_only in rows]
    offsets = np.cumsum([0, *(len(part) for part in inside)]).astype(np.int64)
    data = np.frombuffer(b"".join(inside) + b"\0" * PAD, dtype=np.uint8).copy()
    assert strings(*unescape(data, offsets, np.ones(len(rows), dtype=bool))) == [text.encode() for text, _ in rows]
