"""Rows of the ledger: filtered, counted by rule, sampled."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.answers.version import Version
from pipeline.boilerplate.sites import names
from pipeline.schema import LEDGER

#: A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection); an apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
#: Columns that tell rows of a ledger apart, whatever their order and files.
_IDENTITY = ("stage", "rule", "action", "doc_id", "source", "text", "after")


class Filter(NamedTuple):
    """What rows are wanted: those that equal all that is given."""

    stage: str | None = None
    rule: str | None = None
    action: str | None = None
    doc_id: str | None = None
    site: str | None = None

    def expression(self, version: Version) -> pc.Expression | None:
        """Return the filter for a version; None: all rows."""
        chosen: pc.Expression | None = None
        for column in ("stage", "rule", "action", "doc_id"):
            value = getattr(self, column)
            if value is not None:
                one = ds.field(column) == value
                chosen = one if chosen is None else chosen & one
        if self.site is not None:
            one = pc.is_in(ds.field("doc_id"), of_site(version, self.site))
            chosen = one if chosen is None else chosen & one
        return chosen


def counts(version: Version, wanted: Filter) -> list[dict[str, Any]]:
    """Return `stage`, `rule`, `action` and `rows` for each combination among the wanted rows, most first."""
    keys = ["stage", "rule", "action"]
    found = version.rows("ledger", wanted.expression(version), keys).group_by(keys).aggregate([([], "count_all")])
    found = found.rename_columns([*keys, "rows"])
    return list(found.sort_by([("rows", "descending"), *((key, "ascending") for key in keys)]).to_pylist())


def sample(version: Version, wanted: Filter, limit: int) -> pa.Table:
    """Return at most `limit` of the wanted rows (LEDGER), by document and position.

    Always the same ones: those with the smallest hashes of what they say, whatever files and order they are in.
    """
    held = LEDGER.empty_table()
    if not limit:
        return held
    hashes: NDArray[np.uint64] = np.zeros(0, np.uint64)
    for batch in version.batches("ledger", wanted.expression(version)):
        table = pa.concat_tables([held, pa.Table.from_batches([batch]).cast(LEDGER)])
        hashes = np.concatenate([hashes, _hashes(batch)])
        least = np.sort(np.argsort(hashes, kind="stable")[:limit])
        held, hashes = table.take(pa.array(least)), hashes[least]
    order = [(name, "ascending") for name in ("source", "doc_id", "position", "stage", "rule", "text")]
    return held.sort_by(order)


def of_site(version: Version, site: str) -> pa.Array:
    """Return the ids of the documents, kept or removed, whose column `site` or registered domain is `site`.

    A version without removed/ tells the sites of kept documents only.
    """
    found = [pa.array([], pa.string())]
    for table in ("documents", "removed"):
        if not version.files(table):
            continue
        there = version.schema(table).names
        columns = [name for name in dict.fromkeys(["doc_id", "site", "source", *_urls(version)]) if name in there]
        for batch in version.batches(table, None, columns):
            found.append(_ids(pa.Table.from_batches([batch]), columns, site))
    return pc.unique(pa.concat_arrays(found))


def _ids(documents: pa.Table, columns: list[str], site: str) -> pa.Array:
    own = pc.equal(pc.utf8_lower(documents["site"]), site.lower())
    hit = np.array(pc.fill_null(own, False).to_numpy(), dtype=bool)
    for url in columns[3:] or [""]:
        said = documents.select(["site", "source"])
        said = said.append_column("url", documents[url].cast(pa.string())) if url else said
        hit |= pc.equal(names(said), site.lower()).to_numpy(zero_copy_only=False)
    return arrow.one_chunk(documents["doc_id"]).filter(pa.array(hit)).cast(pa.string())


def _urls(version: Version) -> list[str]:
    """Return the names of the user's columns that hold addresses."""
    roles = version.manifest.get("columns", {}).values()
    return sorted({role["url"] for role in roles if role.get("url")})


def _hashes(batch: pa.RecordBatch) -> NDArray[np.uint64]:
    """Return a hash of each row, mixed well (splitmix64); shape (rows,)."""
    position = pc.fill_null(batch["position"], -1).to_numpy(zero_copy_only=False)
    found: NDArray[np.uint64] = position.astype(np.int64).astype(np.uint64)
    for name in _IDENTITY:
        found = _mixed(found ^ _text_hashes(arrow.large_strings(pc.fill_null(batch[name], "\0"))))
    return found


def _text_hashes(texts: pa.Array) -> NDArray[np.uint64]:
    """Return a sum over the bytes of each text, each weighted by its place; uint64, wraps round."""
    data, offsets = arrow.text_view(texts)
    first = offsets[0]
    data = data[first : offsets[-1]].astype(np.uint64)
    starts = offsets - first
    place = np.arange(len(data), dtype=np.uint64) - np.repeat(starts[:-1], np.diff(starts)).astype(np.uint64)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_mixed(place + np.uint64(1)) * (data + np.uint64(1)))])
    return np.asarray(sums[starts[1:]] - sums[starts[:-1]], np.uint64)


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)), np.uint64)


def as_csv(rows: pa.Table) -> Iterator[str]:
    """Yield the rows as lines of CSV, the first of them the names; no cell is a formula to a spreadsheet."""
    yield _csv(rows.column_names)
    for row in rows.to_pylist():
        yield _csv([_safe(value) for value in row.values()])


def _csv(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _safe(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip(" \n\ufeff\u200b").startswith(_FORMULA):
        return f"'{value}"
    return value
