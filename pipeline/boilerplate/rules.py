"""Boilerplate rules: read from TOML, checked, and made ready for judging.

A rule is data. `line` rules hold whole paragraphs and are compared folded (`» Name *` equals
`name`); `prefix` rules hold beginnings, compared without regard to case, runs of white space, kind
of quote and dash, and marks before them; `pattern` rules hold RE2 patterns, taken as they stand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.boilerplate.body import folded
from pipeline.errors import SettingsError
from pipeline.settings import BoilerplateSettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKS = Path(__file__).with_name("rules")

#: Rules that are code in titles.py, not data: `off` may name them or their family.
BUILT_IN = {"title": "titles", "title-repeated": "titles", "title-site-tail": "titles"}

#: Marks that may stand before a prefix: bullets, arrows, separators, brackets. Not quotes: speech is text.
MARKS = "[\\s*·•●■▪»«›‹|:;,.…!#_~+=/→←↑↓▶►▸▼▲✓✔✕×()\\[\\]{}<>–—-]*"

_SPELLINGS = {"'": "['‘’ʼ]", "’": "['‘’ʼ]", '"': '["“”„]', "“": '["“”„]', "”": '["“”„]', "-": "[-‐‑–—]",
              "–": "[-‐‑–—]", "—": "[-‐‑–—]", "…": "(?:…|\\.\\.\\.)"}  # fmt: skip


class Rule(BaseModel):
    """One rule as it stands in a rule file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    family: str = Field(min_length=1)
    languages: tuple[str, ...] = ()
    match: Literal["line", "prefix", "pattern"]
    where: Literal["head", "tail", "edge", "anywhere"] = "anywhere"
    target: Literal["paragraph", "title"] = "paragraph"
    values: tuple[str, ...] = Field(min_length=1)
    max_words: int = Field(12, ge=1, strict=True)
    reason: str = Field(min_length=1)
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()


class Pattern(NamedTuple):
    """The RE2 body of a rule without its anchors, and on which sides it is anchored."""

    body: str
    start: bool
    end: bool

    @property
    def anchored(self) -> str:
        """The whole pattern as RE2 takes it."""
        return f"{'^' if self.start else ''}(?:{self.body}){'$' if self.end else ''}"


@dataclass(frozen=True)
class Rules:
    """The rules in force: plain strings and tuples, so cheap to pickle to a worker."""

    paragraphs: tuple[Rule, ...]  #: rules for paragraphs, in pack order: the first that matches wins
    lines: tuple[tuple[str, int], ...]  #: (folded value, index of its rule) of `line` rules
    patterns: tuple[tuple[int, str], ...]  #: (index of the rule, RE2 pattern) of the other rules
    site_tails: tuple[str, ...]  #: RE2 patterns of site names at the end of a title
    off: frozenset[str]  #: ids and families the user switched off


def load(settings: BoilerplateSettings) -> Rules:
    """Read the packs of the distribution and the files of `settings.rules`, less `settings.off`.

    Raises SettingsError, naming file and rule, for an unreadable file, an unknown key, a wrong
    type, a pattern that RE2 refuses or that is anchored nowhere, an id used twice, and an id or
    family in `off` that does not exist.
    """
    files = [*sorted(PACKS.glob("*.toml")), *map(Path, settings.rules)]
    rules = [rule for file in files for rule in read(file)]
    _refuse_repeats(rules)
    known = {rule.id for rule in rules} | {rule.family for rule in rules} | set(BUILT_IN) | set(BUILT_IN.values())
    for name in settings.off:
        if name not in known:
            raise SettingsError(f"boilerplate.off names {name!r}, which is no rule and no family; remove or correct it")
    off = frozenset(settings.off)
    return build([rule for rule in rules if not off & {rule.id, rule.family}], off)


def read(file: Path) -> list[Rule]:
    """Return the rules of one TOML file, in its order; raises SettingsError as `load` does."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"rule file {file} cannot be read ({error}); correct boilerplate.rules") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"rule file {file} is not valid TOML ({error}); correct it") from error
    tables = content.pop("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"rule file {file} holds 'rule' that is not a list of tables; write [[rule]]")
    for key in content:
        if key not in ("family", "languages"):
            raise SettingsError(
                f"rule file {file} has the unknown key {key!r}; beside [[rule]] it takes family and languages"
            )
    return [_rule({**content, **table}, file) for table in tables]


def build(rules: Iterable[Rule], off: frozenset[str] = frozenset()) -> Rules:
    """Make checked rules ready for judging; rules of target `title` become `site_tails`."""
    rules = tuple(rules)
    paragraphs = tuple(rule for rule in rules if rule.target == "paragraph")
    lines = tuple(
        (value, number)
        for number, rule in enumerate(paragraphs)
        if rule.match == "line"
        for value in folded(pa.array(rule.values)).to_pylist()
    )
    patterns = tuple((number, pattern(rule).anchored) for number, rule in enumerate(paragraphs) if rule.match != "line")
    titles = tuple(pattern(rule).anchored for rule in rules if rule.target == "title")
    return Rules(paragraphs, lines, patterns, titles, off)


def pattern(rule: Rule) -> Pattern:
    """Return the RE2 pattern that stands for all values of a `prefix` or `pattern` rule."""
    if rule.match == "prefix":
        bodies = "|".join(_plain(value) for value in rule.values)
        return Pattern(f"(?i:{MARKS}(?:{bodies}))", True, False)
    parts = [_anchors(value) for value in rule.values]
    start, end = (all(getattr(part, side) for part in parts) for side in ("start", "end"))
    return Pattern("|".join(_within(part, start, end) for part in parts), start, end)


def _anchors(value: str) -> Pattern:
    """Split the anchors off a pattern; they hold for all of its alternatives."""
    flags, body = ("(?i)", value[4:]) if value.startswith("(?i)") else ("", value)
    start = body.startswith("^")
    end = body.endswith("$") and not body.endswith("\\$")
    body = body[start : len(body) - end]
    return Pattern(f"(?i:{body})" if flags else f"(?:{body})", start, end)


def _within(part: Pattern, start: bool, end: bool) -> str:
    return f"{'^' if part.start and not start else ''}{part.body}{'$' if part.end and not end else ''}"


def _plain(value: str) -> str:
    words = re.sub(f"^{MARKS}", "", value).split()
    body = "\\s+".join("".join(_SPELLINGS.get(char) or re.escape(char) for char in word) for word in words)
    return f"{body}\\b" if body[-1:].isascii() and body[-1:].isalnum() else body


def _rule(table: dict[str, Any], file: Path) -> Rule:
    name = table.get("id", "without id")
    try:
        rule = Rule.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"rule file {file}, rule {name!r}: {where}: {first['msg']}; correct it") from error
    _check_values(rule, file)
    return rule


def _check_values(rule: Rule, file: Path) -> None:
    if rule.match != "pattern":
        for value, words in zip(rule.values, folded(pa.array(rule.values)).to_pylist(), strict=True):
            if not words:
                raise _refused(file, rule, f"the value {value!r} holds no word; give it one")
        return
    for value in rule.values:
        _check_pattern(value, rule, file)
    if len({_anchors(value).start for value in rule.values}) > 1:
        raise _refused(file, rule, "some patterns begin with ^ and some do not; make two rules of it")


def _check_pattern(value: str, rule: Rule, file: Path) -> None:
    part = _anchors(value)
    if not (part.start or part.end):
        why = "must begin with ^ or end with $, for its cost must not grow with the paragraph"
        raise _refused(file, rule, f"the pattern {value!r} {why}")
    try:
        pc.match_substring_regex(pa.array([""]), part.anchored)
    except pa.ArrowInvalid as error:
        raise _refused(file, rule, f"RE2 refuses the pattern {value!r} ({error}); correct it") from error


def _refused(file: Path, rule: Rule, why: str) -> SettingsError:
    return SettingsError(f"rule file {file}, rule {rule.id!r}: {why}")


def _refuse_repeats(rules: Sequence[Rule]) -> None:
    seen: set[str] = set(BUILT_IN)
    for rule in rules:
        if rule.id in seen and rule.target == "paragraph":
            raise SettingsError(f"two boilerplate rules are called {rule.id!r}; rename yours")
        seen.add(rule.id)
