"""Boilerplate rules: read from TOML, checked, and made ready for judging.

A rule is data. How its `values` are compared is its `match`:
`line`: the text has the same words as the value, in the same order; case and all between words is free.
`prefix`: its first words are the value's. No quotation mark stands before them, for speech is text;
marks at the end of the value (`Photo:`) must stand behind them.
`masked`: like `line`, but numbers and names of months and weekdays are alike (`body.masked`).
`pattern`: RE2 patterns, taken as they stand.
`sites` limits a rule to documents of these sites; `action = "keep"` protects what it matches.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import tomli
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.boilerplate.body import folded, masked
from pipeline.errors import SettingsError
from pipeline.kernels.prefixes import is_word
from pipeline.settings import BoilerplateSettings

PACKS = Path(__file__).with_name("rules")

#: Rules that are code in titles.py, not data: `off` may name them or their family.
BUILT_IN = {"title": "titles", "title-repeated": "titles", "title-site-tail": "titles"}

_SPELLINGS = str.maketrans(dict.fromkeys("‘’ʼ", "'") | dict.fromkeys("“”„", '"') | dict.fromkeys("‐‑–—", "-"))


class Rule(BaseModel):
    """One rule as it stands in a rule file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    family: str = Field(min_length=1)
    languages: tuple[str, ...] = ()
    match: Literal["line", "prefix", "masked", "pattern"]
    action: Literal["drop", "keep"] = "drop"
    where: Literal["head", "tail", "edge", "anywhere"] = "anywhere"
    target: Literal["paragraph", "title"] = "paragraph"
    sites: tuple[str, ...] = ()
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


class Value(NamedTuple):
    """A value of a rule as it is compared."""

    words: str  #: folded or masked; a pattern
    tail: str  #: marks that must stand behind, as `marks` spells them
    rule: int  #: index of its rule


@dataclass(frozen=True)
class Rules:
    """The rules in force: plain strings and tuples, so cheap to pickle to a worker."""

    paragraphs: tuple[Rule, ...]  #: rules for paragraphs, in pack order: the first that matches wins
    lines: tuple[Value, ...]
    prefixes: tuple[Value, ...]
    masked: tuple[Value, ...]
    patterns: tuple[Value, ...]  #: RE2 patterns as they stand
    site_tails: tuple[str, ...]  #: RE2 patterns of site names at the end of a title
    off: frozenset[str]  #: ids and families the user switched off

    @cached_property
    def kept(self) -> Rules:
        """The rules with `action = "keep"` alone."""
        return build(rule for rule in self.paragraphs if rule.action == "keep")

    @cached_property
    def _hash(self) -> int:
        return hash((self.paragraphs, self.site_tails, self.off))

    def __hash__(self) -> int:
        """Once for all: there are thousands of values."""
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        """What is cached stays here."""
        return Rules, tuple(getattr(self, field.name) for field in fields(self))


def load(settings: BoilerplateSettings) -> Rules:
    """Read the packs of the distribution and the files of `settings.rules`, less `settings.off`.

    Raises SettingsError, naming file and rule, for an unreadable file, an unknown key, a wrong
    type, a pattern that RE2 refuses or that is anchored nowhere, an id used twice, and an id or
    family in `off` that does not exist.
    """
    rules = [*packs(), *(rule for file in settings.rules for rule in read(Path(file)))]
    _refuse_repeats(rules)
    known = {rule.id for rule in rules} | {rule.family for rule in rules} | set(BUILT_IN) | set(BUILT_IN.values())
    for name in settings.off:
        if name not in known:
            raise SettingsError(f"boilerplate.off names {name!r}, which is no rule and no family; remove or correct it")
    off = frozenset(settings.off)
    return build([rule for rule in rules if not off & {rule.id, rule.family}], off)


@cache
def packs() -> tuple[Rule, ...]:
    """Return the rules of the distribution; tests have checked them, which takes a third of the time to `read` them."""
    return tuple(rule for file in sorted(PACKS.glob("*.toml")) for rule in _rules(file))


def read(file: Path) -> list[Rule]:
    """Return the rules of one TOML file, in its order; raises SettingsError as `load` does."""
    rules = _rules(file)
    for rule in rules:
        _check_values(rule, file)
    _refuse_wordless(rules, file)
    return rules


def _rules(file: Path) -> list[Rule]:
    """Return the rules of one TOML file, their values as they stand there."""
    try:
        content = tomli.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"rule file {file} cannot be read ({error}); correct boilerplate.rules") from error
    except tomli.TOMLDecodeError as error:
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
    patterns = tuple(
        Value(value, "", number)
        for number, rule in enumerate(paragraphs)
        if rule.match == "pattern"
        for value in rule.values
    )
    titles = tuple(pattern(rule).anchored for rule in rules if rule.target == "title")
    lines, prefixes, masks = (_values(paragraphs, match) for match in ("line", "prefix", "masked"))
    return Rules(paragraphs, lines, prefixes, masks, patterns, titles, off)


def pattern(rule: Rule) -> Pattern:
    """Return the RE2 pattern that stands for all values of a `pattern` rule."""
    parts = [anchors(value) for value in rule.values]
    start, end = (all(getattr(part, side) for part in parts) for side in ("start", "end"))
    return Pattern("|".join(_within(part, start, end) for part in parts), start, end)


def marks(text: str) -> str:
    """Return text with one kind of dash and quotation mark, full-width marks narrow, no white space before it."""
    return unicodedata.normalize("NFKC", text).translate(_SPELLINGS).lstrip()


def _values(rules: tuple[Rule, ...], match: str) -> tuple[Value, ...]:
    numbers = [n for n, rule in enumerate(rules) if rule.match == match for _ in rule.values]
    values = [value for rule in rules if rule.match == match for value in rule.values]
    words = (masked if match == "masked" else folded)(pa.array(values, pa.string())).to_pylist()
    tails = [_tail(value) if match == "prefix" else "" for value in values]
    return tuple(map(Value, words, tails, numbers))


def _tail(value: str) -> str:
    length = next((n for n, char in enumerate(reversed(value)) if is_word(char)), 0)
    return marks(value[len(value) - length :].rstrip())


def anchors(value: str) -> Pattern:
    """Split the anchors off a pattern; they hold for all of its alternatives."""
    flags, body = ("(?i)", value[4:]) if value.startswith("(?i)") else ("", value)
    start = body.startswith("^")
    end = body.endswith("$") and not body.endswith("\\$")
    body = body[start : len(body) - end]
    return Pattern(f"(?i:{body})" if flags else f"(?:{body})", start, end)


def _within(part: Pattern, start: bool, end: bool) -> str:
    return f"{'^' if part.start and not start else ''}{part.body}{'$' if part.end and not end else ''}"


def _rule(table: dict[str, Any], file: Path) -> Rule:
    name = table.get("id", "without id")
    try:
        return Rule.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"rule file {file}, rule {name!r}: {where}: {first['msg']}; correct it") from error


def _check_values(rule: Rule, file: Path) -> None:
    if rule.target == "title" and (rule.match != "pattern" or rule.action == "keep" or rule.sites):
        raise _refused(file, rule, 'a rule for titles has match = "pattern", no sites, and keeps nothing; correct it')
    if rule.action == "keep" and rule.where != "anywhere":
        raise _refused(file, rule, "what it keeps is kept anywhere; leave out `where`")
    if rule.match != "pattern":
        return
    for value in rule.values:
        _check_pattern(value, rule, file)
    if len({anchors(value).start for value in rule.values}) > 1:
        raise _refused(file, rule, "some patterns begin with ^ and some do not; make two rules of it")


def _refuse_wordless(rules: Sequence[Rule], file: Path) -> None:
    """Raise SettingsError for a value without a word; all are folded at once: one by one took 0.3 s."""
    values = [(rule, value) for rule in rules if rule.match != "pattern" for value in rule.values]
    words = folded(pa.array([value for _, value in values], pa.string())).to_pylist()
    for (rule, value), some in zip(values, words, strict=True):
        if not some:
            raise _refused(file, rule, f"the value {value!r} holds no word; give it one")


def _check_pattern(value: str, rule: Rule, file: Path) -> None:
    part = anchors(value)
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
