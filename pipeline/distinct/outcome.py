"""What is written: kept documents, duplicates, what could not be read, and a manifest; all of it or nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.dataset import CURRENT
from pipeline.distinct.matching import Duplicates
from pipeline.errors import OutputError, ReconcileError
from pipeline.settings import WriteSettings
from pipeline.write import parquet

#: `kept.parquet`: a document that stays. `n_copies`: how many documents it stands for beside itself.
KEPT = pa.schema(
    [
        pa.field("doc_id", pa.large_string(), nullable=False),
        pa.field("source", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("n_copies", pa.int32(), nullable=False),
    ]
)
#: `duplicates.parquet`: a document that does not stay; `rule`: exact (the same words) or near.
DUPLICATES = pa.schema(
    [
        pa.field("doc_id", pa.large_string(), nullable=False),
        pa.field("kept_doc_id", pa.large_string(), nullable=False),
        pa.field("similarity", pa.float64(), nullable=False),
        pa.field("rule", pa.dictionary(pa.int32(), pa.string()), nullable=False),
    ]
)
MANIFEST = "manifest.json"


def check_free(out: Path, overwrite: bool) -> None:
    """Raise OutputError when `out` cannot take the result, before any work is done for it."""
    old = _old(out)
    if old.exists() and not out.exists():  # an earlier run was stopped between two renames
        old.rename(out)
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file: give --out a folder that does not exist yet")
    if not out.is_dir() or not any(out.iterdir()):
        return
    if (out / CURRENT).is_symlink():
        raise OutputError(f"{out} holds a dataset of `corpusmill clean`, with its versions: give --out another folder")
    if not (out / MANIFEST).is_file():
        raise OutputError(f"{out} holds files that Corpusmill did not write: give --out another folder")
    if not overwrite:
        raise OutputError(f"{out} holds another run's data: give --out another folder, or take --overwrite")


def tables(documents: pa.Table, duplicates: Duplicates) -> tuple[pa.Table, pa.Table]:
    """Return (KEPT, DUPLICATES) rows. documents: `doc_id`, `source`, `position`, in reading order."""
    n = documents.num_rows
    copies = np.bincount(duplicates.kept, minlength=n).astype(np.int32)
    stays = np.ones(n, dtype=bool)
    stays[duplicates.row] = False
    kept = documents.append_column("n_copies", pa.array(copies)).filter(pa.array(stays))
    names = documents["doc_id"]
    rule = pa.DictionaryArray.from_arrays(pa.array((~duplicates.exact).astype(np.int32)), pa.array(["exact", "near"]))
    columns = [
        names.take(pa.array(duplicates.row)),
        names.take(pa.array(duplicates.kept)),
        pa.array(duplicates.similarity),
        rule,
    ]
    return kept.cast(KEPT), pa.Table.from_arrays(columns, schema=DUPLICATES)


def counts(documents: int, kept: pa.Table, duplicates: pa.Table, quarantine: pa.Table) -> dict[str, int]:
    """Return `in`, `kept`, `removed`, `exact`, `near`, `quarantined`.

    Raises ReconcileError when in is not kept + removed + quarantined, or survivors' copies are not the removed.
    """
    exact = int(pc.sum(pc.equal(duplicates["rule"].cast(pa.string()), "exact")).as_py() or 0)
    count = {
        "in": documents + quarantine.num_rows,
        "kept": kept.num_rows,
        "removed": duplicates.num_rows,
        "exact": exact,
        "near": duplicates.num_rows - exact,
        "quarantined": quarantine.num_rows,
    }
    copies = int(pc.sum(kept["n_copies"]).as_py() or 0)
    if count["in"] != count["kept"] + count["removed"] + count["quarantined"] or copies != count["removed"]:
        raise ReconcileError(f"documents do not add up, so nothing was published; please report this: {count}")
    return count


def publish(
    beside: Path, out: Path, named: Mapping[str, pa.Table], manifest: Mapping[str, Any], settings: WriteSettings
) -> None:
    """Write the tables and the manifest into `beside`, then put it in the place of `out` in one move."""
    beside.mkdir()
    for name, table in named.items():
        parquet(beside / f"{name}.parquet", table, settings, str(manifest["run"]))
    (beside / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if not out.is_dir() or not any(out.iterdir()):
        beside.rename(out)
        return
    shutil.rmtree(_old(out), ignore_errors=True)
    out.rename(_old(out))
    beside.rename(out)
    shutil.rmtree(_old(out))


def _old(out: Path) -> Path:
    return out.with_name(f".{out.name}.old")
