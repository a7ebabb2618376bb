"""Records: lines of CSV or TSV grouped to records, each with the line it starts in."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.read.lines import BATCH_BYTES, BATCH_ROWS, Line, Lines
from pipeline.read.refusals import Refusals
from pipeline.read.texts import too_long
from pipeline.settings import ReadSettings

#: Where two separators cut the header line into equally many fields, the earlier one is taken.
_SEPARATORS = (",", ";", "\t", "|")
#: Python's csv refuses NUL before 3.11.
_NUL_REFUSED = sys.version_info < (3, 11)
_NEVER_CLOSED = "unexpected end of data"

# Python's limit is one for the whole process and counts fields; `_Feed` keeps ours, on records.
csv.field_size_limit(2**31 - 1)


class Record(NamedTuple):
    """One record: the line it starts in, its fields, the charset of its lines ("" for UTF-8), how that is known."""

    number: int
    fields: list[str]
    charset: str
    evidence: str


class _Text(NamedTuple):
    """One physical line as text, with a line feed."""

    number: int
    text: str
    charset: str
    evidence: str


class _EndlessError(InputError):
    """A record has become longer than a document may be."""


class _Feed:
    """Hands lines to the csv reader and remembers those of the record being read.

    A class and no generator: a generator is at its end after the first error it raises.
    """

    def __init__(self, lines: Lines, settings: ReadSettings) -> None:
        self._lines = iter(lines)
        self._decode = lines.decode
        self._settings = settings
        self._again: list[_Text] = []
        self.size = 0
        self.held: list[_Text] = []
        self.unread = Line(0, b"", True)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Return the next line; raises InputError, the rest of a sentence, for one that is no text."""
        line = self._again.pop() if self._again else self._read()
        self.held.append(line)
        self.size += len(line.text)
        if self.size > self._settings.max_document_bytes:
            raise _EndlessError(too_long(self._settings))
        return line.text

    def start(self) -> None:
        """Forget the lines of the last record: another one begins."""
        self.held = []
        self.size = 0

    def give_back(self, first: int) -> None:
        """Let the held lines from this index on be read again."""
        self._again.extend(reversed(self.held[first:]))
        self.held = self.held[:first]

    def _read(self) -> _Text:
        line = self.unread = next(self._lines)
        if not line.whole:
            raise InputError(too_long(self._settings))
        text, charset, evidence = self._decode(line.data)
        return _Text(line.number, (text.replace("\0", "") if _NUL_REFUSED else text) + "\n", charset, evidence)


class Records:
    """The records of one input; what is none goes to quarantine.

    Quotes are taken strictly: within a quoted field they must be doubled. In TSV, where many writers
    do not quote at all, a line that is no CSV is cut at its tabs.
    header: the fields of the first record; empty before iteration and where there is none.
    """

    def __init__(self, lines: Lines, refusals: Refusals, settings: ReadSettings, separator: str) -> None:
        """`separator`: "" to take the one that cuts the header into most fields."""
        self._refusals = refusals
        self._feed = _Feed(lines, settings)
        self._separator = separator
        self.header: list[str] = []

    def batches(self) -> Iterator[list[Record]]:
        """Yield lists of the records below the header, each with as many fields as that.

        A list is full after about 8 MB or 20,000 records, counting those that were refused: so it may
        be empty, and what is refused need never be held for a whole file.
        """
        if not self._separator:
            self._separator = self._likeliest_separator()
        reader = csv.reader(self._feed, delimiter=self._separator, strict=True)
        sound: list[Record] = []
        size = records = 0
        while (fields := self._fields(reader)) is not None:
            if fields and not self.header:
                self.header = fields
            elif fields and self._fits(fields):
                foreign = ((line.charset, line.evidence) for line in self._feed.held if line.charset)
                sound.append(Record(self._feed.held[0].number, fields, *next(foreign, ("", ""))))
            size, records = size + self._feed.size, records + 1
            if size >= BATCH_BYTES or records >= BATCH_ROWS:
                yield sound
                sound, size, records = [], 0, 0
        yield sound

    def _fields(self, reader: Iterator[list[str]]) -> list[str] | None:
        """Return the fields of the next record, none where it is refused or blank; None at the end."""
        self._feed.start()
        try:
            return next(reader)
        except StopIteration:
            return None
        except (csv.Error, InputError) as error:
            return self._rescued(error)

    def _likeliest_separator(self) -> str:
        line = ""
        try:
            while not line.strip():
                self._feed.start()
                line = next(self._feed)
        except (StopIteration, InputError):
            return _SEPARATORS[0]  # the records are about to tell
        self._feed.give_back(0)
        return max(_SEPARATORS, key=lambda separator: len(_split(line, separator)))

    def _fits(self, fields: Sequence[str]) -> bool:
        if len(fields) == len(self.header):
            return True
        self._refuse(f"has {len(fields)} fields where the header has {len(self.header)}")
        return False

    def _rescued(self, error: Exception) -> list[str]:
        """Return the fields of a line that is sound if cut at its tabs; else refuse and return none.

        A quote that is never closed swallows all that follows. Only its own line is refused when the
        lines after it are sound records.
        """
        held = self._feed.held
        if isinstance(error, InputError) and not isinstance(error, _EndlessError):
            self._refuse_unread(str(error))
            return []
        fields = held[0].text.rstrip("\r\n").split("\t")
        if self._separator == "\t" and len(fields) == len(self.header):
            self._feed.give_back(1)
            return fields
        endless = isinstance(error, _EndlessError) or str(error) == _NEVER_CLOSED
        if endless and len(held) > 1 and self._are_records(held[1:]):
            self._feed.give_back(1)
        self._refuse(f"is not valid CSV ({_complaint(error, endless)})")
        return []

    def _are_records(self, lines: Sequence[_Text]) -> bool:
        """Return whether each line by itself has as many fields as the header, and more than one."""
        wanted = len(self.header)
        return wanted > 1 and all(
            len(_split(line.text, self._separator)) == wanted for line in lines if line.text.strip()
        )

    def _refuse_unread(self, why: str) -> None:
        """Refuse a line that is no text, and with it the record that it would have gone on."""
        unread, held = self._feed.unread, self._feed.held
        if held:
            self._refuse(f"goes on in line {unread.number}, which {why}")
        else:
            self._refusals.line(unread.number, why, unread.data)

    def _refuse(self, why: str) -> None:
        held = self._feed.held
        more = f", in a record up to line {held[-1].number}" if len(held) > 1 else ""
        raw = "".join(line.text for line in held[:1000])
        self._refusals.line(held[0].number, why + more, raw.encode(errors="replace"))


def _complaint(error: Exception, endless: bool) -> str:
    return "a quote is opened and never closed" if endless else str(error).replace("'\"'", "a quote")


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []
