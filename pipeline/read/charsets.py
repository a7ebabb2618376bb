"""Charsets: how bytes become text.

A byte order mark decides; else the charset that the user names; else UTF-8, strictly; else the charset that a page
declares in its head; else, line by line, UTF-8 and what chardet finds for the lines that are not (`mixed`).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import chardet

from pipeline.errors import InputError, SettingsError
from pipeline.read import declarations, mixed, utf8
from pipeline.read.detection import SAMPLE_BYTES, Guess, detect, fits, fitting, superset, text
from pipeline.settings import ReadSettings

#: What rules of the ledger call UTF-8 in which some bytes were broken, and became U+FFFD.
DAMAGED = "utf-8-damaged"

_PRINTABLE = bytes(range(32, 127)) + b"\t\n\r"
#: Control characters that text has no use for. Tab, line ends, form feed and escape are used in text.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b")) + b"\x7f"
_ISO_2022 = b"\x1b$"
_MANY_CONTROLS = 0.1
_MANY_NULS = 0.2
#: Longer marks first: that of UTF-32 LE starts with that of UTF-16 LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Decoded(NamedTuple):
    """Text, the charset it was in, "" for sound UTF-8, and words for the ledger on how that is known.

    charset: "utf-8+cp1252" where UTF-8 and another one stood side by side, DAMAGED where bytes were lost.
    """

    text: str
    charset: str
    evidence: str


def check(charset: str) -> None:
    """Raise SettingsError when Python knows no such charset."""
    try:
        b" ".decode(charset or "utf-8", errors="replace")  # of no bytes at all the name would not be looked at
    except LookupError as error:
        raise SettingsError(
            f"read.charset = {charset!r} is no charset that Python knows: take a name such as cp1252 or shift_jis"
        ) from error


def mark(head: bytes) -> tuple[str, int]:
    """Return (charset, length in bytes) of the byte order mark at the start; ("", 0) if there is none."""
    for bom, charset in _MARKS:
        if head.startswith(bom):
            return charset, len(bom)
    return "", 0


def wide(head: bytes, charset: str) -> str:
    """Return the charset of a stream that cannot be cut at line feeds before it is decoded; else "".

    head: the first bytes, after a byte order mark. charset: by mark or settings, or "". UTF-16 and
    UTF-32 without a mark show themselves by their many zero bytes.
    """
    if charset:
        return "" if _is_ascii_compatible(charset) else charset
    if head.count(0) <= _MANY_NULS * len(head):
        return ""
    found = (chardet.detect(head[:SAMPLE_BYTES])["encoding"] or "").lower()
    return found if found.startswith(("utf-16", "utf-32")) else ""


def transcode(blocks: Iterable[bytes], charset: str) -> Iterator[bytes]:
    """Yield the blocks of a stream in `charset` as UTF-8; what is broken becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder(charset)(errors="replace")
    for block in blocks:
        yield _utf8(decoder.decode(block))
    yield _utf8(decoder.decode(b"", final=True))


def decode(data: bytes, settings: ReadSettings, markup: bool = False) -> Decoded:
    """Return a whole file as text. `markup`: whether it may be a page that declares its own charset.

    Raises InputError, the rest of a sentence, for binary data, bytes that no charset explains, and a charset that is
    a guess where `read.low_confidence` is quarantine.
    """
    marked, length = mark(data)
    body = data[length:]
    stream = wide(body, marked or settings.charset)
    if stream:
        return Decoded(body.decode(stream, errors="replace"), stream, wide_evidence(marked, settings))
    if marked and utf8.is_sound(body):
        return Decoded(body.decode(), "", "")
    if marked or not settings.charset:
        return _undeclared(body, settings, markup and not marked)
    return by_setting(body, settings.charset)


def wide_evidence(marked: str, settings: ReadSettings) -> str:
    """Return how the charset of a stream in UTF-16 or UTF-32 is known."""
    if marked:
        return "byte order mark"
    return "by setting" if settings.charset else "detected by its zero bytes"


def by_setting(data: bytes, charset: str) -> Decoded:
    """Return the text of bytes whose charset the user has named; raises InputError where they are not in it."""
    try:
        found = data.decode(charset)
    except UnicodeDecodeError as error:
        raise InputError(
            f"is not {charset} (byte {error.start + 1}): give another --encoding, or none to have it detected"
        ) from error
    return Decoded(found, "", "") if _is_utf8(charset) else Decoded(found, charset, "by setting")


def accept(guess: Guess, settings: ReadSettings) -> str:
    """Return words for the ledger on a charset that was detected; raises InputError where it may not be taken."""
    if not guess.charset:
        raise InputError("is not text in any charset: name the charset with --encoding")
    if guess.confidence >= settings.min_confidence:
        return f"detected, {guess.reason}"
    if settings.low_confidence == "decode":
        return f"guessed, {guess.reason}"
    raise InputError(
        f"is perhaps {guess.charset}, but with {guess.reason} only, below {settings.min_confidence:g}: "
        "name its charset with --encoding, or lower read.min_confidence"
    )


def damage(found: str) -> str:
    """Return words for the ledger on bytes that were lost."""
    return f"{found.count(chr(0xFFFD))} U+FFFD"


def binary(data: bytes) -> str:
    """Return what kind of binary data the bytes are, such as "image/png"; "" if they may be text."""
    head = data[:SAMPLE_BYTES]
    if utf8.is_sound(head[: _last_whole(head)]) and head.count(0) <= _MANY_NULS * len(head):
        return ""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not controls:  # no format of binary data does without: spares text a second look by the detector
        return ""
    kind = chardet.detect(head)["mime_type"] or ""
    if kind and not kind.startswith("text/") and kind != "application/octet-stream":
        return kind
    return "an unknown kind" if controls > _MANY_CONTROLS * len(head) else ""


def not_text(kind: str) -> str:
    """Return the rest of a sentence about binary data of this kind."""
    return f"is not text: it looks like binary data ({kind})"


def refuse_binary(data: bytes) -> None:
    """Raise InputError, the rest of a sentence, when the bytes look like binary data."""
    kind = binary(data)
    if kind:
        raise InputError(not_text(kind))


def _undeclared(data: bytes, settings: ReadSettings, markup: bool) -> Decoded:
    refuse_binary(data)
    if utf8.is_sound(data):
        return _sound(data)
    named = _declared(data) if markup and not utf8.is_mostly_sound(data) else ""
    if named:
        return Decoded(text(data, named), named, "declared in the file")
    found = mixed.decode(data)
    return Decoded(found.text, *_named(found, settings))


def _sound(data: bytes) -> Decoded:
    """Return UTF-8 as it is, but for ISO-2022-JP: its escape sequences and ASCII are no colours of a terminal."""
    if _ISO_2022 in data and data.isascii():
        name = detect(data).charset
        if name.startswith("iso2022") and fits(data, name):
            return Decoded(text(data, name), name, "detected by its escape sequences")
    return Decoded(data.decode(), "", "")


def _declared(data: bytes) -> str:
    """Return the first charset that the head of a page declares and that the bytes are in; "" if there is none."""
    for label in declarations.labels(data):
        name = fitting(data, superset(label))
        if name and not name.startswith("utf-") and fits(data, name):
            return name
    return ""


def _named(found: mixed.Mixture, settings: ReadSettings) -> tuple[str, str]:
    """Return (charset, evidence) of a mixture; raises InputError where its charset may not be taken."""
    if found.guess is None:
        return DAMAGED, damage(found.text)
    evidence = accept(found.guess, settings)
    if found.whole:
        return found.guess.charset, evidence
    return f"utf-8+{found.guess.charset}", f"{evidence}; {found.foreign} of {found.lines} lines"


def _is_utf8(charset: str) -> bool:
    return codecs.lookup(charset).name in ("utf-8", "ascii")


def _is_ascii_compatible(charset: str) -> bool:
    try:
        return _PRINTABLE.decode(charset) == _PRINTABLE.decode()
    except UnicodeDecodeError:
        return False


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")


def _last_whole(head: bytes) -> int:
    """Return where a sample can be cut without splitting a UTF-8 sequence at its end."""
    end = len(head)
    for back in range(1, min(4, end) + 1):
        if head[end - back] >= 0xC0:
            return end - back
        if head[end - back] < 0x80:
            break
    return end
