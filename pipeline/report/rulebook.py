"""The rules that were learned from this corpus, with what spoke for each: `learned.toml`, comments and all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import tomli

#: Rules that are shown.
SHOWN = 40


class Learned(NamedTuple):
    """One learned rule."""

    rule: str
    sites: list[str]
    values: list[str]
    reason: str
    evidence: list[str]  #: what stands before it in the file: counts, then samples


class Rulebook(NamedTuple):
    """All that was learned."""

    rules: list[Learned]
    refused: int  #: that were left alone


def rulebook(path: Path) -> Rulebook:
    """Return what the file says; nothing where there is none."""
    text = path.read_text("utf-8") if path.is_file() else ""
    rules: list[dict[str, Any]] = tomli.loads(text).get("rule", [])
    evidence, comments, refused = list[list[str]](), list[str](), 0
    for line in text.splitlines():
        if line == "[[rule]]":
            evidence.append(comments)
        refused += line == "# [[rule]]"
        comments = [*comments, line[2:]] if line.startswith("# ") else []
    found = [
        Learned(rule["id"], rule["sites"], rule["values"], rule["reason"], said)
        for rule, said in zip(rules, evidence, strict=True)
    ]
    return Rulebook(found, refused)
