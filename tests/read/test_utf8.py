from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read import utf8
from tests.strategies import texts


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("é".encode() + b" nobody\x92s", "é nobody’s"),
        ("é".encode() + b" \xa35", "é £5"),
        ("é".encode() + b" cr\xe9\xe9e", "é créée"),
        ("é".encode() + b" f\xc3r", "é f\ufffdr"),
        ("é".encode() + b" f\xc2 r", "é f\ufffd r"),
        ("é".encode() + b" \xe2\x80 r", "é \ufffd r"),
        ("é".encode() + b" a\xff", "é a\ufffd"),
        ("é".encode() + b"\x92", "é\ufffd"),
        (b" \xe9\xe9 " + "é".encode(), " \ufffd\ufffd é"),
    ],
)
def test_strays_and_damage(data: bytes, expected: str) -> None:
    assert utf8.mended(data, "cp1252") == expected
    assert utf8.has_strays(data) == (utf8.mended(data, "") != expected)


@given(texts)
def test_sound_utf8_has_no_strays_and_is_not_changed(text: str) -> None:
    data = text.encode()
    assert utf8.is_sound(data)
    assert not utf8.has_strays(data)
    assert utf8.mended(data, "cp1252") == text
    assert utf8.cut_tail(data) == 0
    assert utf8.without_sequences(data) == bytes(byte for byte in data if byte < 128)
    assert utf8.is_ascii(data) == text.isascii()


@given(texts, st.characters(min_codepoint=128, exclude_categories=["Cs"]), st.data())
def test_a_cut_sequence_at_the_end_is_found(text: str, char: str, data: st.DataObject) -> None:
    whole = char.encode()
    kept = data.draw(st.integers(1, len(whole) - 1))
    assert utf8.cut_tail(text.encode() + whole[:kept]) == kept
