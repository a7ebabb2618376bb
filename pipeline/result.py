"""What a run leaves, as Python sees it: a published version of a dataset, read where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
from pyarrow import fs

from pipeline.dataset import Dataset
from pipeline.errors import OutputError
from pipeline.steps.layout import as_of
from pipeline.stores import system
from pipeline.target import Data, data_of

#: What a person looks at, where the run wrote it.
REPORT = "report.html"


@dataclass(frozen=True)
class Result:
    """One version of a dataset. Its files never change; they go when newer versions push it out.

    Tables are Arrow datasets: nothing is read before `to_table()`, or before DuckDB, Polars or pandas asks.
    """

    place: str  #: of the version, such as OUT/versions/000001; in a store from the bucket on
    files: fs.FileSystem  #: on which it lies
    manifest: dict[str, Any]  #: counts, settings, versions, files: manifest.json

    @property
    def folder(self) -> Path:
        """The folder of the version, where it lies on this machine."""
        return Path(self.place)

    @property
    def documents(self) -> ds.Dataset:
        """Kept documents: the columns of schema.DOCUMENTS, then the user's, then those that folders say."""
        said = as_of(self.manifest)
        return self._table("documents", ds.partitioning(said, flavor="hive") if said else None)

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

    @property
    def report(self) -> Path | None:
        """The page that shows the run; None where there is none in a folder of this machine."""
        path = self.folder / REPORT
        return path if isinstance(self.files, fs.LocalFileSystem) and path.is_file() else None

    def _table(self, name: str, folders: ds.Partitioning | None = None) -> ds.Dataset:
        return ds.dataset(f"{self.place}/{name}", format="parquet", filesystem=self.files, partitioning=folders)


def open_result(out: str | Path) -> Result:
    """Return the published version of the dataset OUT. Raises OutputError when there is none."""
    return result_of(data_of(out), str(out))


def result_of(data: Data, out: str) -> Result:
    """Return the published version of a dataset; `out` is what errors call it."""
    if data.number() is None:
        raise OutputError(f"{out} holds no dataset that was published: name the folder that a run wrote")
    manifest = data.manifest()
    if isinstance(data, Dataset):
        return Result(str(data.current()), fs.LocalFileSystem(), manifest)
    version = "/".join(manifest["files"][0]["path"].split("/")[:2])
    return Result(f"{data.place.path}/{version}", system(data.place), manifest)
