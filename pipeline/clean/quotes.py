"""Quotation marks in a line: which of them open, which close, and what is wrong with them.

A mark's neighbours show its shape: an opening one has space before it and a letter after it, a closing one the
other way round. All functions take one line and the language of its text, return the mended line, and leave it
as it was where the marks do not add up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

#: Marks that open and close, by language. Swedish and Finnish, which open with ”, are not here.
PAIRS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("“", "”"),),
    "de": (("„", "“"), ("»", "«")),
    "es": (("“", "”"), ("«", "»")),
    "fr": (("“", "”"), ("«", "»")),
    "it": (("“", "”"), ("«", "»")),
    "nl": (("“", "”"), ("„", "”")),
    "pl": (("„", "”"), ("«", "»")),
    "pt": (("“", "”"), ("«", "»")),
}
_BEFORE_OPENING = frozenset(" \t([{—–-/‘'¿¡")
_AFTER_CLOSING = frozenset(" \t.,;:!?…)]}—–-/’'")
#: A sentence or part of it ends, a closing mark follows, and a letter right behind it.
_GLUED = re.compile(r"(?<=[^\W\d_][.,!?…])([”“»«\"])(?=[^\W\d_][^\W_])")
_STRAY = re.compile(
    r"(?<![^\s(\[—–])“( ?)([^\W_][^“”„]*[^\s\d“”„‘’'«»])( ?)”(?=[\s.,;:!?)\]—–]|$)",
)
_TAIL = re.compile(r"(?P<end>(?<=[^\W\d_])[.,!?…]”?) ?»\s*$")


def separated(line: str, language: str) -> str:
    """Put a space after a closing mark that a word follows: `hostages.”Israeli`.

    Only where the mark closes one that was opened in the same line, and before a capital after a full stop.
    """
    glued = {
        found.start()
        for found in _GLUED.finditer(line)
        if line[found.start() - 1] == "," or line[found.end()].isupper()
    }
    if not glued:
        return line
    cuts = [at + 1 for at in _closing(line, language) if at in glued]
    return " ".join(line[begin:end] for begin, end in zip([0, *cuts], [*cuts, None], strict=True))


def turned(line: str, language: str) -> str:
    """Turn round curly marks that stand the wrong way: `out,“ he said. ”The` is `out,” he said. “The`.

    Only where, by their shapes, all marks of the line open and close in turn; the last may stay open.
    """
    chars = list(line)
    is_open = False
    for at in _places(line, "“”"):
        shape = _shape(line, at)
        if shape is None or (shape == "“") == is_open:
            return line
        chars[at] = shape
        is_open = not is_open
    return "".join(chars)


def tightened(line: str, language: str) -> str:
    """Take away stray spaces inside a pair of curly marks: `“ so it was ”`."""
    return _STRAY.sub(r"“\2”", line)


def anglicised(line: str, language: str) -> str:
    """Take away a `»` at the line's end behind a closing mark, or turn it into the closing mark that is missing.

    Lines of fewer than eight words stay: `Next: “Who won?” »` is a link.
    """
    found = _TAIL.search(line)
    if found is None or line.count(" ") < 8:
        return line
    end, begin = found["end"], line[: found.start()]
    missing = begin.count("“") - begin.count("”")
    if missing != 1 or line.count("»") != 1:
        return line
    return begin + end.rstrip("”") + "”"


FUNCTIONS: dict[str, Callable[[str, str], str]] = {
    "separated": separated,
    "turned": turned,
    "tightened": tightened,
    "anglicised": anglicised,
}


def _shape(line: str, at: int) -> str | None:
    """Return `“` or `”`, whichever the neighbours of the mark show; None where they show neither."""
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    opens = (not before or before in _BEFORE_OPENING) and (after.isalpha() or after in ("‘", "…", "["))
    closes = bool(before) and not before.isspace() and before not in "([{" and (not after or after in _AFTER_CLOSING)
    if opens == closes:
        return None
    return "“" if opens else "”"


def _closing(line: str, language: str) -> Iterator[int]:
    """Yield the places of marks that close the one mark of their kind that is open."""
    openings = dict(PAIRS.get(language, ()))
    opened = dict.fromkeys(openings.values(), 0)
    sound = dict.fromkeys(openings.values(), False)
    for at in _places(line, "“”„«»"):
        mark = line[at]
        if mark in openings:
            opened[openings[mark]] += 1
            sound[openings[mark]] = at == 0 or line[at - 1] in _BEFORE_OPENING
        elif mark in opened:
            if opened[mark] == 1 and sound[mark]:
                yield at
            opened[mark] -= 1
    yield from _straight(line)


def _straight(line: str) -> Iterator[int]:
    """Yield the places of closing straight marks, as long as all open and close in turn, by their shapes.

    A mark that has a letter behind it and no space before it closes when one is open.
    """
    is_open = False
    for at in _places(line, '"'):
        shape = _shape(line, at)
        if is_open and shape != "“":
            yield at
        elif is_open or shape != "“":
            return
        is_open = not is_open


def _places(line: str, marks: str) -> Iterator[int]:
    return (found.start() for found in re.finditer(f"[{marks}]", line))
