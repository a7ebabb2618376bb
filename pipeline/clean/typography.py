"""Repair of what translation spinners and careless scrapers do to punctuation: `word .`, `quote.”Next`, `out,“ he`.

Rules are data (typography.toml), each with cases and counter-cases. A cheap screen over all texts finds those in
which a rule could act; only of those the language is guessed, and only their lines go to the rules. Rules move
spaces and quotes, never letters or digits, so the guess is the same afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from operator import ne
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tomli
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from pipeline import arrow
from pipeline.clean import classes
from pipeline.clean.quotes import FUNCTIONS
from pipeline.clean.screen import re2_of
from pipeline.errors import SettingsError
from pipeline.kernels.sequences import Sequences, held, sequences
from pipeline.language import guess
from pipeline.settings import TypographySettings

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


class _Suspects(NamedTuple):
    """Lines in which a rule could act, in order; `text`: whose they are, `place`: which line of it."""

    text: NDArray[np.int64]
    place: NDArray[np.int64]
    lines: list[str]


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
    rows, known = rows[spoken], known.filter(pa.array(spoken))
    some = texts.take(pa.array(rows))
    found = _suspects(some, active)
    own = pc.coalesce(guess(pa.array(found.lines, pa.large_string())), known.take(pa.array(found.text))).to_pylist()
    allowed = _speaking(own, active, settings.languages) & ~_forbidden(some, active)[:, found.text]
    after = mended_lines(found.lines, own, allowed, active)
    edits: list[Edit] = []
    whole: dict[int, list[str]] = {}
    for row, place, line, (mended, acted) in zip(
        found.text.tolist(), found.place.tolist(), found.lines, after, strict=True
    ):
        if mended != line:
            whole.setdefault(row, some[row].as_py().split("\n"))[place] = mended
            edits.append((int(rows[row]), place, acted, line, mended))
    again = pa.array(["\n".join(lines) for lines in whole.values()], pa.large_string())
    return arrow.put(texts, rows[np.array(list(whole), np.int64)], again), edits


def check(settings: TypographySettings) -> None:
    """Raise SettingsError when `settings.off` names a rule that there is not."""
    names = [rule.id for rule in rules()]
    for name in settings.off:
        if name not in names:
            raise SettingsError(f"typography.off names the unknown rule {name!r}; the rules are {', '.join(names)}")


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of typography.toml, in the order in which they act."""
    tables = tomli.loads(RULES.read_text("utf-8"))["rule"]
    return tuple(Rule.model_validate(table) for table in tables)


def mended_lines(
    lines: Sequence[str], languages: Sequence[str], allowed: NDArray[np.bool_], active: tuple[Rule, ...]
) -> list[tuple[str, str]]:
    """Return (the line come to rest under the rules, ids of those that acted joined by +) of each line.

    Rules act in their order, each on what the one before it left, and again from the first until nothing changes.
    allowed: which rules may act on which lines, shape (rules, lines).
    """
    now, acted = list(lines), np.zeros(allowed.shape, bool)
    may = allowed & _screened(lines, active)
    moving: NDArray[np.bool_] = np.ones(len(lines), bool)
    for _ in range(ROUNDS):
        begun = list(now)
        for number, rule in enumerate(active):
            if changed := _changed(rule, np.flatnonzero(may[number]).tolist(), now, languages):
                acted[number, changed] = True
                # All changed lines are screened at once: to be tried on a line takes each rule 5 µs.
                may[:, changed] = allowed[:, changed] & _screened([now[row] for row in changed], active)
        moving = np.array(list(map(ne, now, begun)), bool)
        may &= moving
    changed = np.flatnonzero(acted.any(axis=0)).tolist()
    for row, code in zip(changed, _code([lines[row] for row in changed]), strict=True):
        if code or moving[row]:
            now[row], acted[:, row] = lines[row], False
    ids = ["+".join(rule.id for rule, did in zip(active, column, strict=True) if did) for column in acted.T]
    return list(zip(now, ids, strict=True))


def _code(lines: list[str]) -> list[bool]:
    """Return which lines look like CODE. RE2, which takes at least as much for it, looks first: 1 µs instead of 35."""
    likely = pc.match_substring_regex(pa.array(lines, pa.large_string()), re2_of(CODE.pattern)).to_pylist()
    return [first and CODE.search(line) is not None for line, first in zip(lines, likely, strict=True)]


def _changed(rule: Rule, rows: list[int], now: list[str], languages: Sequence[str]) -> list[int]:
    """Let the rule act on the lines `rows` of `now`; return those that it changed."""
    after = [rule.mended(now[row], languages[row]) for row in rows]
    changed = [row for row, line in zip(rows, after, strict=True) if line != now[row]]
    for row, line in zip(rows, after, strict=True):
        now[row] = line
    return changed


def _screened(lines: Sequence[str], active: tuple[Rule, ...]) -> NDArray[np.bool_]:
    """Return which rules could act on which lines, shape (rules, lines): no other changes a line."""
    hits = classes.matches(pa.array(lines, pa.large_string()), _screen(active))
    return np.logical_or.reduceat(hits, _begins(active), axis=0)


def _speaking(languages: Sequence[str], active: tuple[Rule, ...], wanted: Sequence[str]) -> NDArray[np.bool_]:
    """Return which rules are for which of the languages, of those that are wanted; shape (rules, languages)."""
    known = sorted(set(languages))
    of_rule = np.array([[name in rule.languages and name in wanted for name in known] for rule in active], bool)
    return of_rule[:, np.searchsorted(known, languages)]


def _forbidden(texts: pa.Array, active: tuple[Rule, ...]) -> NDArray[np.bool_]:
    """Return which rules may not act on which texts, for a character that they hold; shape (rules, texts)."""
    return classes.matches(texts, _absent(active))


def _suspects(texts: pa.Array, active: tuple[Rule, ...]) -> _Suspects:
    """Return the lines in which these rules could act."""
    data, offsets = arrow.text_view(texts)
    ends = np.flatnonzero(data[offsets[0] : offsets[-1]] == LINE_FEED) + offsets[0]
    starts, stops = np.sort(np.append(offsets[:-1], ends + 1)), np.sort(np.append(offsets[1:], ends))
    found = np.flatnonzero(held(data, starts, stops, _screen(active)).any(axis=0))
    starts, stops = starts[found], stops[found]
    text = np.searchsorted(offsets, starts, side="right") - 1
    place = np.searchsorted(ends, starts) - np.searchsorted(ends, offsets[text])
    lines = [data[a:b].tobytes().decode() for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]
    return _Suspects(text, place, lines)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _screen(active: tuple[Rule, ...]) -> Sequences:
    return sequences([sequence for rule in active for sequence in classes.parsed(rule.screen)])


@cache
def _absent(active: tuple[Rule, ...]) -> Sequences:
    return sequences([[classes.of(rule.absent)] for rule in active])


@cache
def _begins(active: tuple[Rule, ...]) -> list[int]:
    """Return which sequence of `_screen` is the first of each rule."""
    return list(accumulate((len(classes.parsed(rule.screen)) for rule in active[:-1]), initial=0))
