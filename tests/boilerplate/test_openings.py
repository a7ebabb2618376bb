"""A pattern is screened out only where RE2 finds nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrow
from pipeline.boilerplate import matching, openings
from pipeline.boilerplate.rules import PACKS, Rule, anchors, build, read
from pipeline.kernels import edges

RULES = [rule for file in sorted(PACKS.glob("*.toml")) for rule in read(file) if rule.match == "pattern"]
TEXTS = sorted({text for rule in RULES for text in (*rule.examples, *rule.counter_examples)})
PIECES = ["a", "A", "b", "K", "\u212a", "ſ", "É", "1", " ", "-", "(", "©", "|", "\n", ".", "abc"]
ATOMS = [
    "a",
    "B",
    "k",
    "s",
    "É",
    "[a-c]",
    "[^a]",
    "[^A-ks]",
    "[^\\s!]",
    "\\d",
    "\\w",
    ".",
    "\\S",
    "©",
    "\\(",
    "\\b",
    "[é-ü]",
    "ab",
]


def rule(*values: str) -> Rule:
    return Rule(id="a", family="f", match="pattern", values=values, max_words=600, reason="r")


def assert_screened(some: Rule, texts: list[str]) -> None:
    if some.target == "title":
        some = some.model_copy(update={"target": "paragraph"})
    rules = build([some])
    text = pa.array(texts, pa.large_string())
    found = matching.matched(text, build([some.model_copy(update={"max_words": 600})])).rows.tolist()
    patterns = [anchors(value.words).anchored for value in rules.patterns]
    masks = [pc.match_substring_regex(text, each).to_numpy(zero_copy_only=False) for each in patterns]
    assert sorted(set(found)) == np.flatnonzero(np.any(masks, axis=0)).tolist()


@pytest.mark.parametrize("some", RULES, ids=lambda some: some.id)
def test_rules_of_the_packs(some: Rule) -> None:
    assert_screened(some, [text for text in TEXTS if len(text) <= matching.MAX_CHARS])


@st.composite
def patterns(draw: st.DrawFn) -> str:
    body = ""
    for _ in range(draw(st.integers(1, 5))):
        atom = draw(st.sampled_from(ATOMS))
        shape = draw(
            st.sampled_from(
                ["{}", "{}", "(?:{})?", "{}+", "(?:{}|c)", "(?:{}){{2,}}", "(?i:{})", "(?:{})*", "(?:{}){{5}}"]
            )
        )
        body += shape.format(atom) if atom != "\\b" else atom
    flags, start, end = draw(st.sampled_from([("", "^", "$"), ("(?i)", "^", "$"), ("", "^", ""), ("(?i)", "", "$")]))
    return f"{flags}{start}{body}{end}"


@given(patterns(), st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), max_size=12))
def test_patterns_drawn_at_random(pattern: str, texts: list[str]) -> None:
    assert_screened(rule(pattern), texts)


@pytest.mark.parametrize("pattern", ["^\\pL+$", "^[[:alpha:]]+$", "^\\Qa.b\\E$", "^(?:a|\\x{62})$"])
def test_syntax_of_re2_alone(pattern: str) -> None:
    assert_screened(rule(pattern), ["abc", "a.b", "b", "É", "1"])


def test_the_screen_leaves_most_out() -> None:
    first, last = openings.tables(["^(?:By|Posted by) [A-Z].+[^.]$"])
    texts = pa.array(["By Jane", "by Jane", "Bye", "The dam", "Posted by me.", "By"], pa.large_string())
    data, offsets = arrow.text_view(texts)
    assert edges.allowed(data, offsets[:-1], offsets[1:], first, last).ravel().tolist() == [1, 1, 0, 0, 0, 0]
