"""Corpora for tests: written to files, run through the pipeline, read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from pipeline import corpus
from pipeline.configuration import load
from pipeline.settings import Settings


def settings(*assignments: str) -> Settings:
    return load(None, assignments)


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def rows(out: Path, name: str) -> list[dict[str, Any]]:
    return list(ds.dataset(out / name).to_table().to_pylist())


def cleaned(inputs: Sequence[str | Path], out: Path, *assignments: str, **options: Any) -> dict[str, Any]:
    given = settings("run.workers=1", *assignments)
    return corpus.clean_corpus([str(item) for item in inputs], out, given, **options).manifest


TABLES = ("documents", "paragraphs", "ledger", "quarantine")


def tables(out: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of a dataset, sorted, so that two datasets can be compared."""
    return {name: sorted(rows(out, name), key=lambda row: json.dumps(row, default=str)) for name in TABLES}
