"""What a run leaves, as Python sees it: a published version of a dataset, read where it lies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from pipeline.dataset import MANIFEST, Dataset, place_of
from pipeline.errors import OutputError
from pipeline.steps.layout import as_of

#: What a person looks at, where the run wrote it.
REPORT = "report.html"


@dataclass(frozen=True)
class Result:
    """One version of a dataset. Its files never change; they go when newer versions push it out.

    Tables are Arrow datasets: nothing is read before `to_table()`, or before DuckDB, Polars or pandas asks.
    """

    folder: Path  #: of the version, such as OUT/versions/000001

    @property
    def documents(self) -> ds.Dataset:
        """Kept documents: the columns of schema.DOCUMENTS, then the user's, then those that folders say."""
        said = as_of(self.manifest)
        return ds.dataset(
            self.folder / "documents",
            format="parquet",
            partitioning=ds.partitioning(said, flavor="hive") if said else None,
        )

    @property
    def paragraphs(self) -> ds.Dataset:
        """Kept paragraphs (schema.KEPT_PARAGRAPHS)."""
        return self._table("paragraphs")

    @property
    def ledger(self) -> ds.Dataset:
        """Each change, with its reason (schema.LEDGER)."""
        return self._table("ledger")

    @property
    def quarantine(self) -> ds.Dataset:
        """Inputs that could not be read (schema.QUARANTINE)."""
        return self._table("quarantine")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Counts, settings, versions, files: manifest.json."""
        manifest: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        return manifest

    @property
    def report(self) -> Path | None:
        """The page that shows the run; None where there is none."""
        path = self.folder / REPORT
        return path if path.is_file() else None

    def _table(self, name: str) -> ds.Dataset:
        return ds.dataset(self.folder / name, format="parquet")


def open_result(out: str | Path) -> Result:
    """Return the published version of the dataset OUT. Raises OutputError when there is none."""
    folder = Dataset(place_of(out)).current()
    if folder is None:
        raise OutputError(f"{out} holds no dataset that was published: name the folder that a run wrote")
    return Result(folder)
