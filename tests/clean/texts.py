"""Texts and configurations that the tests of this room share."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
from hypothesis import strategies as st

from pipeline.settings import EncodingSettings

CASES = json.loads((Path(__file__).parent.parent / "cases" / "encoding.json").read_text("utf-8"))

#: Pieces that ftfy acts on, or nearly, to be strung together.
PIECES = st.sampled_from(
    ["â€™", "â€œ", "â€�", "Ã©", "Ã ", " Â ", "Ð¿", "РїСЂ", "Ã¢â‚¬â„¢", "√©", "‚Äô", "à²", "ØØ§", "×‘", "вЂ", "β€™", "ā€", "Ăł", "í\xa0\x80", "À\x80",
     "&amp;", "&eacute;", "&EACUTE;", "&#8217;", "&#x92;", "&amp;lt;", "&nosuch;", "&amp", "<", ">", "\x1b[31m", "\x1b[", "ﬁ", "Ĳ",
     "ｆｕｌｌ", "，", "ﾊﾟ", "“", "’", "\u02bc", "\x80", "\x85", "\x92", "\x9d", "\xa0", "\xad", "e\u0301", "\u0344", "\u1100\u1161", "Å", "Ω",
     "\r", "\r\n", "\n", "\u2028", "\u2029", "\x0c", "\x00", "\x07", "\x7f", "\ufeff", "\ufffd", "\u200b", "\u202e", "€", "œ", "Œ ",
     "a", "é", "ü", "ß", "Ñ", "ñ", "£", "°", "²", "½", "…", "–", "»", "«", "¿", "т", "Гў", "ВЂ", "中", "カ", "ก", " ", "  ", "A", "1", ".",
     "?", "\x01", "quele ", "of words of which no one is damaged", "?" * 31, " " * 44]
)  # fmt: skip


def layered(text: str) -> str:
    """Return the text read once more in the wrong charset, where that can be."""
    return text.encode("utf-8").decode("latin-1") if len(text) < 60 else text


pieces = st.lists(PIECES, max_size=12).map("".join)
nasty = pieces | pieces.map(layered) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)

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
