"""Keys and secrets in URIs: what is saved, logged or shown has `***` for them."""

from __future__ import annotations

import re

_USER = re.compile(r"(?<=://)(?:[^/?#@\s]*@|[^/?#@\s]*:\S*@)")
_OPTION = re.compile(r"([?&][^=&#\s]*(?:key|secret|token|password|signature)[^=&#\s]*=)[^&#\s]*", re.IGNORECASE)


def masked(text: str) -> str:
    """Return text with `***` for keys and secrets of the URIs in it; rather too much than too little of them."""
    return _OPTION.sub(r"\1***", _USER.sub("***@", text))
