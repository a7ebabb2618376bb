"""The ledger: what was done to what, and why. `drop` is the only place where rows vanish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.errors import ReconcileError
from pipeline.schema import LEDGER


def entries(stage: str, action: str, columns: Mapping[str, Any], n: int) -> pa.Table:
    """Return `n` ledger rows (schema LEDGER); columns not given are null.

    `columns` maps column names to arrays or sequences of length `n`, or to one value for all rows; a
    column `stage` among them goes before `stage`.
    """
    given = {"stage": stage, "action": action, **columns}
    arrays = [_column(given.get(field.name), field.type, n) for field in LEDGER]
    return pa.Table.from_arrays(arrays, schema=LEDGER)


def nothing() -> pa.Table:
    """Return a ledger without rows."""
    return LEDGER.empty_table()


def drop(table: pa.Table, stage: str, verdicts: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Remove the rows of `table` that `verdicts` names; return (kept rows, ledger rows).

    table: columns `doc_id`, for paragraphs `position`, and `text`, unless the verdicts have it.
    verdicts: column `row` (int, index into `table`, each at most once), `rule`, and optionally
        `text`, `kept_doc_id`, `kept_position`, `similarity`, `evidence`.

    Raises ReconcileError when a row is named twice, for then counts could not add up.
    """
    rows = verdicts["row"].to_numpy()
    keep = np.ones(table.num_rows, dtype=bool)
    keep[rows] = False
    if int(keep.sum()) + len(rows) != table.num_rows:
        raise ReconcileError(f"stage {stage} judged one row twice; please report this")
    gone = table.take(pa.array(rows))
    columns = {name: verdicts[name] for name in verdicts.column_names if name != "row"}
    columns |= {name: gone[name] for name in ("doc_id", "position", "text") if name in gone.column_names}
    return table.filter(pa.array(keep)), entries(stage, "drop", columns, len(rows))


def _column(value: Any, kind: pa.DataType, n: int) -> pa.ChunkedArray | pa.Array:
    if value is None:
        return pa.nulls(n, kind)
    if isinstance(value, (str, int, float)):
        return pa.repeat(pa.scalar(value, kind), n)
    if isinstance(value, (pa.Array, pa.ChunkedArray)):
        return value.cast(kind)
    return pa.array(value, kind)
