"""Lines: an input cut at its line ends, each line with its number, none longer than allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.read import charsets, mixed, utf8
from pipeline.read.charsets import DAMAGED, Decoded
from pipeline.read.detection import Guess, text
from pipeline.read.inputs import Input
from pipeline.read.refusals import Refusals
from pipeline.read.streams import blocks
from pipeline.settings import ReadSettings

#: A batch is full at this size, whichever comes first.
BATCH_BYTES = 8 * 2**20
BATCH_ROWS = 20_000


class Line(NamedTuple):
    """One physical line, without its line feed. `whole` is false where it was longer than allowed."""

    number: int
    data: bytes
    whole: bool


class Lines:
    """The lines of one input. Iterating never raises; `settle` tells afterwards what went wrong.

    charset, evidence: of the whole stream where it is wide (UTF-16, UTF-32) and comes out as UTF-8, and how that is
        known; else "".
    last: number of the last line given.
    """

    def __init__(self, item: Input, settings: ReadSettings, *, blank: bool = True) -> None:
        """Nothing is opened before the first line is asked for. blank: whether runs of empty lines matter."""
        self._blank = blank
        self._item = item
        self._settings = settings
        self._sample: mixed.Sample | None = None
        self._detected: Guess | None = None
        self._line_end = b"\n"
        self.charset = self.evidence = ""
        self.last = 0
        self._refusal = ""
        self._break = ""
        self._raw = b""

    def __iter__(self) -> Iterator[Line]:
        """Yield the lines; none when the input is binary data."""
        limit = self._settings.max_document_bytes
        number, parts, size = 1, list[bytes](), 0
        for block in self._stream():
            if not (self._blank or size):  # 250 million from a bomb of 1 MB took two minutes one by one
                number, block = number + len(block), block.lstrip(self._line_end)
                number -= len(block)
                self.last = number - 1
            pieces = block.split(self._line_end)
            for piece in pieces[:-1]:
                plain = not size and len(piece) <= limit  # nearly all are, and a call for each takes as long as the cut
                yield Line(number, piece, True) if plain else self._line(number, parts, size, piece)
                self.last = number
                number, parts, size = number + 1, [], 0
            size += len(pieces[-1])
            # Of a line that is too long only the start is held.
            parts = [*parts, pieces[-1]] if size <= limit else [self._start(parts, pieces[-1])]
        if self._break:
            self._raw = self._raw or self._start(parts, b"")
        elif size:
            yield self._line(number, parts, size, b"")
            self.last = number

    def settle(self, refusals: Refusals) -> None:
        """Refuse what could not be read: all of the input, or what comes after a break in it."""
        if self._refusal:
            refusals.whole(f"{self._refusal}; it went to quarantine/", self._raw)
        elif self._break:
            refusals.rest(self.last, "line", self._break, self._raw)

    def decode(self, data: bytes) -> Decoded:
        """Return the text of one line; raises InputError, the rest of a sentence, where that fails.

        A line that is not UTF-8, or a byte that is not, is decoded with the charset that all such lines of the
        input, or the first 64 KB of them, point to.
        """
        if self.charset:
            return Decoded(data.decode(), self.charset, self.evidence)
        if self._settings.charset:
            return charsets.by_setting(data, self._settings.charset)
        what = mixed.kind(data)
        if what in ("ascii", "sound"):
            return Decoded(data.decode(), "", "")
        if what == "mostly" or (what == "cut" and self._sampled(data).is_utf8):
            return self._mended(data)
        charsets.refuse_binary(data)
        guess = self._detect(data)
        evidence = charsets.accept(guess, self._settings)
        return Decoded(text(data, guess.charset), guess.charset, evidence)

    def _mended(self, data: bytes) -> Decoded:
        """Return the text of a line that is mostly UTF-8: single bytes in the older charset of the input."""
        guess = self._detect(data) if utf8.has_strays(data) else None
        if guess and guess.charset:
            evidence = charsets.accept(guess, self._settings)
            return Decoded(utf8.mended(data, guess.charset), f"utf-8+{guess.charset}", evidence)
        found = data.decode(errors="replace")
        return Decoded(found, DAMAGED, charsets.damage(found))

    def _line(self, number: int, parts: list[bytes], size: int, piece: bytes) -> Line:
        if size + len(piece) > self._settings.max_document_bytes:
            return Line(number, self._start(parts, piece), False)
        return Line(number, b"".join([*parts, piece]) if parts else piece, True)

    def _start(self, parts: list[bytes], piece: bytes) -> bytes:
        """Return as much of the first bytes of a line as quarantine keeps."""
        wanted = self._settings.quarantine_bytes
        start = bytearray()
        for part in (*parts, piece):
            start += part[: wanted - len(start)]
        return bytes(start)

    def _stream(self) -> Iterator[bytes]:
        """Yield the blocks, as UTF-8 where that must be known before lines can be cut."""
        try:
            yield from self._opened(blocks(self._item, self._settings))
        except InputError as error:
            self._break = str(error)

    def _opened(self, stream: Iterator[bytes]) -> Iterator[bytes]:
        first = next(stream, b"")
        marked, length = charsets.mark(first)
        body: Iterator[bytes] = chain([first[length:]], stream)
        self.charset = charsets.wide(first[length:], marked or self._settings.charset)
        if self.charset:
            self.evidence = charsets.wide_evidence(marked, self._settings)
            return charsets.transcode(body, self.charset)
        kind = "" if first.lstrip().startswith((b"{", b"[")) else charsets.binary(first)
        if kind:
            self._refusal, self._raw = charsets.not_text(kind), first
            return iter(())
        if b"\n" not in first and b"\r" in first:
            self._line_end = b"\r"
        return body

    def _sampled(self, data: bytes) -> mixed.Sample:
        """Return what the lines of the input show; on standard input, which cannot be read twice, this line."""
        if self._sample is None:
            again = Lines(self._item, self._settings)
            self._sample = _sample([Line(0, data, True)] if self._item.path == "-" else again)
        return self._sample

    def _detect(self, data: bytes) -> Guess:
        if self._detected is None:
            self._detected = self._sampled(data).guess()
        return self._detected


def batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield lists of lines, each of about 8 MB or 20,000 lines; only the last may be smaller."""
    held: list[Line] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line.data)
        if size >= BATCH_BYTES or len(held) >= BATCH_ROWS:
            yield held
            held, size = [], 0
    if held:
        yield held


def _sample(lines: Iterable[Line]) -> mixed.Sample:
    sample = mixed.Sample()
    for line in lines:
        if line.whole:
            sample.add(line.data, mixed.kind(line.data))
            if sample.is_full:
                break
    return sample
