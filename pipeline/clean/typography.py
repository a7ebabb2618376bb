"""Repair of what translation spinners and careless scrapers do to punctuation: `word .`, `quote.”Next`, `out,“ he`.

Rules are data (typography.toml), each with cases and counter-cases. A cheap screen over all texts finds those in
which a rule could act; only of those the language is guessed, and only their lines go to the rules. Rules move
spaces and quotes, never letters or digits, so the guess is the same afterwards.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from pipeline.clean.quotes import FUNCTIONS
from pipeline.errors import SettingsError
from pipeline.language import guess
from pipeline.settings import TypographySettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RULES = Path(__file__).with_suffix(".toml")

#: Lines with any of these are code, markup, a command, a table or a menu: a stop may stand free there by right.
CODE = re.compile(
    r"[`{}\\=|]|</?\w|/>|\w\(\)|;\s*$|->|::|^\s*(?:[$#>]|//|/\*|--|\*\s*@)|\s--?[a-z]|(?:^|\s)(?:\.\.?/|~/|/\w+/)"
)
#: One repair can make room for another (`“ word .”`); a line that has not come to rest by then stays as it was.
ROUNDS = 8

#: Characters before a match that `before` looks at: four words have some thirty.
BEFORE = 120

#: (row, line, rule ids joined by +, line before, line after)
Edit = tuple[int, int, str, "str | None", "str | None"]


class Rule(BaseModel):
    """One rule of typography.toml; its head says what the fields are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    languages: tuple[str, ...]
    screen: str
    reason: str
    before: str = ""
    pattern: str = ""
    replacement: str = ""
    function: str = ""
    absent: str = ""
    cases: tuple[tuple[str, str, str], ...]
    counter: tuple[tuple[str, str], ...]

    def mended(self, line: str, language: str) -> str:
        """Return the line as the rule leaves it, once."""
        if self.function:
            return FUNCTIONS[self.function](line, language)
        return _compiled(self.pattern).sub(self._replaced, line)

    def _replaced(self, found: re.Match[str]) -> str:
        at = found.start()
        if self.before and not _compiled(self.before).search(found.string, max(0, at - BEFORE), at):
            return found[0]
        return found.expand(self.replacement)


def mend(texts: pa.Array, settings: TypographySettings) -> tuple[pa.Array, list[Edit]]:
    """Return (mended texts, edits), one edit a changed line, in order of row and line.

    texts: large_string, nulls stay null. The number of texts, their order and their numbers of lines stay; lines
    end with a line feed. A text changes only when its language is certain and in `settings.languages`.

    Raises SettingsError for an unknown rule in `settings.off`.
    """
    check(settings)
    active = tuple(rule for rule in rules() if rule.id not in settings.off)
    if not settings.enabled or not active:
        return texts, []
    rows = np.flatnonzero(_matches(texts, _screen(active)))
    known = guess(texts.take(pa.array(rows)))
    spoken = pc.is_in(known, pa.array(settings.languages, pa.string())).to_numpy(zero_copy_only=False)
    rows, languages = rows[spoken], known.filter(pa.array(spoken)).to_pylist()
    whole = texts.take(pa.array(rows)).to_pylist()
    lines = [text.split("\n") for text in whole]
    edits: list[Edit] = []
    for index, place, own, some in _suspects(lines, active):
        language = own or languages[index]
        if language in settings.languages:
            before = lines[index][place]
            after, acted = mended_line(before, language, active, _forbidden(whole[index], active), some)
            if after != before:
                edits.append((int(rows[index]), place, acted, before, after))
                lines[index][place] = after
    at = dict(zip(rows.tolist(), lines, strict=True))
    return _replaced(texts, {edit[0]: "\n".join(at[edit[0]]) for edit in edits}), edits


def check(settings: TypographySettings) -> None:
    """Raise SettingsError when `settings.off` names a rule that there is not."""
    names = [rule.id for rule in rules()]
    for name in settings.off:
        if name not in names:
            raise SettingsError(f"typography.off names the unknown rule {name!r}; the rules are {', '.join(names)}")


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of typography.toml, in the order in which they act."""
    tables = tomllib.loads(RULES.read_text("utf-8"))["rule"]
    return tuple(Rule.model_validate(table) for table in tables)


def mended_line(
    line: str,
    language: str,
    active: Iterable[Rule],
    absent: frozenset[str] = frozenset(),
    screened: frozenset[str] | None = None,
) -> tuple[str, str]:
    """Return (line come to rest under the rules, ids of those that acted joined by +).

    absent: ids of rules that the rest of the text forbids. screened: ids of those whose screen found something in
    the line; no other can be the first to act. None: not known.
    """
    fit = [rule for rule in active if language in rule.languages and rule.id not in absent]
    if screened is not None and all(rule.mended(line, language) == line for rule in fit if rule.id in screened):
        return line, ""
    if CODE.search(line):
        return line, ""
    acted: set[str] = set()
    now = line
    for _ in range(ROUNDS):
        begun = now
        for rule in fit:
            after = rule.mended(now, language)
            if after != now:
                acted.add(rule.id)
                now = after
        if now == begun:
            return now, "+".join(rule.id for rule in fit if rule.id in acted)
    return line, ""


def _suspects(texts: list[list[str]], active: tuple[Rule, ...]) -> list[tuple[int, int, str | None, frozenset[str]]]:
    """Return (text, line, language, rules) of the lines in which these rules could act.

    The language is null where the line alone does not say it. All lines are screened in one call: RE2 takes 3 ms
    to compile the screen, a hundred times what it takes to read a text.
    """
    flat = pa.array([line for lines in texts for line in lines], pa.large_string())
    found = np.flatnonzero(_matches(flat, _screen(active)))
    first = np.cumsum([0] + [len(lines) for lines in texts])
    index = np.searchsorted(first, found, side="right") - 1
    suspects = flat.take(pa.array(found))
    hits = [(rule.id, _matches(suspects, rule.screen).tolist()) for rule in active]
    some = [frozenset(name for name, hit in hits if hit[row]) for row in range(len(found))]
    own = guess(suspects).to_pylist()
    return list(zip(index.tolist(), (found - first[index]).tolist(), own, some, strict=True))


def _forbidden(text: str, active: tuple[Rule, ...]) -> frozenset[str]:
    return frozenset(rule.id for rule in active if any(char in text for char in rule.absent))


def _replaced(texts: pa.Array, changed: dict[int, str]) -> pa.Array:
    if not changed:
        return texts
    mask = np.zeros(len(texts), dtype=bool)
    mask[list(changed)] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(list(changed.values()), pa.large_string()))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _screen(active: tuple[Rule, ...]) -> str:
    return "|".join(rule.screen for rule in active)


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    return np.array(found.to_numpy(zero_copy_only=False), dtype=bool)
