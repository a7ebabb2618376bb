"""The result is ftfy's own, the screen is sound, every change is on record."""

from __future__ import annotations

from typing import Any

import ftfy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.clean import segments
from pipeline.clean.repair import configuration, repair
from pipeline.settings import EncodingSettings
from tests.clean.texts import CASES, CONFIGURATIONS, nasty, strings


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
@given(texts=st.lists(nasty, min_size=1, max_size=4))
def test_the_steps_are_ftfys(settings: EncodingSettings, texts: list[str]) -> None:
    config = configuration(settings)
    pieces = [piece for text in texts for piece in segments.cut(text, config)]
    for piece, (text, steps) in zip(pieces, segments.fix(pieces, config), strict=True):
        own = config._replace(unescape_html=config.unescape_html if piece.unescape else False)
        assert (text, steps) == tuple(ftfy.fix_and_explain(piece.text, own))


@given(st.lists(nasty, min_size=1, max_size=4))
def test_repairing_twice_is_repairing_once_unless_ftfy_differs(texts: list[str]) -> None:
    """ftfy itself is not quite idempotent: a line break that it makes cuts what was one segment."""
    plain = EncodingSettings(whitespace=False)
    config = configuration(plain)
    once = repair(strings(*texts), plain)[0]
    again = [ftfy.fix_text(text, config) for text in once.to_pylist()]
    assert repair(once, plain)[0].to_pylist() == again


@given(st.lists(nasty | st.none(), max_size=6), st.integers(0, 6))
def test_borders_of_batches_do_not_matter(texts: list[str | None], cut: int) -> None:
    whole = repair(strings(*texts), EncodingSettings())[0].to_pylist()
    parts = [repair(strings(*part), EncodingSettings())[0].to_pylist() for part in (texts[:cut], texts[cut:])]
    assert whole == parts[0] + parts[1] and len(whole) == len(texts)


def test_every_option_of_ftfy_is_a_setting() -> None:
    ours = set(EncodingSettings.model_fields) - {"enabled", "whitespace"}
    # Surrogates are always joined: no table and no file can hold them.
    assert ours == set(ftfy.TextFixerConfig._fields) - {"explain", "fix_surrogates"}


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
