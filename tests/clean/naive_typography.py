"""The slow twin of `typography.mend`: all rules on all lines of each text by itself, without a screen."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pipeline.clean.typography import mended_line, rules
from pipeline.language import guess


def mended(texts: Sequence[str | None], languages: Sequence[str]) -> list[str | None]:
    return [text if text is None else _mended(text, languages) for text in texts]


def _mended(text: str, languages: Sequence[str]) -> str:
    of_text = _language(text)
    if of_text not in languages:
        return text
    absent = frozenset(rule.id for rule in rules() if set(rule.absent) & set(text))
    lines = []
    for line in text.split("\n"):
        name = _language(line) or of_text
        assert name is not None
        lines.append(mended_line(line, name, rules(), absent)[0] if name in languages else line)
    return "\n".join(lines)


def _language(text: str) -> str | None:
    name: str | None = guess(pa.array([text]))[0].as_py()
    return name
