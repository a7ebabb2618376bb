"""Reads a whole input and gives plain lists, for the tests of this room."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.errors import InputError
from pipeline.read.batches import read
from pipeline.read.columns import Columns
from pipeline.read.documents import DOCUMENT
from pipeline.read.inputs import find
from pipeline.schema import LEDGER, QUARANTINE
from pipeline.settings import ReadSettings


class Whole(NamedTuple):
    documents: list[dict[str, Any]]
    extra: list[pa.Table]
    ledger: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    columns: Columns | None

    @property
    def texts(self) -> list[str | None]:
        return [row["text"] for row in self.documents]

    @property
    def positions(self) -> list[int]:
        return [row["position"] for row in self.documents]

    @property
    def errors(self) -> list[str]:
        return [row["error"] for row in self.quarantine]

    def values(self, name: str) -> list[Any]:
        found: list[Any] = []
        for table in self.extra:
            found += table[name].to_pylist() if name in table.column_names else [None] * table.num_rows
        return found


def read_whole(path: Path, **options: Any) -> Whole:
    found, refused = find([str(path)])
    if refused.num_rows:
        raise InputError(refused["error"][0].as_py())
    batches = list(read(found[0], ReadSettings(**options)))
    for batch in batches:
        assert batch.documents.schema.equals(DOCUMENT)
        assert batch.ledger.schema.equals(LEDGER)
        assert batch.quarantine.schema.equals(QUARANTINE)
        assert batch.extra.num_rows == batch.documents.num_rows
        batch.documents.validate(full=True)
        batch.extra.validate(full=True)
    return Whole(
        [row for batch in batches for row in batch.documents.to_pylist()],
        [batch.extra for batch in batches],
        [row for batch in batches for row in batch.ledger.to_pylist()],
        [row for batch in batches for row in batch.quarantine.to_pylist()],
        next((batch.columns for batch in batches if batch.columns), None),
    )
