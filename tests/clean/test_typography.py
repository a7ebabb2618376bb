"""Every rule on its cases and counter-cases, whole texts, and the laws: at rest, in place, in any company."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.clean import classes, quotes, typography
from pipeline.errors import SettingsError
from pipeline.kernels.sequences import sequences
from pipeline.language import guess
from pipeline.settings import TypographySettings
from tests.clean.naive_typography import mended

TEXTS = json.loads((Path(__file__).parents[1] / "cases" / "typography.json").read_text("utf-8"))
RULES = typography.rules()
LANGUAGES = TypographySettings().languages

#: A sentence that makes sure of the language, so that the nasty part of the text goes to the rules.
ANCHORS = {
    "en": "The mayor said that it was not what they had been there for.",
    "de": "Der Bürgermeister sagte, dass es nicht das war, was sie von ihm wollten.",
    "fr": "Le maire a dit que ce n’est pas pour cela qu’ils sont dans la ville avec lui.",
    "es": "El alcalde dijo que no era lo que todos los de la ciudad querían.",
    "pl": "On powiedział, że to nie jest to, czego oni od niego by chcieli, i że tak było.",
    "sv": "Han sade att det inte var det som de hade varit där för, och det är så.",
}
pieces = st.sampled_from(
    [
        *"“”„«»‹›\"'’‘.,!?…:;()[]—-",
        " ",
        " ",
        " ",
        " .",
        " ,",
        ". .",
        ".”",
        "” »",
        ",“ ",
        " ”",
        "\n",
        "a",
        "The",
        "he said",
        "was",
        "It is",
        "hostages",
        "in the town",
        "5",
        ".5",
        "3 , 4",
        "https://a.example/b.c",
        "x@y.example",
        ".NET",
        "U.S.",
        "`x .`",
        "É",
        "ß",
        "ll.",
    ]
)
nasty = st.lists(pieces, max_size=25).map("".join)
anchored = st.tuples(st.sampled_from(sorted(ANCHORS)), nasty, nasty).map(lambda p: f"{p[1]}\n{ANCHORS[p[0]]} {p[2]}")
columns = st.lists(st.one_of(st.none(), anchored, nasty), max_size=6)


def strings(*texts: str | None) -> pa.Array:
    return pa.array(texts, pa.large_string())


def mend(*texts: str | None, **settings: Any) -> tuple[list[str | None], list[typography.Edit]]:
    out, edits = typography.mend(strings(*texts), TypographySettings(**settings))
    assert out.type == pa.large_string()
    return out.to_pylist(), edits


def mended_line(line: str, language: str) -> tuple[str, str]:
    """Return the line and the rules that acted on it, whatever stands in the rest of its text."""
    return typography.mended_lines(
        [line], [language], np.array([[language in rule.languages] for rule in RULES]), RULES
    )[0]


def cases_of(field: str) -> list[Any]:
    return [
        pytest.param(rule, *case, id=f"{rule.id}-{number}")
        for rule in RULES
        for number, case in enumerate(getattr(rule, field))
    ]


@pytest.mark.parametrize(("rule", "language", "before", "after"), cases_of("cases"))
def test_a_rule_mends_its_cases(rule: typography.Rule, language: str, before: str, after: str) -> None:
    line, acted = mended_line(before, language)
    assert line == after
    assert rule.id in acted.split("+")
    assert classes.matches(strings(before), sequences(classes.parsed(rule.screen))).any(), "its screen finds it"
    assert mended_line(after, language) == (after, "")


@pytest.mark.parametrize(("rule", "language", "line"), cases_of("counter"))
def test_a_rule_leaves_its_counter_cases(rule: typography.Rule, language: str, line: str) -> None:
    assert mend(line, languages=(*LANGUAGES, "sv"))[0] == [line]
    if not any(char in line for char in rule.absent):
        assert mended_line(line, language) == (line, "")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_whole(rule: typography.Rule) -> None:
    assert bool(rule.pattern) != bool(rule.function)
    assert not rule.function or rule.function in quotes.FUNCTIONS
    assert not rule.before or rule.before.endswith("$")
    assert rule.reason and rule.cases and rule.counter
    assert set(rule.languages) <= set(LANGUAGES)
    re.compile(rule.pattern)


def test_rules_have_different_ids() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["label"])
def test_whole_texts(case: dict[str, Any]) -> None:
    out, edits = mend(case["input"])
    assert out == [case["expected"]], case["reason"]
    assert [edit[2] for edit in edits] == case["rules"]


def test_edits_say_row_line_and_what_was() -> None:
    text = f"{ANCHORS['en']}\nThe mayor , who was late, was not there.\n"
    out, edits = mend(None, "", text)
    after = "The mayor, who was late, was not there."
    assert edits == [(2, 1, "space-before-comma", "The mayor , who was late, was not there.", after)]
    assert out == [None, "", f"{ANCHORS['en']}\n{after}\n"]


def test_a_rule_that_is_off_does_nothing() -> None:
    text = "The mayor , who was late, had left the town hall by then ."
    assert mend(text, off=("space-before-comma",))[0] == ["The mayor , who was late, had left the town hall by then."]
    assert mend(text, off=tuple(rule.id for rule in RULES)) == ([text], [])
    assert mend(text, enabled=False) == ([text], [])


def test_an_unknown_rule_in_off_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match=r"typography\.off names the unknown rule 'spaces'; the rules are space-be"):
        typography.check(TypographySettings(off=("spaces",)))
    with pytest.raises(SettingsError):
        mend("x", off=("spaces",))


def test_other_languages_stay() -> None:
    text = "The mayor , who was late, had left the town hall by then ."
    assert mend(text, languages=("de", "fr")) == ([text], [])


@given(columns)
@example(["“ word .” »\nThe mayor said that it was not what they had been there for. “"])
def test_mended_twice_is_mended_once(texts: list[str | None]) -> None:
    once, _ = mend(*texts)
    assert mend(*once) == (once, [])


@given(columns)
def test_rows_lines_letters_and_digits_stay(texts: list[str | None]) -> None:
    out, edits = mend(*texts)
    assert [text is None for text in out] == [text is None for text in texts]
    for before, after in zip(texts, out, strict=True):
        if before is not None and after is not None:
            assert before.count("\n") == after.count("\n")
            assert re.findall(r"\w", before) == re.findall(r"\w", after)
    again = [text.split("\n") if text is not None else [] for text in texts]
    for row, line, _, before, after in edits:
        assert again[row][line] == before != after
        again[row][line] = after or ""
    assert ["\n".join(lines) for lines in again] == [text or "" for text in out]
    assert edits == sorted(edits, key=lambda edit: edit[:2])


@given(columns)
def test_a_text_is_mended_alike_in_any_company(texts: list[str | None]) -> None:
    assert mend(*texts)[0] == [mend(text)[0][0] for text in texts]


@given(columns)
def test_nothing_changes_in_a_language_that_is_not_sure_or_not_named(texts: list[str | None]) -> None:
    out, _ = mend(*texts, languages=("en", "fr"))
    names = guess(strings(*texts)).to_pylist()
    for before, after, name in zip(texts, out, names, strict=True):
        assert name in ("en", "fr") or before == after


@given(columns)
@example([f"{ANCHORS['en']} It was late .\nIt was “ so it was ”."])
@example([f"{ANCHORS['en']}\n", "", f"{ANCHORS['en']}\nIt was late .\n\n", f"\n{ANCHORS['en']} It was late ."])
def test_the_screen_misses_nothing(texts: list[str | None]) -> None:
    assert mend(*texts)[0] == mended(texts, LANGUAGES)


def test_slices() -> None:
    text = "The mayor , who was late, had left the town hall by then ."
    whole = strings("x", text, None, text)
    out, edits = typography.mend(whole.slice(1), TypographySettings())
    assert out.to_pylist()[0] != text and out.to_pylist()[1] is None
    assert [edit[0] for edit in edits] == [0, 2]
