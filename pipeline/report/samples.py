"""Rows of the ledger that are shown: some of each rule, those of rules that removed most first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline import arrow
from pipeline.report.documents import Lengths
from pipeline.report.parquet import Group, fetch
from pipeline.report.removals import SPREAD, Rule

#: Rows that are shown, whatever the corpus.
MOST = 400
#: Bytes that are decoded for them.
BUDGET = 24 * 2**20
_COLUMNS = (
    "stage", "rule", "action", "doc_id", "source", "position", "text", "after",
    "kept_doc_id", "kept_position", "similarity", "evidence",
)  # fmt: skip


class Entry(NamedTuple):
    """A row of the ledger, and where it comes from: the site where the document is kept, else the source."""

    stage: str
    rule: str
    action: str
    doc_id: str | None
    source: str | None
    position: int | None
    text: str | None
    after: str | None
    kept_doc_id: str | None
    kept_position: int | None
    similarity: float | None
    evidence: str | None
    site: str | None

    @property
    def origin(self) -> str:
        """The site where it is known, else the source."""
        return self.site or self.source or "unknown"


def entries(of: Sequence[Group], rules: Sequence[Rule], lengths: Lengths) -> list[Entry]:
    """Return samples of these rules, in the order of the rules, then of the ledger."""
    spread = [_evenly(rule.samples.rows, SPREAD) for rule in rules]
    wanted = [row for row in chain.from_iterable(zip_longest(*spread)) if row is not None]
    table = fetch(of, wanted, _COLUMNS, MOST, BUDGET).table
    rank = {(rule.stage, rule.rule, rule.action): at for at, rule in enumerate(rules)}
    found = [_entry(row, site) for row, site in zip(table.to_pylist(), _sites(table, lengths), strict=True)]
    return sorted(found, key=lambda entry: rank[entry[:3]])


def _evenly(rows: Sequence[int], most: int) -> list[int]:
    if len(rows) <= most:
        return list(rows)
    return [rows[at * len(rows) // most] for at in range(most)]


def _sites(table: pa.Table, lengths: Lengths) -> list[str | None]:
    ids = table["doc_id"]
    return lengths.site_of(arrow.one_chunk(ids.cast(pa.string()))) if len(ids) else []


def _entry(row: dict[str, Any], site: str | None) -> Entry:
    return Entry(**row, site=site)
