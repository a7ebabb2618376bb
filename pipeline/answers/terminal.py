"""An explanation as lines for a terminal: colours where they are wanted, signs everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from pipeline.answers.explain import Change, Explanation, Fate
from pipeline.answers.words import differing, pieces

#: Differences shown between a removed paragraph and its copy.
SHOWN = 8
#: Controls, and characters that turn the direction of text: a terminal is shown their names, never they themselves.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def shown(text: str) -> str:
    """Return text that does nothing to a terminal: ESC is `<U+001B>`."""
    return _CONTROL.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def lines(explanation: Explanation) -> Iterator[str]:
    """Yield the lines: what became of the document, then each paragraph, `-` removed, `~` edited."""
    source = f"  ({shown(explanation.source)})" if explanation.source else ""
    yield click.style(shown(explanation.doc_id), bold=True) + source
    if explanation.title:
        yield f"title: {shown(explanation.title)}"
    yield shown(explanation.sentence)
    for change in explanation.whole:
        if change.action != "drop":
            yield f"  {change.action} {shown(change.told)}{_line_edit(change)}"
    for copy in explanation.copies:
        yield f"  stands for {shown(copy.doc_id)}  ({shown(copy.source or '')})"
    yield from _against_copy(
        next((change for change in explanation.whole if change.copy), None), explanation.paragraphs
    )
    for fate in explanation.paragraphs:
        yield ""
        yield from _paragraph(fate)


def _paragraph(fate: Fate) -> Iterator[str]:
    sign = "-" if fate.removal else "~" if fate.raw != fate.text else " "
    head = click.style(f"{sign} {fate.position:>3} ", fg="red" if fate.removal else None, dim=not fate.removal)
    if fate.removal:
        yield head + click.style(shown(fate.text), fg="red")
    else:
        yield head + _marked(fate.raw, fate.text)
    for change in fate.changes:
        yield f"      {change.action} {shown(change.told)}"
    if fate.removal and not fate.with_document:
        yield f"      {click.style('removed', bold=True)} {shown(fate.removal.told)}"
        if fate.removal.copy is not None:
            yield from _differences(fate.removal, fate.text)


def _against_copy(change: Change | None, paragraphs: tuple[Fate, ...]) -> Iterator[str]:
    """Yield what differs between a document that was removed as a whole and its copy."""
    if change and change.action == "drop" and paragraphs:
        yield from _differences(change, "\n\n".join(fate.text for fate in paragraphs if fate.with_document))


def _differences(change: Change, text: str) -> Iterator[str]:
    copy = change.copy
    if copy is None:
        return
    where = f" ({shown(copy.source)})" if copy.source else ""
    if copy.text is None:
        yield f"      the copy in {shown(copy.doc_id)}{where} is not in the dataset any more"
        return
    found = list(differing(text, copy.text))
    yield f"      kept: {shown(copy.doc_id)}{where}{'' if found else ', word for word the same'}"
    for before, after in found[:SHOWN]:
        yield f"        here {_one(before, 'red')}  there {_one(after, 'green')}"
    if len(found) > SHOWN:
        yield f"        … and {len(found) - SHOWN} more places"


def _one(text: str, colour: str) -> str:
    return click.style(f"“{shown(text)}”", fg=colour) if text else "nothing"


def _line_edit(change: Change) -> str:
    return "" if change.before is None or change.after is None else f": {_marked(change.before, change.after)}"


def _marked(before: str, after: str) -> str:
    """Return the text with what went as [-…-] and what came as {+…+}."""
    parts = []
    for piece in pieces(before, after):
        if piece.same:
            parts.append(shown(piece.after))
            continue
        space = " " if (piece.after or piece.before)[:1].isspace() else ""
        gone, new = shown(piece.before.strip()), shown(piece.after.strip())
        marks = [click.style(f"[-{gone}-]", fg="red")] if gone else []
        marks += [click.style(f"{{+{new}+}}", fg="green")] if new else []
        parts.append(space + "".join(marks))
    return "".join(parts)
