"""The figures of a dataset for Prefect's page of a run: those of its report, wherever it lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.report.figures import Summary, summary
from pipeline.report.parquet import Group, groups, groups_of
from pipeline.stored import Stored
from pipeline.stores import system
from pipeline.target import Data


def funnel(data: Data, manifest: Mapping[str, Any]) -> Summary:
    """Return the figures of the published version, whose manifest that is."""
    return summary(manifest, _groups(data, "documents"), _groups(data, "ledger"))


def _groups(data: Data, table: str) -> list[Group]:
    if isinstance(data, Stored):
        return groups_of([Path(file) for file in data.files(table)], system(data.place))
    return groups((data.current() or data.root) / table)
