"""UTF-8: whether bytes are sound, and what to make of bytes that are mostly so."""

from __future__ import annotations

import re

from pipeline.read.detection import text

_ASCII = bytes(range(128))
#: A byte by itself between ASCII characters, as one Windows-1252 apostrophe or accented letter leaves it, or two
#: letters ("cr\xe9\xe9"). Left out: C2 and C3, which alone are the first half of a cut UTF-8 sequence far more often
#: than Â or Ã, and FF, which is filler far more often than ÿ.
_STRAY = re.compile(rb"(?<![\x80-\xff])(?:[\x80-\xc1\xc4-\xfe]|(?<=[A-Za-z])[\xe0-\xfe]{2})(?![\x80-\xff])")
#: Sequences without their last bytes; of two bytes only those that are no letter of Latin-1 by themselves.
_CUT = re.compile(rb"(?<![\x80-\xff])(?:[\xc2\xc3]|[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2})(?![\x80-\xff])")
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def is_sound(data: bytes) -> bool:
    """Return whether the bytes are valid UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_cut(data: bytes) -> bool:
    """Return whether all that is broken are sequences without their last bytes, as a dash of two bytes is."""
    return _CUT.search(data) is not None and is_ascii(_CUT.sub(b"", without_sequences(data)))


def is_mostly_sound(data: bytes) -> bool:
    """Return whether the bytes hold more whole multi-byte sequences than broken ones."""
    text = data.decode(errors="replace")
    broken = text.count("\ufffd")
    # Every byte above 7F that is no part of a whole sequence gave one U+FFFD or a share of one.
    whole = len(text) - broken - len(data.translate(None, bytes(range(128, 256))))
    return whole > broken


def has_strays(data: bytes) -> bool:
    """Return whether there is a byte that is no part of UTF-8 but may be a character of another charset."""
    return _STRAY.search(data) is not None


def mended(data: bytes, charset: str) -> str:
    """Return the text of mostly sound bytes: strays in `charset`, the rest of what is broken as U+FFFD.

    charset: "" where there are no strays.
    """
    if not charset:
        return data.decode(errors="replace")
    return _STRAY.sub(lambda stray: text(stray[0], charset).encode(), data).decode(errors="replace")


def without_sequences(data: bytes) -> bytes:
    """Return the bytes without what looks like multi-byte sequences: ASCII, and what is not UTF-8."""
    return _SEQUENCE.sub(b"", data)


def cut_tail(data: bytes) -> int:
    """Return the length of the incomplete sequence at the very end, 0 to 3: what a cut-off file ends in."""
    for length in range(1, min(4, len(data) + 1)):
        byte = data[-length]
        if byte >= 0xC2:
            wanted = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return length if length < wanted and byte < 0xF5 else 0
        if byte < 0x80:
            return 0
    return 0


def is_ascii(data: bytes) -> bool:
    """Return whether no byte is above 7F."""
    return not data.translate(None, _ASCII)
