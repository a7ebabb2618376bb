from __future__ import annotations

import warnings

import pytest
from chardet.registry import REGISTRY
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read import detection
from pipeline.read.detection import detect, fits, fitting, superset, text

RUSSIAN = "Мост через реку закрыли раньше, чем обещала городская служба. Пешеходы могли пройти до самого вечера."


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ISO-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("windows-1251", "cp1251"),
        ("windows-874", "cp874"),
        ("GB2312", "gb18030"),
        ("x-gbk", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("x-sjis", "cp932"),
        ("windows-31j", "cp932"),
        ("x-euc-jp", "euc_jp"),
        ("Big5", "cp950"),
        ("x-user-defined", "cp1252"),
        ("utf8", "utf-8"),
        ("utf-7", ""),
        ("unicode_escape", ""),
        ("rot13", ""),
        ("base64", ""),
        ("no-such-charset", ""),
        ("a\0b", ""),
        ("é", ""),
        ("", ""),
    ],
)
def test_labels_are_read_as_browsers_do(label: str, expected: str) -> None:
    assert superset(label) == expected


def test_names_are_those_that_chardet_knows() -> None:
    assert set(REGISTRY) >= detection.LATIN | detection._NOT_LATIN | detection._RARE | detection._SETTLED


def test_the_first_bytes_above_ascii_are_looked_at() -> None:
    data = b"Open at nine.\n" * 20_000 + RUSSIAN.encode("koi8-r")
    assert detect(data).charset == "koi8-r"


def test_undefined_bytes_of_windows_are_c1_controls() -> None:
    assert text(b"\x80\x81\x9d", "cp1252") == "€\x81\x9d"
    assert fits(b"\x81", "cp1252")
    assert text(b"\x81", "cp932") == "\ufffd"
    assert not fits(b"\x81", "cp932")


def test_extensions_are_taken_where_they_are_needed() -> None:
    assert fitting("約翰".encode("cp950"), "cp950") == "cp950"
    assert fitting("㗎".encode("big5hkscs"), "cp950") == "big5hkscs"
    assert fitting(b"\xff\xff", "cp950") == "cp950"


@given(st.binary(min_size=1, max_size=120))
def test_any_bytes_give_a_charset_of_python_and_no_warning(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = detect(data)
    assert 0 <= found.confidence <= 1
    if found.charset:
        text(data, found.charset)
