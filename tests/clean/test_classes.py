from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean import classes, typography
from pipeline.errors import SettingsError
from pipeline.kernels.sequences import SIZE, sequences

#: Simple patterns, and such of RE2 that mean the same in one text with a line feed on either side.
PATTERNS = [
    r" \.[ \n”\"»’)]",
    r"[^ \n]“[ \n]|[ \n(—–]”[^ \n]",
    r"\( \pL|\pL \)",
    r"[a-zß-ÿ]\.[A-Z]",
    r"“ [\pL\pN]|[\pL.,!?…)] ”",
    "a-b|--",
    r"[\pL)”’-]\?",
    r"[a\]\\-]x",
]
texts = st.text(st.sampled_from(' .,!?()”“"»’—aZßé渡5\n-x]\\b'), max_size=10)


def matched(texts: list[str], pattern: str) -> list[bool]:
    found = classes.matches(pa.array(texts, pa.large_string()), sequences(classes.parsed(pattern)))
    return found.any(axis=0).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(texts=st.lists(texts, min_size=1, max_size=6))
def test_a_pattern_means_what_it_means_to_re2(pattern: str, texts: list[str]) -> None:
    framed = pa.array([f"\n{text}\n" for text in texts], pa.large_string())
    assert matched(texts, pattern) == pc.match_substring_regex(framed, pattern).to_pylist()


def test_white_space_is_what_python_says() -> None:
    space = classes.parsed(r"\s")[0][0]
    codes = [code for code in range(SIZE - 1) if re.match(r"\s", chr(code))]
    assert np.flatnonzero(space).tolist() == codes


@pytest.mark.parametrize("pattern", ["a+", "(a)", "a{3}", "a?", "x.", "^a", "a$"])
def test_what_is_not_simple_is_refused(pattern: str) -> None:
    with pytest.raises(SettingsError, match="no simple pattern"):
        classes.parsed(pattern)


def test_the_screens_of_all_rules_fit_into_one_state() -> None:
    screens = [one for rule in typography.rules() for one in classes.parsed(rule.screen)]
    assert len(sequences(screens).last) == len(screens)
