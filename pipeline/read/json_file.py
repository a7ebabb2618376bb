"""JSON files (`.json`): one object a line, one array of objects, or one object."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pipeline.errors import InputError
from pipeline.read import charsets
from pipeline.read.columns import choose
from pipeline.read.documents import Batch, nothing
from pipeline.read.inputs import Input
from pipeline.read.jsonl import Row, batch_of, keys_of, narrow, read_jsonl
from pipeline.read.lines import BATCH_BYTES, BATCH_ROWS
from pipeline.read.refusals import Refusals
from pipeline.read.streams import blocks
from pipeline.read.values import MAX_LEVELS, is_deep, sound
from pipeline.settings import ReadSettings


def read_json(item: Input, settings: ReadSettings) -> Iterator[Batch]:
    """Yield the documents of a JSON file; positions are lines, or items of the array from 1.

    An array is read as a whole and must not be longer than `read.max_document_bytes`; a file of one
    object a line may be of any size.
    """
    refusals = Refusals(item, settings.quarantine_bytes)
    try:
        found = _whole(item, settings)
    except InputError as error:
        refusals.whole(str(error))
        yield nothing(refusals.flush(), None)
        return
    if found is None:
        yield from read_jsonl(item, settings)
        return
    rows = _rows(*found, refusals, settings)
    columns = None
    while held := _some(rows):
        sound = [row for row in held if row]
        try:
            columns = columns or (choose(keys_of(sound), settings) if sound else None)
        except InputError as error:
            refusals.whole(str(error))
            break
        yield batch_of(item, sound, columns, refusals) if columns else nothing(refusals.flush(), None)
    if len(refusals):
        yield nothing(refusals.flush(), columns)


def _whole(item: Input, settings: ReadSettings) -> tuple[list[Any], str, str] | None:
    """Return (items, charset, evidence) of a file that is one JSON value; None when it must be read line by line."""
    stream = blocks(item, settings)
    try:
        data = bytearray(next(stream, b""))
        if _is_line_delimited(bytes(data)):
            return None
        for block in stream:
            data += block
            if len(data) > settings.max_document_bytes:
                break
    except InputError:
        return None  # the stream breaks off: line by line, what comes before the break can be kept
    if len(data) <= settings.max_document_bytes:
        return _parsed(bytes(data), settings)
    if bytes(data[:BATCH_BYTES]).lstrip().startswith(b"["):
        limit = f"{settings.max_document_bytes:,} bytes"
        raise InputError(
            f"is a JSON array of more than {limit}: turn it into JSON Lines, one object a line, "
            "or raise read.max_document_bytes"
        )
    return None


def _is_line_delimited(head: bytes) -> bool:
    """Return whether the first line, as far as it is here, is an object by itself, or is none and no array."""
    head = head.removeprefix(codecs.BOM_UTF8).lstrip()
    line, _, rest = head.partition(b"\n")
    try:
        return isinstance(json.loads(line), dict) and bool(rest.strip())
    except (ValueError, RecursionError):
        return not head.startswith((b"[", b"{", b"\xff\xfe", b"\xfe\xff"))


def _parsed(data: bytes, settings: ReadSettings) -> tuple[list[Any], str, str] | None:
    text, charset, evidence = charsets.decode(data, settings)
    try:
        value = sound(json.loads(text))
    except (ValueError, RecursionError):
        if text.lstrip().startswith("["):
            raise InputError(
                "is neither one JSON array nor one JSON object a line: repair it, or turn it into JSON Lines"
            ) from None
        return None
    return (value if isinstance(value, list) else [value]), charset, evidence


def _rows(
    items: list[Any], charset: str, evidence: str, refusals: Refusals, settings: ReadSettings
) -> Iterator[Row | None]:
    """Yield the objects, None for an item that is refused: of those a batch can hold no more either."""
    keys: set[str] = set()
    for number, value in enumerate(items, 1):
        if is_deep(value):
            refusals.row(number, f"is nested in more than {MAX_LEVELS} levels")
            yield None
            continue
        raw = json.dumps(value, ensure_ascii=False).encode(errors="replace")
        if isinstance(value, dict):
            row = Row(number, raw, value, charset, evidence)
            yield row if narrow(row, keys, refusals, settings) else None
        else:
            refusals.row(number, "is not a JSON object", raw)
            yield None


def _some(rows: Iterator[Row | None]) -> list[Row | None]:
    """Return the next rows, as many as one batch may hold."""
    held: list[Row | None] = []
    size = 0
    for row in islice(rows, BATCH_ROWS):
        held.append(row)
        size += len(row.raw) if row else 0
        if size >= BATCH_BYTES:
            break
    return held
