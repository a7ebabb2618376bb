"""Detection: in which charset bytes are that nobody has named it for."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

import chardet
from chardet import EncodingEra

#: How much of the bytes in question is shown to the detector.
SAMPLE_BYTES = 1 << 16

#: What is labelled or detected as the left is read as the right, which holds all of it and what programs
#: write in its place (WHATWG Encoding Standard, section 4.2).
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "big5": "cp950",
    "big5hkscs": "cp950",
    "euc_jis_2004": "euc_jp",
}
#: Taken where the charset on the left does not fit, as for the Hong Kong characters of Big5.
_EXTENSIONS = {"cp932": "shift_jis_2004", "cp950": "big5hkscs", "euc_jp": "euc_jis_2004"}
#: Labels of the Encoding Standard under which Python knows no codec, or another one.
_LABELS = {
    "windows-31j": "cp932",
    "gb_2312-80": "gb18030",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-roman": "mac-roman",
    "x-user-defined": "cp1252",
}
#: Python's Windows code pages leave bytes undefined that the Encoding Standard reads as C1 controls: 9D is one, and
#: stands in every “â€\x9d”, which ftfy repairs only if it is still there.
_WINDOWS = re.compile(r"cp(125[0-8]|874)")
_AS_C1 = "corpusmill-c1"
#: Codecs of Python that no web page means.
_NO_CHARSETS = {
    "utf-7",
    "idna",
    "punycode",
    "unicode-escape",
    "raw-unicode-escape",
    "undefined",
    "mbcs",
    "oem",
}
#: Mainframe charsets are not looked for: it takes as long as all others, and text in them has no line feeds.
_ERAS = EncodingEra.ALL & ~EncodingEra.MAINFRAME
#: Not asked for: whoever asks knows that the bytes are not UTF-8.
_SETTLED = frozenset(["ascii", "utf-8", "utf-8-sig", "utf-7"])
#: What chardet is told to answer when nothing fits; that of a byte order mark, which nobody asks about here.
_NOTHING = "utf-16"
_HIGH = re.compile(rb"[\x80-\xff]")
_BEFORE = 1024

#: In words of Latin script few letters are accented: "Straße" 1 of 6, "žluťoučký" 4 of 9. In all other scripts
#: every letter is above 7F. Where chardet's answer contradicts that, the best of its other answers is taken.
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{3,}")
_PAIR = re.compile(rb"[\x80-\xff]{2}")
_ABOVE = bytes(range(128, 256))
_SPARSE, _DENSE = 0.5, 0.7
# fmt: off
LATIN = frozenset(
    (
        "cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4",
        "iso8859-9", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp437", "cp775",
        "cp850", "cp852", "cp857", "cp858", "cp860", "cp861", "cp863", "cp865", "hp-roman8", "mac-roman",
        "mac-iceland", "mac-latin2", "mac-turkish",
    )
)
_NOT_LATIN = frozenset(
    (
        "cp1251", "cp1253", "cp1255", "cp1256", "cp874", "tis-620", "koi8-r", "koi8-u", "koi8-t", "kz1048",
        "ptcp154", "cp1006", "cp1125", "cp720", "cp737", "cp855", "cp856", "cp862", "cp864", "cp866",
        "cp869", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "mac-cyrillic", "mac-greek",
    )
)
#: Charsets that next to no page is in: an answer below `_UNLIKELY` is not enough to believe in one of these.
_RARE = frozenset(
    (
        "koi8-t", "kz1048", "ptcp154", "cp1006", "cp1125", "cp720", "cp856", "hp-roman8", "cp437", "cp737",
        "cp775", "cp850", "cp852", "cp857", "cp858", "cp860", "cp861", "cp862", "cp863", "cp864", "cp865",
        "cp869", "mac-roman", "mac-iceland", "mac-latin2", "mac-turkish", "mac-greek", "iso8859-3",
        "iso8859-4", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "utf-7",
    )
)
# fmt: on
_UNLIKELY = 0.3


class Guess(NamedTuple):
    """A charset under Python's name, "" if nothing fits, and how sure that is.

    confidence: 0 to 1, chardet's own, which is high only for long texts: from 0.1 on, more than 98 % of the answers
    are right (benchmarks/charsets.py). reason: words for the ledger.
    """

    charset: str
    confidence: float
    reason: str


def detect(data: bytes) -> Guess:
    """Return the charset of bytes that are not UTF-8, judged by 64 KB from about the first byte above 7F on.

    chardet decides, but for two rules: with them 92.9 % of cuts of 100 bytes come out right, where chardet has 90.0 %,
    97.6 % for 95.8 % of cuts of 1 KB, and 99.3 % for 98.4 % of 10 KB (benchmarks/charsets.py).
    """
    high = _HIGH.search(data) if len(data) > SAMPLE_BYTES else None
    start = max(0, high.start() - _BEFORE) if high else 0
    sample = data[start : start + SAMPLE_BYTES]
    name, confidence = _ask(sample, frozenset())
    excluded = implausible(sample) | (_RARE if confidence < _UNLIKELY else frozenset())
    if name in excluded:
        other, less = _ask(sample, excluded)
        name, confidence = (other, less) if other else (name, confidence)
    return Guess(fitting(sample, _SUPERSETS.get(name, name)), confidence, f"confidence {confidence:.2f}")


def superset(label: str) -> str:
    """Return Python's name of the charset that bytes with this label are read in; "" if Python knows none."""
    label = _LABELS.get(label.lower(), label.lower())
    for name in (label, label.removeprefix("x-"), label.replace("windows-", "cp")):
        try:
            found = codecs.lookup(name) if name.isascii() and name else None
        except (LookupError, ValueError):  # ValueError: a NUL in the name
            continue
        if found is not None and found.name.replace("_", "-") not in _NO_CHARSETS and _is_of_text(found.name):
            return _SUPERSETS.get(found.name, found.name)
    return ""


def text(data: bytes, charset: str, errors: str = "replace") -> str:
    """Return the bytes as text; raises UnicodeDecodeError with `errors` "strict" where they do not fit."""
    return data.decode(charset, errors=_AS_C1 if _WINDOWS.fullmatch(charset) else errors)


def fits(data: bytes, charset: str) -> bool:
    """Return whether all of the bytes are text in this charset."""
    try:
        text(data, charset, "strict")
    except UnicodeDecodeError:
        return False
    return True


def fitting(data: bytes, charset: str) -> str:
    """Return the charset, or its extension where only that can hold the bytes."""
    wider = _EXTENSIONS.get(charset, "")
    return wider if wider and not fits(data, charset) and fits(data, wider) else charset


def _is_of_text(name: str) -> bool:
    """Return whether the codec turns bytes into text: Python's rot13 and base64 do not."""
    try:
        b" ".decode(name, errors="replace")
    except LookupError:
        return False
    return True


def _ask(sample: bytes, excluded: frozenset[str]) -> tuple[str, float]:
    """Return chardet's answer without these charsets: (name under Python's spelling or "", confidence)."""
    found = chardet.detect(
        sample,
        encoding_era=_ERAS,
        exclude_encodings=excluded | _SETTLED,
        compat_names=False,
        no_match_encoding=_NOTHING,
    )
    name = codecs.lookup(found["encoding"] or _NOTHING).name
    return ("", 0.0) if name == _NOTHING else (name, found["confidence"])


def implausible(sample: bytes) -> frozenset[str]:
    """Return the charsets that the share of bytes above 7F in words speaks against."""
    above = total = 0
    for word in _WORD.findall(sample):
        high = len(word) - len(word.translate(None, _ABOVE))
        if high:
            above, total = above + high, total + len(word)
    if above < _SPARSE * total or (not total and not _PAIR.search(sample)):  # signs alone: "5 °C"
        return _NOT_LATIN
    return LATIN if above > _DENSE * total else frozenset()


def _as_c1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(_AS_C1, _as_c1)
