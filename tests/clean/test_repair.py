"""The result is ftfy's own, in text and steps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

import ftfy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.clean import segments
from pipeline.clean.repair import configuration, repair
from pipeline.settings import EncodingSettings
from tests.clean.texts import CONFIGURATIONS, nasty, strings


@pytest.mark.parametrize("settings", CONFIGURATIONS, ids=range(len(CONFIGURATIONS)))
@given(texts=st.lists(nasty, min_size=1, max_size=4))
@example(texts=["x" * 999 + "â€™ &amp; " * 200 + "<" + "&amp;" * 300])
@example(texts=["^Ã à\n Ã à"])
def test_the_result_is_ftfys(settings: EncodingSettings, texts: list[str]) -> None:
    config = configuration(settings)
    assert repair(strings(*texts), settings)[0].to_pylist() == [ftfy.fix_text(text, config) for text in texts]


def plainly_cut(text: str, config: ftfy.TextFixerConfig) -> Iterator[segments.Segment]:
    """The slow twin of `segments.cut`, as `ftfy.fix_text` goes through a text."""
    unescape = bool(config.unescape_html)
    position = 0
    while position < len(text):
        end = min(text.find("\n", position) + 1 or len(text), position + config.max_decode_length)
        piece = text[position:end]
        if config.unescape_html == "auto" and "<" in piece:
            unescape = False
        yield segments.Segment(piece, unescape)
        position = end


@given(st.lists(st.text(st.sampled_from("aé’😀<&\n\n"), max_size=40), max_size=5), st.integers(1, 6))
def test_texts_are_cut_as_ftfy_cuts_them(texts: list[str], most: int) -> None:
    config = configuration(EncodingSettings())._replace(max_decode_length=most)
    found = segments.cut(strings(*texts), config)
    pieces = list(map(segments.Segment, found.texts.to_pylist(), found.unescape.tolist()))
    assert [pieces[a:b] for a, b in pairwise(found.starts.tolist())] == [list(plainly_cut(t, config)) for t in texts]
    for row, text in enumerate(texts):
        mine = slice(found.starts[row], found.starts[row + 1])
        begins = accumulate((len(piece.text) for piece in pieces[mine]), initial=0)
        assert found.line[mine].tolist() == [text.count("\n", 0, at) for at in begins][:-1]


@pytest.mark.parametrize("settings", CONFIGURATIONS, ids=range(len(CONFIGURATIONS)))
@given(texts=st.lists(nasty, min_size=1, max_size=4))
def test_the_steps_are_ftfys(settings: EncodingSettings, texts: list[str]) -> None:
    config = configuration(settings)
    found = segments.cut(strings(*texts), config)
    pieces = list(map(segments.Segment, found.texts.to_pylist(), found.unescape.tolist()))
    assert pieces == [piece for text in texts for piece in plainly_cut(text, config)]
    for piece, (text, steps) in zip(pieces, segments.fix(pieces, config), strict=True):
        own = config._replace(unescape_html=config.unescape_html if piece.unescape else False)
        assert (text, steps) == tuple(ftfy.fix_and_explain(piece.text, own))


def test_every_option_of_ftfy_is_a_setting() -> None:
    ours = set(EncodingSettings.model_fields) - {"enabled", "whitespace"}
    # Surrogates are always joined: no table and no file can hold them.
    assert ours == set(ftfy.TextFixerConfig._fields) - {"explain", "fix_surrogates"}


def test_nulls_stay_null_and_equal_lines_are_equal() -> None:
    texts = strings(*["itâ€™s"] * 50, None, "<\nitâ€™s &amp;", "itâ€™s &amp;", "")
    repaired, edits = repair(texts, EncodingSettings())
    assert repaired.to_pylist() == ["it’s"] * 50 + [None, "<\nit’s &amp;", "it’s &", ""]
    assert len(edits) == 52
