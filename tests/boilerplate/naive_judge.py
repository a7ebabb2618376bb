"""A slow, obvious twin of `pipeline.boilerplate.judge`: one paragraph, one rule, one loop at a time."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import takewhile

import pyarrow as pa

from pipeline.boilerplate import body
from pipeline.boilerplate.judge import HEAD, TAIL
from pipeline.boilerplate.matching import MAX_CHARS, QUOTES
from pipeline.boilerplate.rules import Rule, Rules
from tests import naive
from tests.naive import is_single, is_word

KINDS = str.maketrans({**dict.fromkeys("‘’ʼ", "'"), **dict.fromkeys("“”„", '"'), **dict.fromkeys("‐‑–—", "-")})
CLOSERS = "\"'“”‘’«»)]」』）】*_ "


def judged(documents: list[list[str]], rules: Rules) -> list[tuple[int, int, str]]:
    """Return (document, paragraph, rule id) of all boilerplate."""
    found = []
    for number, paragraphs in enumerate(documents):
        gone: dict[int, str] = {}
        while True:
            more = dict(gone)
            for row, text in enumerate(paragraphs):
                rule = first_rule(text, windows(paragraphs, row, gone), rules)
                if rule and not kept(text, rules):
                    more[row] = rule
            if set(more) == set(gone):
                break
            gone = more
        found += [(number, row, more[row]) for row in sorted(more)]
    return found


def kept(text: str, rules: Rules) -> bool:
    keep = [rule for rule in rules.paragraphs if rule.action == "keep"]
    return any(matches(rule, part) for rule in keep for part in (text, *text.split("\n")))


def windows(paragraphs: list[str], row: int, gone: dict[int, str]) -> set[str]:
    body = [is_body(text) and i not in gone for i, text in enumerate(paragraphs)]
    head = {"head", "edge"} if sum(body[:row]) < HEAD else set()
    tail = {"tail", "edge"} if sum(body[row + 1 :]) < TAIL else set()
    return {"anywhere"} | head | tail


def first_rule(text: str, allowed: set[str], rules: Rules) -> str | None:
    drop = [rule for rule in rules.paragraphs if rule.action == "drop" and rule.where in allowed]
    if rule := next((rule for rule in drop if matches(rule, text)), None):
        return rule.id
    if len(text) > MAX_CHARS:
        return None
    lines = [next((rule for rule in drop if matches(rule, line)), None) for line in text.split("\n")]
    return lines[0].id if len(lines) > 1 and lines[0] and all(lines) else None


@cache
def matches(rule: Rule, text: str) -> bool:
    if rule.match == "line":
        return words(text) != () and any(words(value) == words(text) for value in rule.values)
    if rule.match == "masked":
        return any(masked(value) == masked(text) != "" for value in rule.values)
    if len(text) > MAX_CHARS or length(text) > rule.max_words:
        return False
    if rule.match == "prefix":
        return any(begins(text, value) for value in rule.values)
    return any(re.search(re.sub(r"\$$", r"\\Z", value), text) for value in rule.values)


def begins(text: str, value: str) -> bool:
    """Some beginning of the text that ends where a word ends has the value's words."""
    if words(text)[: len(words(value))] != words(value):
        return False
    tail = "".join(takewhile(lambda char: not is_word(char), reversed(value)))[::-1]
    for stop in range(1, len(text) + 1):
        end = is_word(text[stop - 1]) and (
            not is_word(text[stop : stop + 1] or " ") or single(text[stop - 1 : stop + 1])
        )
        if end and words(text[:stop]) == words(value):
            before = "".join(takewhile(lambda char: not is_word(char), text))
            return not set(before) & set(QUOTES) and plain(text[stop:]).startswith(plain(tail).rstrip())
    return False


@cache
def words(text: str) -> tuple[str, ...]:
    return tuple(naive.words(text))


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(KINDS).lstrip()


def length(text: str) -> int:
    return len(re.findall(r"[^ \t\n\f\r]+", text)) + sum(map(is_single, text)) // 3


def single(text: str) -> bool:
    return any(map(is_single, text))


@cache
def masked(text: str) -> str:
    """Through the table of names in body.py; what counts as one is tested there."""
    return str(body.masked(pa.array([text]))[0])


def is_body(text: str) -> bool:
    if len(text) > 200:
        return True
    end = text.rstrip(CLOSERS)
    return (
        len(text) >= 20
        and end.endswith(tuple(".…。．｡।॥։።۔။។"))
        and not re.search(r"(?<![^\W_])(?:[^\W\d_]\.){2,}$", end)
    )
