"""HTML elements that escape all that is put into them, and texts of the corpus that can do nothing."""

from __future__ import annotations

import re
from html import escape


class Html(str):
    """A string that is HTML already; what is done to it gives a plain string, which is escaped again."""

    __slots__ = ()


Child = str | int | float | None
#: Elements of the page that have no end; those of SVG all have one.
_VOID = {"meta", "input", "br"}
#: Characters that cannot be seen and change what stands around them: shown by their number. Joiners (U+200C, U+200D)
#: are part of Persian, Hindi and emoji; tab and line feed are layout.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\U000e0000-\U000e007f]"
)


def tag(element: str, *children: Child, **attributes: str | int | float | bool | None) -> Html:
    """Return an element; children and attributes that are not Html are escaped, None and False are left out.

    An attribute's name ends in `_` where Python has the word for itself, and has `_` for `-`; True has no value.
    """
    given = {name: value for name, value in attributes.items() if value is not None and value is not False}
    words = [element, *(_attribute(name, value) for name, value in given.items())]
    end = "" if element in _VOID else f"{together(*children)}</{element}>"
    return Html(f"<{' '.join(words)}>{end}")


def together(*children: Child) -> Html:
    """Return the children one after the other; what is not Html is escaped, and unseen characters are shown."""
    parts = [child if isinstance(child, Html) else _visible(str(child)) for child in children if child is not None]
    return Html("".join(parts))


def shown(text: str, limit: int = 400) -> Html:
    """Return a text of the corpus, cut to `limit` characters, isolated from the direction of what is around it."""
    return tag("bdi", cut(text, limit))


def cut(text: str, limit: int) -> str:
    """Return the text, or its first characters and an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _visible(text: str) -> str:
    """Return the text escaped, with characters that cannot be seen as their numbers: U+202E."""
    return _UNSEEN.sub(_numbered, escape(text))


def _numbered(found: re.Match[str]) -> str:
    return f'<span class="unseen">U+{ord(found[0]):04X}</span>'


def _attribute(name: str, value: str | int | float | bool | None) -> str:
    name = name.rstrip("_").replace("_", "-")
    return name if value is True else f'{name}="{escape(str(value))}"'
