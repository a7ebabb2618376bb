"""Batches: one input, of whatever kind, read as bounded batches of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.read import charsets
from pipeline.read.columnar import read_columnar
from pipeline.read.delimited import read_delimited
from pipeline.read.documents import Batch
from pipeline.read.inputs import Input
from pipeline.read.json_file import read_json
from pipeline.read.jsonl import read_jsonl
from pipeline.read.texts import read_text
from pipeline.settings import ReadSettings

__all__ = ["Batch", "read"]

_READERS: dict[str, Callable[[Input, ReadSettings], Iterator[Batch]]] = {
    "text": read_text,
    "jsonl": read_jsonl,
    "delimited": read_delimited,
    "parquet": read_columnar,
    "arrow": read_columnar,
}


def read(item: Input, settings: ReadSettings) -> Iterator[Batch]:
    """Yield the batches of one input, of about 8 MB of text or 20,000 rows each, in order.

    How an input is cut depends on the input alone, so the types of its columns do too. What cannot be
    read becomes rows of quarantine, each with a sentence that says why; what is sound is read on.
    Raises SettingsError for a charset that does not exist, never anything for what the input holds.
    """
    charsets.check(settings.charset)
    reader = read_json if item.kind == "jsonl" and item.suffix == ".json" else _READERS[item.kind]
    yield from reader(item, settings)
