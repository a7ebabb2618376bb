"""Seal a folder that becomes a version: its manifest says what it holds, and all of it is on the disk."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.errors import ReconcileError


def seal(path: Path, place: str, stamp: dict[str, Any]) -> None:
    """Write `stamp` and `files` into the manifest at `path`, and compare the rows of the files with its counts.

    place: what stands before the paths of `files`. Raises ReconcileError when the tables hold other numbers of rows
    than `counts` says.
    """
    manifest = json.loads(path.read_text("utf-8"))
    folder = path.parent
    files = [_file(file, folder, place) for file in sorted(folder.rglob("*")) if file.is_file() and file != path]
    _reconcile(manifest["counts"], files, place)
    stamp = {**stamp, "files": files}
    text = json.dumps({**stamp, **manifest, **stamp}, indent=2, ensure_ascii=False)
    path.unlink()  # not written over: it may be a link to an older version's
    path.write_text(text + "\n", "utf-8")


def _file(path: Path, folder: Path, place: str) -> dict[str, Any]:
    rows = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else None
    return {"path": f"{place}/{path.relative_to(folder).as_posix()}", "rows": rows, "bytes": path.stat().st_size}


def _reconcile(counts: dict[str, dict[str, int]], files: list[dict[str, Any]], place: str) -> None:
    found: Counter[str] = Counter()
    for file in files:
        # Folders such as site=x are parts of a table, not tables.
        folders = Path(file["path"]).parent.relative_to(place).parts
        found["/".join(each for each in folders if "=" not in each)] += file["rows"] or 0
    for table, what, count in (
        ("documents", "documents", "kept"),
        ("paragraphs", "paragraphs", "kept"),
        ("quarantine", "documents", "quarantined"),
        ("removed", "documents", "removed"),
    ):
        if table == "removed" and table not in found:  # as older versions were written, which may be compacted
            continue
        if found[table] != counts[what][count]:
            raise ReconcileError(
                f"{table}/ has {found[table]} rows and the counts say {counts[what][count]}, so nothing was published; "
                "please report this"
            )


def sync(folder: Path) -> None:
    """Bring the folder and all that it holds to the disk."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync_one(Path(place) / name)
        sync_one(Path(place))


def sync_one(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
