"""Who wrote it and when: read off the bylines that were stripped, for columns of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

#: Month names, full and short, of en, de, fr, es, it, nl, pt, pl (in the case that dates take), January first.
_MONTHS = """
jan january januar jänner janvier janv enero ene gennaio gen januari janeiro stycznia
feb february februar feber février févr febrero febbraio februari fevereiro fev lutego
mar march märz mär marzo mars maart mrt março marca
apr april avril avr abril abr aprile kwietnia
may mai mayo maggio mag mei maio maja
jun june juni juin junio giugno giu junho czerwca
jul july juli juillet juil julio luglio lug julho lipca
aug august août agosto ago augustus sierpnia
sep sept september septembre septiembre settembre set setembro września
oct october oktober okt octobre octubre ottobre ott outubro out października
nov november novembre noviembre novembro listopada
dec december dezember dez décembre déc diciembre dic dicembre dezembro grudnia
"""
_MONTH = {name: number for number, line in enumerate(_MONTHS.split("\n")) for name in line.split()}
_NAME = "|".join(sorted(_MONTH, key=len, reverse=True))
_LEAD = re.compile(
    r"^\s*(?:(?:written|words|reported|posted|story|text) by|by|von|par|por|di|door|przez"
    r"|author|autore?|autor(?:in|ka|a)?|auteure?)\b[\s:|•·–-]*",
    re.IGNORECASE,
)
#: A name ends at a separator, a figure, or the name of a month.
_DAY = rf"(?:\d|(?:{_NAME})\b\.?\s+\d)"
_END = re.compile(rf"\s*(?:[|•·–—/(]|\s-\s|(?:^|[,.]?\s+)(?:(?:on|am|le|el|il|op)\s+)?{_DAY}).*$", re.IGNORECASE)
_WORDS = 8
#: Characters of a line that are looked at.
_LONGEST = 1000


def _ymd(found: re.Match[str]) -> tuple[int, int, int]:
    return int(found["y"]), int(found["m"]), int(found["d"])


def _named(found: re.Match[str]) -> tuple[int, int, int]:
    return int(found["y"]), _MONTH[found["m"].lower()], int(found["d"])


_YEAR = r"(?P<y>(?:19|20)\d\d)\b"
_MONTH_DAY = rf"\b(?P<m>{_NAME})\.? (?P<d>\d\d?)(?:st|nd|rd|th)?,? {_YEAR}"
_DAY_MONTH = rf"\b(?P<d>\d\d?)(?:st|nd|rd|th|\.|er)? (?:de |of )?(?P<m>{_NAME})\.?,? (?:de |del )?{_YEAR}"
#: `3.4.2024` is a date in one order only; `3/4/2024` is not, so it is left alone unless one figure tells.
_DATES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[int, int, int]]], ...] = (
    (re.compile(r"\b(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b"), _ymd),
    (re.compile(_MONTH_DAY, re.IGNORECASE), _named),
    (re.compile(_DAY_MONTH, re.IGNORECASE), _named),
    (re.compile(rf"\b(?P<d>\d\d?)\.\s?(?P<m>\d\d?)\.\s?{_YEAR}"), _ymd),
    (re.compile(rf"\b(?P<m>\d\d?)/(?P<d>1[3-9]|2\d|3[01])/{_YEAR}"), _ymd),
    (re.compile(rf"\b(?P<d>1[3-9]|2\d|3[01])/(?P<m>\d\d?)/{_YEAR}"), _ymd),
)


def byline(line: str) -> str | None:
    """Return the name that a byline gives: `By Jane Roe | 3 May 2021` gives `Jane Roe`; None where there is none."""
    line = " ".join(line[:_LONGEST].split())  # a run of spaces has many ways through `_END`: 2,000 took minutes
    lead = _LEAD.match(line)
    if not lead:
        return None
    name = _END.sub("", line[lead.end() :]).strip(" ,.;:")
    named = name and len(name.split()) <= _WORDS and any(char.isupper() for char in name)
    return name if named else None


def published(line: str) -> datetime | None:
    """Return the day that a line names, at midnight; None where it names none, or one that can be read two ways."""
    for pattern, read in _DATES:
        found = pattern.search(line)
        if found:
            try:
                return datetime(*read(found))
            except ValueError:  # 31 June
                continue
    return None


def with_bylines(documents: pa.Table, doc_ids: Sequence[str], lines: Sequence[str]) -> pa.Table:
    """Return the documents with columns `byline` and `published` added: the first that their lines give.

    documents: `doc_id`, `date`; a given date goes before one that was found. lines: stripped bylines of
    the documents in `doc_ids`, in order.
    """
    names: dict[str, str] = {}
    days: dict[str, datetime] = {}
    for doc_id, line in zip(doc_ids, lines, strict=True):
        name, day = byline(line), published(line)
        if name:
            names.setdefault(doc_id, name)
        if day:
            days.setdefault(doc_id, day)
    dates = pc.coalesce(documents["date"], _looked_up(documents, days, pa.timestamp("us")))
    return documents.append_column("byline", _looked_up(documents, names, pa.string())).append_column(
        "published", dates
    )


def _looked_up(documents: pa.Table, known: dict[str, str] | dict[str, datetime], kind: pa.DataType) -> pa.ChunkedArray:
    at = pc.index_in(documents["doc_id"], pa.array(list(known), documents["doc_id"].type))
    return pa.chunked_array([pa.array(list(known.values()), kind)]).take(at)
