"""Text files: one file, one document."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipeline import ledger
from pipeline.errors import InputError
from pipeline.read import charsets
from pipeline.read.documents import Batch, decoded, documents, no_columns, nothing
from pipeline.read.inputs import Input
from pipeline.read.refusals import Refusals
from pipeline.read.streams import blocks
from pipeline.settings import ReadSettings


def read_text(item: Input, settings: ReadSettings) -> Iterator[Batch]:
    """Yield the file as one document, or one row of quarantine; a file that is cut off is not taken."""
    refusals = Refusals(item, settings.quarantine_bytes)
    data = bytearray()
    try:
        for block in blocks(item, settings):
            data += block
            if len(data) > settings.max_document_bytes:
                break
    except InputError as error:
        refusals.whole(f"cannot be read ({error}): check the file", bytes(data))
    if len(data) > settings.max_document_bytes:
        refusals.whole(too_long(settings), bytes(data[: settings.quarantine_bytes]))
    if len(refusals):
        yield nothing(refusals.flush(), None)
    else:
        yield _document(item, bytes(data), settings, refusals)


def too_long(settings: ReadSettings) -> str:
    """Return the rest of a sentence about a document over the limit."""
    limit = f"{settings.max_document_bytes:,} bytes"
    return f"is longer than {limit}: raise read.max_document_bytes if it is one document"


def _document(item: Input, data: bytes, settings: ReadSettings, refusals: Refusals) -> Batch:
    try:
        text, charset, evidence = charsets.decode(data, settings, markup=True)
    except InputError as error:
        refusals.whole(f"{error}; it went to quarantine/", data)
        return nothing(refusals.flush(), None)
    table = documents(item, pa.array([1]), pa.array([text], pa.large_string()), {})
    record = decoded(table["doc_id"], [charset], [evidence]) if charset else ledger.nothing()
    return Batch(table, no_columns(1), record, refusals.flush(), None)
