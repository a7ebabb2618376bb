"""The result is ftfy's own, the screen is sound, every change is on record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ftfy
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.clean.repair import configuration, repair
from pipeline.clean.screen import suspects
from pipeline.settings import EncodingSettings

CASES = json.loads((Path(__file__).parent.parent / "cases" / "encoding.json").read_text("utf-8"))

#: Pieces that ftfy acts on, or nearly, to be strung together.
PIECES = st.sampled_from(
    ["â€™", "â€œ", "Ã©", "Ã ", " Â ", "Ð¿", "РїСЂ", "Ã¢â‚¬â„¢", "√©", "‚Äô", "à²", "ØØ§", "×‘", "вЂ", "β€™", "ā€", "Ăł",
     "&amp;", "&eacute;", "&EACUTE;", "&#8217;", "&#x92;", "&amp;lt;", "&nosuch;", "&amp", "<", ">", "\x1b[31m", "\x1b[", "ﬁ", "Ĳ",
     "ｆｕｌｌ", "，", "ﾊﾟ", "“", "’", "\u02bc", "\x80", "\x85", "\x92", "\x9d", "\xa0", "\xad", "e\u0301", "\u0344", "\u1100\u1161", "Å", "Ω",
     "\r", "\r\n", "\n", "\u2028", "\u2029", "\x0c", "\x00", "\x07", "\x7f", "\ufeff", "\ufffd", "\u200b", "\u202e", "€", "œ", "Œ ",
     "a", "é", "ü", "ß", "Ñ", "ñ", "£", "°", "²", "½", "…", "–", "»", "«", "¿", "т", "Гў", "ВЂ", "中", "カ", "ก", " ", "  ", "A", "1", "."]
)  # fmt: skip
nasty = st.lists(PIECES, max_size=12).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)

CONFIGURATIONS = [
    EncodingSettings(whitespace=False),
    EncodingSettings(whitespace=False, uncurl_quotes=True, fix_character_width=True, normalization="NFKC"),
    EncodingSettings(whitespace=False, unescape_html=True, fix_encoding=False, normalization="NFD"),
    EncodingSettings(whitespace=False, unescape_html=False, restore_byte_a0=False, replace_lossy_sequences=False, normalization="off"),
    EncodingSettings(whitespace=False, fix_c1_controls=False, fix_line_breaks=False, remove_control_chars=False, fix_latin_ligatures=False,
                     remove_terminal_escapes=False, decode_inconsistent_utf8=False, max_decode_length=1000),
]  # fmt: skip


def strings(*texts: str | None) -> pa.Array:
    return pa.array(texts, pa.large_string())


def edits_of(*texts: str | None, **settings: Any) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in repair(strings(*texts), EncodingSettings(**settings))[1].to_pylist()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, str]) -> None:
    texts, edits = repair(strings(case["input"]), EncodingSettings())
    assert texts.to_pylist() == [case["expected"]], case["reason"]
    assert bool(edits.num_rows) == (case["input"] != case["expected"])
    assert repair(texts, EncodingSettings())[0].equals(texts)


@pytest.mark.parametrize("settings", CONFIGURATIONS, ids=range(len(CONFIGURATIONS)))
@given(texts=st.lists(nasty, min_size=1, max_size=4))
@example(texts=["x" * 999 + "â€™ &amp; " * 200 + "<" + "&amp;" * 300])
@example(texts=["^Ã à\n Ã à"])
def test_the_result_is_ftfys(settings: EncodingSettings, texts: list[str]) -> None:
    config = configuration(settings)
    assert repair(strings(*texts), settings)[0].to_pylist() == [ftfy.fix_text(text, config) for text in texts]


@pytest.mark.parametrize("settings", CONFIGURATIONS, ids=range(len(CONFIGURATIONS)))
@given(text=nasty)
def test_the_screen_is_sound(settings: EncodingSettings, text: str) -> None:
    config = configuration(settings)
    assert suspects(strings(text), config)[0] or ftfy.fix_text(text, config) == text


def test_the_screen_lets_clean_text_through() -> None:
    clean = [
        case["input"] for case in CASES if case["label"].startswith("NEGATIVE") and "ampersand" not in case["label"]
    ]
    assert not suspects(strings(*clean), configuration(EncodingSettings())).any()


def test_every_option_of_ftfy_is_a_setting() -> None:
    ours = set(EncodingSettings.model_fields) - {"enabled", "whitespace"}
    assert ours == set(ftfy.TextFixerConfig._fields) - {"explain"}


def test_edits_name_the_steps_the_line_and_both_texts() -> None:
    text = "clean\nIt wasnâ€™t &amp; is\r\nclean"
    assert edits_of(text) == [
        (0, 1, "unescape_html+encode:sloppy-windows-1252+decode:utf-8+fix_line_breaks", "It wasnâ€™t &amp; is\r", "It wasn’t & is")
    ]  # fmt: skip


def test_line_ends_and_white_space_are_one_edit_a_document() -> None:
    assert edits_of("a\r\nb\r\nc\r\n") == [(0, 0, "fix_line_breaks", None, None)]
    assert edits_of("a  b\nc \n") == [(0, 0, "whitespace", None, None)]
    assert edits_of("x", "so\u00adft\nso\u00adft") == [(1, 0, "invisible", "so\u00adft", "soft")]


def test_edits_replay() -> None:
    """The line an edit names holds what the edit says it became."""
    plain = EncodingSettings(whitespace=False)
    for case in CASES:
        lines = repair(strings(case["input"]), plain)[0][0].as_py().split("\n")
        for _, line, _, before, after in edits_of(case["input"], whitespace=False):
            if before is not None:
                assert lines[line : line + after.count("\n") + 1] == after.split("\n")


def test_nulls_stay_null_and_off_means_off() -> None:
    texts = strings(None, "itâ€™s  late", "")
    off = EncodingSettings(enabled=False, whitespace=False)
    assert repair(texts, off)[0].equals(texts)
    assert repair(texts, EncodingSettings())[0].to_pylist() == [None, "it’s late", ""]


def test_equal_lines_of_many_documents_give_equal_results() -> None:
    texts, edits = repair(strings(*["itâ€™s"] * 50, "<\nitâ€™s &amp;", "itâ€™s &amp;"), EncodingSettings())
    assert texts.to_pylist() == ["it’s"] * 50 + ["<\nit’s &amp;", "it’s &"]
    assert edits.num_rows == 52
