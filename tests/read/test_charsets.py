from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError, SettingsError
from pipeline.read import charsets
from pipeline.read.charsets import DAMAGED, Decoded
from pipeline.settings import ReadSettings
from tests.strategies import texts

CASES = json.loads((Path(__file__).parents[1] / "cases" / "charsets.json").read_text("utf-8"))
GERMAN = (
    "Die Brücke über den Fluß wurde früher gesperrt, als die Behörde angekündigt hatte. Für Fußgänger blieb sie offen."
)
RUSSIAN = "Мост через реку закрыли раньше, чем обещала городская служба. Пешеходы могли пройти до самого вечера."
JAPANESE = "川にかかる橋は、市が知らせたよりも早く閉じられた。歩行者は夕方まで通ることができた。"
QUOTES = (
    "The mayor said: “We’ll open the bridge – perhaps – by May.” Nobody’s surprised, least of all the ferryman’s wife."
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, Any]) -> None:
    data, settings = bytes.fromhex(case["bytes"]), ReadSettings(**case.get("settings", {}))
    if "error" in case:
        with pytest.raises(InputError) as caught:
            charsets.decode(data, settings, markup=True)
        assert str(caught.value).startswith(case["error"]), case["reason"]
        return
    found = charsets.decode(data, settings, markup=True)
    assert (found.text, found.charset) == (case["text"], case["charset"]), case["reason"]
    assert case["evidence"] in found.evidence
    assert bool(found.charset) == bool(found.evidence)


def decode(data: bytes, charset: str = "", markup: bool = False) -> Decoded:
    return charsets.decode(data, ReadSettings(charset=charset), markup)


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (GERMAN, "cp1252"),
        (QUOTES, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
    ],
)
def test_legacy_charsets_are_detected(text: str, charset: str) -> None:
    assert decode(text.encode(charset))[:2] == (text, charset)


@given(texts)
def test_utf8_is_taken_as_it_is(text: str) -> None:
    data = text.encode()
    if not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) and data.count(0) <= 0.2 * len(data):
        assert decode(data) == (text, "", "")


@given(texts, st.sampled_from(["koi8-r", "gb18030", "windows-1252", "utf-16", "no-such-charset"]))
def test_utf8_is_taken_as_it_is_whatever_it_declares(text: str, label: str) -> None:
    page = f'<meta charset="{label}"><p>{text}'
    assert decode(page.encode(), markup=True) == (page, "", "")


@given(texts, st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]))
def test_a_mark_decides(text: str, charset: str) -> None:
    text = f"a{text}"
    assert decode(f"\ufeff{text}".encode(charset), "cp1252") == (text, charset, "byte order mark")
    assert decode(b"\xef\xbb\xbf" + text.encode(), "cp1252").text == text


def test_utf16_without_a_mark_shows_itself() -> None:
    assert decode((QUOTES + GERMAN).encode("utf-16-le"))[:2] == (QUOTES + GERMAN, "utf-16-le")


def test_a_lone_surrogate_and_an_odd_byte_in_utf16_become_u_fffd() -> None:
    assert decode(b"\xff\xfea\x00\x00\xd8b\x00c", "").text == "a\ufffdb\ufffd"


def test_nul_in_utf8_is_kept() -> None:
    assert decode(b"The bridge\0 is open again, caf\xc3\xa9").text == "The bridge\0 is open again, café"


def test_damaged_utf8_is_not_read_as_something_else() -> None:
    found = decode(GERMAN.encode() + b" \xff\xfe und mehr \xc3")
    assert found == (f"{GERMAN} \ufffd\ufffd und mehr \ufffd", DAMAGED, "3 U+FFFD")


def test_the_charset_that_is_named_is_taken_at_its_word() -> None:
    assert decode(RUSSIAN.encode("koi8-r"), "koi8-r") == (RUSSIAN, "koi8-r", "by setting")
    assert decode(b"plain", "utf-8") == ("plain", "", "")
    with pytest.raises(InputError, match=r"is not utf-8 \(byte 4\): give another --encoding"):
        decode(b"caf\xe9", "utf-8")


def test_a_charset_that_is_not_ascii_is_decoded_as_a_whole() -> None:
    assert decode("two\nlines".encode("cp037"), "cp037") == ("two\nlines", "cp037", "by setting")


@pytest.mark.parametrize("charset", ["utf-9", "rot13", "base64"])
def test_a_charset_that_does_not_exist_is_a_setting_error(charset: str) -> None:
    with pytest.raises(SettingsError, match="no charset that Python knows"):
        charsets.check(charset)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + random.Random(1).randbytes(2000), "image/png"),
        (b"\x1f\x8b\x08\x00" + random.Random(2).randbytes(2000), "application/gzip"),
        (random.Random(3).randbytes(5000), "unknown kind"),
        (bytes(5000), "unknown kind"),
    ],
)
def test_binary_data_is_refused_by_its_kind(data: bytes, kind: str) -> None:
    with pytest.raises(InputError, match=f"is not text: it looks like binary data .*{kind}"):
        decode(data, "")


@given(st.binary(max_size=300))
def test_whatever_the_bytes_there_is_text_or_a_sentence(data: bytes) -> None:
    try:
        decode(data, "").text.encode()
    except InputError as error:
        assert "is not text" in str(error)


@given(texts, st.integers(1, 7))
def test_transcoding_does_not_depend_on_the_blocks(text: str, step: int) -> None:
    data = text.encode("utf-16-le")
    blocks = [data[start : start + step] for start in range(0, len(data), step)]
    assert b"".join(charsets.transcode(blocks, "utf-16-le")) == text.encode()


def test_a_sample_cut_within_a_character_is_not_binary() -> None:
    data = (GERMAN * 2000).encode()
    for cut in range(charsets.SAMPLE_BYTES - 4, charsets.SAMPLE_BYTES + 4):
        assert charsets.binary(data[:cut]) == ""
