"""Rows that a program hands over, instead of naming files: written to a file in the work directory, then read like it.

So what a table or a list of dicts gives does not depend on how it came, and a run that was broken off goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias, cast

import orjson
import pyarrow as pa

from pipeline.errors import SettingsError
from pipeline.read.inputs import Input


class ArrowStream(Protocol):
    """A table of any library that speaks Arrow's PyCapsule interface: PyArrow, pandas (2.2), Polars, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with an ArrowArrayStream."""
        ...


Place: TypeAlias = str | os.PathLike[str]
#: What a run takes: files, folders, globs, URIs, "-"; or rows, as a table or as dicts.
Inputs: TypeAlias = Place | Sequence[Place] | ArrowStream | Iterable[Mapping[str, Any]]


class Rows(NamedTuple):
    """Rows to be spooled: a table, or an iterator of dicts."""

    table: ArrowStream | None
    dicts: Iterator[Mapping[str, Any]] | None


def told_apart(inputs: Inputs) -> list[str] | Rows:
    """Return the names of files that `inputs` stands for, or the rows that it is. Raises SettingsError for neither."""
    if isinstance(inputs, (str, os.PathLike)):
        return [os.fspath(inputs)]
    if hasattr(inputs, "__arrow_c_stream__"):
        return Rows(cast("ArrowStream", inputs), None)
    if isinstance(inputs, Mapping) or not isinstance(inputs, Iterable):
        raise SettingsError(
            f"inputs cannot be a {type(inputs).__name__}: give names of files, an Arrow table, or an iterable of dicts"
        )
    items = iter(cast("Iterable[Any]", inputs))
    first = next(items, None)
    if first is None:
        return []
    if isinstance(first, Mapping):
        return Rows(None, chain([first], items))
    return [os.fspath(item) for item in chain([first], items)]


def spool(rows: Rows, folder: Path) -> Input:
    """Write the rows to a file in `folder`, one at a time or a batch at a time; return it as an input."""
    if rows.dicts is not None:
        place = folder / "rows.jsonl"
        with place.open("wb") as file:
            file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE, default=str) for row in rows.dicts)
        return Input("rows", str(place), "jsonl", "")
    place = folder / "table.arrow"
    # The stream format: in the file format a dictionary may not change from batch to batch.
    reader = pa.RecordBatchReader.from_stream(rows.table)
    with reader, pa.OSFile(str(place), "wb") as sink, pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
    return Input("table", str(place), "arrow", "")
