"""The slow twin of `typography.mend`: all rules on all lines of each text by itself, without a screen."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pipeline.clean.typography import CODE, ROUNDS, rules
from pipeline.language import guess


def mended(texts: Sequence[str | None], languages: Sequence[str]) -> list[str | None]:
    return [text if text is None else _mended(text, languages) for text in texts]


def mended_line(line: str, language: str, absent: frozenset[str] = frozenset()) -> str:
    """Return the line as it is when no rule changes it; as it was, where it never comes to rest or looks like code."""
    fit = [rule for rule in rules() if language in rule.languages and rule.id not in absent]
    now = line
    for _ in range(ROUNDS):
        begun = now
        for rule in fit:
            now = rule.mended(now, language)
        if now == begun:
            return line if CODE.search(line) else now
    return line


def _mended(text: str, languages: Sequence[str]) -> str:
    of_text = _language(text)
    if of_text not in languages:
        return text
    absent = frozenset(rule.id for rule in rules() if set(rule.absent) & set(text))
    lines = []
    for line in text.split("\n"):
        name = _language(line) or of_text
        assert name is not None
        lines.append(mended_line(line, name, absent) if name in languages else line)
    return "\n".join(lines)


def _language(text: str) -> str | None:
    name: str | None = guess(pa.array([text]))[0].as_py()
    return name
