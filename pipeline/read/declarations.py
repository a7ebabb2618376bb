"""Declarations: the charset that a page names in its own first bytes (HTML Standard, 13.2.3.2; XML, 4.3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: How far the HTML Standard has browsers look.
HEAD_BYTES = 1024

_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_XML = re.compile(rb"\A\s*<\?xml\s[^>]*?\bencoding\s*=\s*[\"']\s*([\w.:-]+)")
_META = re.compile(rb"<meta[\s/]([^>]*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_PARAMETER = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def labels(data: bytes) -> Iterator[str]:
    """Yield what the XML declaration and the meta elements in the first 1,024 bytes call the charset, in order."""
    head = _COMMENT.sub(b"", data[:HEAD_BYTES])
    xml = _XML.search(head)
    if xml:
        yield xml[1].decode("ascii", errors="replace")
    for tag in _META.finditer(head):
        label = _of_meta(tag[1])
        if label:
            yield label.decode("ascii", errors="replace").strip()


def _of_meta(inside: bytes) -> bytes:
    """Return the label in one meta element; a `charset=` within a description is none."""
    attributes: dict[bytes, bytes] = {}
    for name, *values in _ATTRIBUTE.findall(inside):
        attributes.setdefault(name.lower(), b"".join(values))
    if b"charset" in attributes:
        return attributes[b"charset"]
    if attributes.get(b"http-equiv", b"").strip().lower() == b"content-type":
        found = _PARAMETER.search(attributes.get(b"content", b""))
        return found[1] if found else b""
    return b""
