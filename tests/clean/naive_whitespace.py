"""The slow twin of `whitespace.tidy`: one replacement after the other, on one text."""

from __future__ import annotations

import re


def tidied(text: str) -> tuple[str, list[str]]:
    """Return (tidied text, rules that acted)."""
    seen = re.sub("[\xad\u180e\u200b\u2060\ufeff]", "", text)
    after = re.sub("[\t\v\f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]", " ", seen)
    after = re.sub("(?m: +$)", "", re.sub(" {2,}", " ", after))
    return after, ["whitespace"] * (after != seen) + ["invisible"] * (seen != text)
