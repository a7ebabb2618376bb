"""One version of a dataset, to be read: its folder, its manifest, rows of its tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline.dataset import MANIFEST, Dataset, place_of
from pipeline.errors import OutputError
from pipeline.settings import WriteSettings
from pipeline.steps.layout import as_of

#: From so many ids on one hashed set is cheaper than comparisons, which prune row groups.
FEW_IDS = 16


class Version(NamedTuple):
    """A published version; `name` is what the user called it."""

    name: str
    folder: Path
    manifest: dict[str, Any]

    def files(self, table: str) -> list[Path]:
        """Return the Parquet files of a table in their order; none where the version lacks it."""
        return sorted((self.folder / table).rglob("*.parquet"))

    def dataset(self, table: str) -> ds.Dataset:
        """Return a table that the version has, with the columns that folders say."""
        said = as_of(self.manifest) if table == "documents" else None
        if said:
            folders = ds.partitioning(said, flavor="hive")
            return ds.dataset(self.folder / table, format="parquet", partitioning=folders)
        return ds.dataset([str(file) for file in self.files(table)], format="parquet")

    def require_plain(self, command: str) -> None:
        """Raise OutputError where rows have a place of their own: what comes back would be put behind them all."""
        write = WriteSettings.model_validate(self.manifest["settings"]["write"])
        if write.partition_by or write.sort_by or write.format != "parquet":
            raise OutputError(
                f"{self.name} is laid out by --partition-by, --sort-by or --format, which {command} cannot do: run "
                "`corpusmill clean` again with the other setting"
            )

    def rows(self, table: str, where: pc.Expression | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of a table that hold, in order; row groups that cannot hold one are not read.

        Of the others the columns of `where` are read first, the rest only where a row was found.
        """
        return pa.Table.from_batches(list(self.batches(table, where, columns)), self.schema(table, columns))

    def batches(
        self, table: str, where: pc.Expression | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield what `rows` returns, a row group after the other."""
        if not self.files(table):
            return
        dataset = self.dataset(table)
        names = None if columns is None else list(columns)
        if table == "documents" and as_of(self.manifest):
            yield from dataset.to_batches(columns=names, filter=where)  # parts of a file forget what folders say
            return
        for fragment in dataset.get_fragments(where):
            for group in fragment.split_by_row_group(where):
                if where is None or group.count_rows(filter=where):
                    yield from group.to_batches(schema=dataset.schema, columns=names, filter=where)

    def schema(self, table: str, columns: Sequence[str] | None = None) -> pa.Schema:
        """Return the schema of a table, or of some of its columns; an empty one where the version lacks it."""
        if not self.files(table):
            return pa.schema([])
        schema = self.dataset(table).schema
        return schema if columns is None else pa.schema([schema.field(name) for name in columns])


def opened(out: str | Path) -> Version:
    """Return the version that OUT names: the published one, or with OUT@3 that of this number.

    Raises OutputError when there is none.
    """
    found = re.fullmatch(r"(.+)@(\d+)", str(out))
    data, number = Dataset(place_of(out)), None
    if found is not None and not Path(out).exists():
        data, number = Dataset(place_of(found[1])), int(found[2])
    data.require_dataset()
    if number is None:
        folder = data.current() or data.root
    else:
        data.require_version(number)
        folder = data.folder(number)
    return Version(str(out), folder, json.loads((folder / MANIFEST).read_text("utf-8")))


def among(column: str, ids: Sequence[str]) -> pc.Expression:
    """Return the filter that the column holds one of the ids."""
    if not 0 < len(ids) <= FEW_IDS:
        return pc.is_in(ds.field(column), pa.array(ids, pa.string()))
    chosen = ds.field(column) == ids[0]
    for one in ids[1:]:
        chosen = chosen | (ds.field(column) == one)
    return chosen
