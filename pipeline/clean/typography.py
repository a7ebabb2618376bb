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
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from pipeline import arrow
from pipeline.clean import classes
from pipeline.clean.quotes import FUNCTIONS
from pipeline.errors import SettingsError
from pipeline.kernels.sequences import Sequences, held, sequences
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

LINE_FEED = ord("\n")

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
    rows = np.flatnonzero(classes.matches(pc.fill_null(texts, ""), _screen(active)).any(axis=0))
    known = guess(texts.take(pa.array(rows)))
    spoken = pc.is_in(known, pa.array(settings.languages, pa.string())).to_numpy(zero_copy_only=False)
    rows, languages = rows[spoken], known.filter(pa.array(spoken)).to_pylist()
    some = texts.take(pa.array(rows))
    whole: dict[int, list[str]] = {}
    edits: list[Edit] = []
    for index, place, own, screened in _suspects(some, active):
        language = own or languages[index]
        if language in settings.languages:
            text = some[index].as_py()
            lines = whole.setdefault(index, text.split("\n"))
            before = lines[place]
            after, acted = mended_line(before, language, active, _forbidden(text, active), screened)
            if after != before:
                edits.append((int(rows[index]), place, acted, before, after))
                lines[place] = after
    changed = np.array(sorted(whole), np.int64)
    mended = pa.array(["\n".join(whole[index]) for index in changed.tolist()], pa.large_string())
    return arrow.put(texts, rows[changed], mended), edits


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
    first = {rule.id for rule in fit} if screened is None else screened
    acted: set[str] = set()
    now = line
    for _ in range(ROUNDS):
        begun = now
        for rule in fit:
            after = now if now == line and rule.id not in first else rule.mended(now, language)
            if after != now:
                acted.add(rule.id)
                now = after
        if now == begun:
            return now, "+".join(rule.id for rule in fit if rule.id in acted)
        if begun == line and CODE.search(line):
            return line, ""
    return line, ""


def _suspects(texts: pa.Array, active: tuple[Rule, ...]) -> list[tuple[int, int, str | None, frozenset[str]]]:
    """Return (text, line, language, rules) of the lines in which these rules could act.

    The language is null where the line alone does not say it.
    """
    data, offsets = arrow.text_view(texts)
    ends = np.flatnonzero(data[offsets[0] : offsets[-1]] == LINE_FEED) + offsets[0]
    starts, stops = np.sort(np.append(offsets[:-1], ends + 1)), np.sort(np.append(offsets[1:], ends))
    hits = held(data, starts, stops, _screen(active))
    found = np.flatnonzero(hits.any(axis=0))
    index = np.searchsorted(offsets, starts[found], side="right") - 1
    place = np.searchsorted(ends, starts[found]) - np.searchsorted(ends, offsets[index])
    lines = [data[a:b].tobytes().decode() for a, b in zip(starts[found].tolist(), stops[found].tolist(), strict=True)]
    by_rule = np.add.reduceat(hits[:, found], _begins(active), axis=0)
    some = [frozenset(active[rule].id for rule in np.flatnonzero(of_line)) for of_line in by_rule.T]
    own = guess(pa.array(lines, pa.large_string())).to_pylist()
    return list(zip(index.tolist(), place.tolist(), own, some, strict=True))


def _forbidden(text: str, active: tuple[Rule, ...]) -> frozenset[str]:
    return frozenset(rule.id for rule in active if any(char in text for char in rule.absent))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _screen(active: tuple[Rule, ...]) -> Sequences:
    return sequences([sequence for rule in active for sequence in classes.parsed(rule.screen)])


@cache
def _begins(active: tuple[Rule, ...]) -> list[int]:
    """Return which sequence of `_screen` is the first of each rule."""
    return list(accumulate((len(classes.parsed(rule.screen)) for rule in active[:-1]), initial=0))
