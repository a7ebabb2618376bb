"""A slow, obvious twin of `pipeline.boilerplate.judge`: one paragraph, one rule, one loop at a time."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pipeline.boilerplate.judge import HEAD, MAX_CHARS, TAIL
from pipeline.boilerplate.rules import MARKS, Rule, Rules

QUOTES = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "‐": "-", "‑": "-", "–": "-", "—": "-"}
)
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
                if rule:
                    more[row] = rule
            if set(more) == set(gone):
                break
            gone = more
        found += [(number, row, more[row]) for row in sorted(more)]
    return found


def windows(paragraphs: list[str], row: int, gone: dict[int, str]) -> set[str]:
    body = [is_body(text) and i not in gone for i, text in enumerate(paragraphs)]
    head = {"head", "edge"} if sum(body[:row]) < HEAD else set()
    tail = {"tail", "edge"} if sum(body[row + 1 :]) < TAIL else set()
    return {"anywhere"} | head | tail


def first_rule(text: str, allowed: set[str], rules: Rules) -> str | None:
    if len(text) > MAX_CHARS:
        return None
    if rule := next((r for r in rules.paragraphs if r.where in allowed and matches(r, text)), None):
        return rule.id
    lines = [
        next((r for r in rules.paragraphs if r.where in allowed and matches(r, x)), None) for x in text.split("\n")
    ]
    return lines[0].id if len(lines) > 1 and lines[0] and all(lines) else None


@cache
def matches(rule: Rule, text: str) -> bool:
    if rule.match == "line":
        return any(letters(value) == letters(text) for value in rule.values)
    if len(text.split()) > rule.max_words:
        return False
    if rule.match == "prefix":
        plain = " ".join(re.sub(f"^{MARKS}", "", text).translate(QUOTES).replace("…", "...").lower().split())
        starts = [
            " ".join(re.sub(f"^{MARKS}", "", value).translate(QUOTES).replace("…", "...").lower().split())
            for value in rule.values
        ]
        return any(
            re.match(re.escape(start) + (r"(?!\w)" if start[-1].isalnum() else ""), plain, re.ASCII) for start in starts
        )
    return any(re.search(re.sub(r"\$$", r"\\Z", value), text) for value in rule.values)


@cache
def letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower()
    return " ".join("".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in plain).split())


def is_body(text: str) -> bool:
    if len(text) > 200:
        return True
    end = text.rstrip(CLOSERS)
    return (
        len(text) >= 20
        and end.endswith(tuple(".…。．｡।॥։።۔။។"))
        and not re.search(r"(?<![^\W_])(?:[^\W\d_]\.){2,}$", end)
    )
