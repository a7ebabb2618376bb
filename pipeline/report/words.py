"""Word-level differences of two texts, marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from pipeline.report.markup import Html, tag, together

#: A word or what stands between words, with the space before it; a character of scripts without spaces.
_TOKEN = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]|\s*\w+|\s*[^\w\s]|\s+")
#: Tokens that are compared of each text, from the first that differs: matching takes the square of it, 4 ms for 300.
COMPARED = 300
#: Tokens of what is equal that are shown before and behind a difference.
CONTEXT = 14


def differences(before: str, after: str) -> tuple[Html, Html]:
    """Return both texts, with <del> around what only the first has and <ins> around what only the second has.

    What is equal is shown near differences only; what lies more than COMPARED tokens behind the first difference
    is left out. Library: difflib's SequenceMatcher, over tokens.
    """
    one, two = _TOKEN.findall(before), _TOKEN.findall(after)
    start = _same(one, two)
    shown = max(0, start - CONTEXT)
    left, right = one[shown : start + COMPARED], two[shown : start + COMPARED]
    parts: tuple[list[Html], list[Html]] = ([], [])
    if shown:
        parts[0].append(together("… "))
        parts[1].append(together("… "))
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            ends = shown + b == len(one) and shown + d == len(two)
            parts[0].append(_equal(left[a:b], a == 0, ends))
            parts[1].append(_equal(right[c:d], c == 0, ends))
        else:
            one_side, other = "".join(left[a:b]), "".join(right[c:d])
            space = one_side.split() == other.split()
            parts[0].append(_marked("del", one_side, space))
            parts[1].append(_marked("ins", other, space))
    return tag("bdi", *parts[0]), tag("bdi", *parts[1])


def _same(one: list[str], two: list[str]) -> int:
    """Return how many tokens at the beginning are the same."""
    return next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _marked(element: str, text: str, space: bool) -> Html:
    """Return the text marked; the space before it is not, unless space is all that differs."""
    words = text if space else text.lstrip() or text
    return together(text[: len(text) - len(words)], tag(element, words)) if words else Html("")


def _equal(tokens: list[str], first: bool, last: bool) -> Html:
    """Return the tokens, without those in the middle that are far from a difference."""
    head, tail = 0 if first else CONTEXT, 0 if last else CONTEXT
    if len(tokens) <= head + tail + CONTEXT:
        return together("".join(tokens))
    return together(f"{''.join(tokens[:head])} … {''.join(tokens[len(tokens) - tail :])}")
