"""Names as they are shown: what stands in a message or on a terminal is one line, and gives no orders to it."""

from __future__ import annotations

import re

#: Controls (line ends and terminal escapes among them), what changes the direction of text, and halves of characters.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(name: str) -> str:
    r"""Return the name of a file with what is no plain character escaped as Python would: `a\nb`."""
    return _ODD.sub(lambda found: found[0].encode("unicode_escape").decode(), name)
