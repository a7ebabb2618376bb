"""The screen is sound: whatever ftfy would change, it picks. A new ftfy that breaks this fails here."""

from __future__ import annotations

import re
import unicodedata
from itertools import product

import ftfy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from ftfy import badness
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean import classes, screen
from pipeline.clean.repair import configuration
from pipeline.clean.screen import FIXERS
from pipeline.kernels.sequences import SIZE, Class
from pipeline.settings import EncodingSettings
from tests.clean.texts import CASES, CONFIGURATIONS, nasty, strings

#: All that can be changed lies below: beyond stand only private use, tags and variation selectors.
CODES = [*range(0xD800), *range(0xE000, screen.LAST + 0x1000), 0xE0001, 0xE0100, 0xFFFFF, 0x10FFFF]
each_configuration = pytest.mark.parametrize("settings", CONFIGURATIONS, ids=range(len(CONFIGURATIONS)))


def unsound(texts: list[str], settings: EncodingSettings) -> list[str]:
    """Return the texts that the screen lets through although ftfy changes them."""
    config = configuration(settings)
    let = np.flatnonzero(~screen.suspects(strings(*texts), config)).tolist()
    return [texts[i] for i in let if ftfy.fix_text(texts[i], config) != texts[i]]


@each_configuration
def test_every_character(settings: EncodingSettings) -> None:
    assert unsound([f"a{chr(code)}b" for code in CODES], settings) == []


def test_every_pair_of_characters_that_mojibake_is_made_of() -> None:
    characters = "".join(badness.MOJIBAKE_CATEGORIES.values())
    pairs = ["".join(pair) for pair in product(sorted(set(characters)), repeat=2)]
    assert unsound(pairs, EncodingSettings()) == []


@each_configuration
@given(text=nasty)
def test_nasty_text(settings: EncodingSettings, text: str) -> None:
    assert unsound([text], settings) == []


@given(st.from_regex(re.compile(badness.BADNESS_RE.pattern, re.VERBOSE)))
def test_what_ftfy_calls_bad_may_be_bad(text: str) -> None:
    cleaned = text.encode("utf-8", "replace").decode()
    assert screen.may_be_bad(strings(cleaned))[0] or not badness.is_bad(cleaned)


def alternatives(verbose: str) -> list[list[Class | None]]:
    """Return the classes of each alternative of ftfy's pattern in order; None: may be missing."""
    found: list[list[Class | None]] = [[]]
    for piece in screen._PIECE.findall(verbose):
        if piece == "|":
            found.append([])
        elif piece in ("?", "^"):
            found[-1][-1:] = [None]
        elif piece[0] != "#" and not piece.isspace():
            found[-1].append(np.ones(SIZE, bool) if piece in (".", r"\w") else classes.parsed(piece)[0][0])
    return found


def test_every_way_to_be_bad_has_a_hint() -> None:
    for wanted in alternatives(badness.BADNESS_RE.pattern):
        assert any(covers(hint, wanted[at:]) for hint in screen.bad_hints() for at in range(len(wanted)))


def covers(hint: list[Class], wanted: list[Class | None]) -> bool:
    pairs = zip(hint, wanted, strict=False)
    return len(hint) <= len(wanted) and all(one is not None and not (one & ~some).any() for some, one in pairs)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_normal_forms_are_told_exactly(form: screen.Form) -> None:
    texts = strings(*[f"a{chr(code)}" for code in CODES])
    expected = [not unicodedata.is_normalized(form, text) for text in texts.to_pylist()]
    assert screen.unnormalised(texts, form).tolist() == expected


def test_clean_text_is_let_through() -> None:
    clean = [c["input"] for c in CASES if c["label"].startswith("NEGATIVE") and "ampersand" not in c["label"]]
    assert not screen.suspects(strings(*clean), configuration(EncodingSettings())).any()


def test_ftfy_has_the_fixers_that_the_screen_knows() -> None:
    """A fixer that is new would act on characters that the screen has not heard of."""
    decoding = {"restore_byte_a0", "replace_lossy_sequences", "decode_inconsistent_utf8", "unescape_html"}
    assert set(ftfy.FIXERS) == {*FIXERS, *decoding}


def test_a_pattern_with_what_re2_lacks_is_an_error() -> None:
    with pytest.raises(pa.ArrowInvalid):
        pc.match_substring_regex(strings("x"), screen.re2_of(r"a(?=b)"))
