"""Mixed encodings: UTF-8 with single lines, or single bytes, in an older charset, or the other way round.

Each line is judged by itself, but the charset of those that are not UTF-8 is one for the whole input: three letters
tell nothing, all such lines together do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pipeline.read import utf8
from pipeline.read.detection import LATIN, SAMPLE_BYTES, Guess, detect, fits, implausible, text

Kind = Literal["ascii", "sound", "mostly", "cut", "foreign"]

#: In the order in which they are tried on the characters of the lines that are UTF-8.
_NEIGHBOURS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874")
#: Share of the characters above 7F that a charset must hold to be the older charset of the same text.
_HELD = 0.9
#: Fewer characters are UTF-8 by chance too easily: 略 in EUC-JP is ά in UTF-8.
_FEW = 3
#: The lines around overrule an answer of less confidence: 2 % to 10 % of those are wrong, 1 % of the others.
_SURE = 0.2


class Mixture(NamedTuple):
    """Text of an input that is not sound UTF-8.

    lines: how many there are. foreign: how many of them are not UTF-8, wholly or in single bytes; 0 where bytes were
    broken and no more. whole: whether all that is not ASCII was read in `guess.charset`.
    """

    text: str
    guess: Guess | None
    lines: int
    foreign: int
    whole: bool


class Sample:
    """What the lines of one input show: those that are not UTF-8, and those that are but are not ASCII.

    Of both as much as the detector takes, so that an input of any size costs little.
    """

    def __init__(self) -> None:
        self._kinds: Counter[Kind] = Counter()
        self._foreign = bytearray()
        self._cut = bytearray()
        self._strays = bytearray()
        self._sound: Counter[str] = Counter()
        self._sound_bytes = 0

    def add(self, line: bytes, kind: Kind) -> None:
        """Take one line into account."""
        self._kinds[kind] += 1
        if kind in ("sound", "mostly") and self._sound_bytes < SAMPLE_BYTES:
            self._sound_bytes += len(line)
            self._sound.update(char for char in line.decode(errors="ignore") if char > "\x7f")
        if kind == "mostly" and len(self._strays) < SAMPLE_BYTES:
            self._strays += utf8.without_sequences(line) + b"\n"
        if kind == "cut" and len(self._cut) < SAMPLE_BYTES:
            self._cut += line + b"\n"
        if kind == "foreign" and len(self._foreign) < SAMPLE_BYTES:
            self._foreign += line + b"\n"

    @property
    def is_full(self) -> bool:
        """Whether more lines would change nothing."""
        return len(self._foreign) >= SAMPLE_BYTES and self._sound_bytes >= SAMPLE_BYTES

    @property
    def is_utf8(self) -> bool:
        """Whether a line that may be UTF-8, but cut, is that."""
        return _is_utf8(self._kinds)

    def guess(self) -> Guess:
        """Return the charset of the lines that are not UTF-8."""
        foreign = self._foreign if self.is_utf8 else self._foreign + self._cut
        sample = bytes(foreign or self._strays)
        found = detect(sample)
        near = self._neighbour() if found.confidence < _SURE else ""
        if near and near not in implausible(sample):
            return Guess(near, 1.0, "as the UTF-8 around suggests")
        return found

    def _neighbour(self) -> str:
        """Return the charset in which most of the sound characters could have been written; "" if there is none."""
        total = sum(self._sound.values())
        for charset in _NEIGHBOURS if total else ():
            held = sum(n for char, n in self._sound.items() if char.encode(charset, errors="ignore"))
            if held >= _HELD * total:
                return charset
        return ""


def kind(line: bytes) -> Kind:
    """Return what a line is: ASCII, sound UTF-8, mostly that, perhaps that but cut, or something else."""
    if utf8.is_ascii(line):
        return "ascii"
    if utf8.is_sound(line):
        return "sound"
    if utf8.is_mostly_sound(line):
        return "mostly"
    return "cut" if utf8.is_cut(line) else "foreign"


def decode(data: bytes) -> Mixture:
    """Return the text of bytes that are not sound UTF-8, with the lines that are as UTF-8.

    A sequence that is cut off at the very end becomes U+FFFD where there is other UTF-8. Lines end in LF, or in CR
    where there is no LF.
    """
    mark = b"\n" if b"\n" in data else b"\r"
    lines = data.split(mark)
    kinds = [kind(line) for line in lines]
    tail = _cut_tail(lines, kinds)
    if tail:
        lines[-1] = lines[-1][:-tail]
        kinds[-1] = kind(lines[-1])
    resolved: Kind = "mostly" if _is_utf8(Counter(kinds)) else "foreign"
    kinds = [resolved if what == "cut" else what for what in kinds]
    broken = {i for i, line in enumerate(lines) if kinds[i] == "foreign" or _has_strays(line, kinds[i])}
    only = not {"sound", "mostly"} & set(kinds)
    guess = (detect(data) if only else _guess(lines, kinds)) if broken else None
    if guess and not guess.charset:
        return Mixture("", guess, len(lines), len(broken), True)
    ours = guess.charset if guess else ""
    foreign = _as_foreign(lines, kinds, ours)
    texts = [_line(line, kinds[i], ours, i in foreign) for i, line in enumerate(lines)]
    others = any(kinds[i] in ("sound", "mostly") and i not in foreign for i in range(len(lines)))
    joined = mark.decode().join(texts) + ("\ufffd" if tail else "")
    return Mixture(joined, guess, len(lines), len(broken | foreign), not others)


def _has_strays(line: bytes, kind: Kind) -> bool:
    return kind == "mostly" and utf8.has_strays(line)


def _cut_tail(lines: Sequence[bytes], kinds: Sequence[Kind]) -> int:
    """Return how many bytes of a cut sequence end the last line; 0 where UTF-8 is not the most of it."""
    tail = utf8.cut_tail(lines[-1])
    return tail if tail and _is_utf8(Counter([*kinds[:-1], kind(lines[-1][:-tail])])) else 0


def _is_utf8(found: Counter[Kind]) -> bool:
    """Return whether lines that are UTF-8 are there, and at least as many as those that are something else.

    Then a line of which only ends of sequences are missing is UTF-8 as well. Else it is not: Ã alone is C3.
    """
    return found["sound"] + found["mostly"] >= max(1, found["foreign"])


def _guess(lines: Sequence[bytes], kinds: Sequence[Kind]) -> Guess:
    sample = Sample()
    for line, what in zip(lines, kinds, strict=True):
        if what != "ascii":
            sample.add(line, what)
            if sample.is_full:
                break
    return sample.guess()


def _as_foreign(lines: Sequence[bytes], kinds: Sequence[Kind], charset: str) -> set[int]:
    """Return the lines to be read in `charset` as a whole.

    A short line in Chinese, Japanese, Korean or Russian may be UTF-8 by chance: one in six characters of GB 2312 is.
    Where lines that are not UTF-8 are the more, another line is UTF-8 only if it says something in that charset too.
    """
    foreign = {i for i, what in enumerate(kinds) if what == "foreign"}
    others = [i for i, what in enumerate(kinds) if what in ("sound", "mostly")]
    if not charset or charset in LATIN or len(others) >= len(foreign):
        return foreign
    return foreign.union(i for i in others if fits(lines[i], charset) and not _could_be(lines[i], kinds[i], charset))


def _could_be(line: bytes, what: Kind, charset: str) -> bool:
    """Return whether a line is UTF-8 of characters that the charset has as well."""
    found = "".join(char for char in line.decode(errors="ignore") if char > "\x7f")
    # GB 18030 has all of Unicode; GBK has what is written in China.
    held = found.encode("gbk" if charset == "gb18030" else charset, errors="ignore")
    back = held.decode("gbk" if charset == "gb18030" else charset, errors="ignore")
    return what == "sound" and len(found) >= _FEW and len(back) >= _HELD * len(found)


def _line(line: bytes, what: Kind, charset: str, foreign: bool) -> str:
    if foreign:
        return text(line, charset)
    return utf8.mended(line, charset) if what == "mostly" else line.decode()
