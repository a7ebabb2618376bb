"""Ids that two documents share: an error that names both, or a suffix, by the rules of a whole run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.errors import DuplicateIdError
from pipeline.kernels.clusters import grouped
from pipeline.kernels.tokens import text_hashes


def final(
    ids: pa.Array, sources: Sequence[str], source: NDArray[np.int32], position: NDArray[np.int64], on_duplicate: str
) -> pa.Array:
    """Return the ids, each once: those given twice with -2, -3 … where `on_duplicate` is "suffix".

    ids: large_string, in reading order; row `i` stands in `sources[source[i]]` at `position[i]`.
    Raises DuplicateIdError where an id is given twice and `on_duplicate` is "error".
    """
    rows = _repeated(ids)
    if not len(rows):
        return ids
    if on_duplicate == "error":
        raise _error(ids, rows, [f"{sources[source[row]]} row {position[row]}" for row in rows.tolist()])
    return _suffixed(ids, rows)


def _repeated(ids: pa.Array) -> NDArray[np.int64]:
    """Return the rows whose id stands more than once; hashes find the few that need a look at the ids."""
    group, _ = grouped(text_hashes(*arrow.text_view(ids)))
    suspects = np.flatnonzero(group >= 0)
    if not len(suspects):  # `group_by` imports pyarrow's query engine: 35 ms
        return suspects
    table = pa.table({"row": suspects, "id": ids.take(pa.array(suspects))})
    counted = table.group_by("id").aggregate([("row", "count")])
    twice = counted.filter(pc.greater(counted["row_count"], 1))["id"]
    found = table.filter(pc.is_in(table["id"], value_set=arrow.one_chunk(twice)))
    rows: NDArray[np.int64] = arrow.numbers(found["row"])
    return rows


def _error(ids: pa.Array, rows: NDArray[np.int64], places: Sequence[str]) -> DuplicateIdError:
    repeated = ids.take(pa.array(rows)).to_pylist()
    first = repeated[0]
    both = " and ".join([place for name, place in zip(repeated, places, strict=True) if name == first][:2])
    others = len(set(repeated)) - 1
    more = f" ({others} more ids are repeated)" if others else ""
    return DuplicateIdError(
        f"the id {first!r} is given twice, in {both}{more}: name another column with --id-column, "
        "or take --on-duplicate-id suffix"
    )


def _suffixed(ids: pa.Array, rows: NDArray[np.int64]) -> pa.Array:
    """Return the ids; the second bearer of one takes -2, the third -3, as far as free."""
    repeated = ids.take(pa.array(rows)).to_pylist()
    stems = {f"{name}-" for name in repeated}
    taken = {name for name in ids.to_pylist() if name[: name.rfind("-") + 1] in stems}
    met: Counter[str] = Counter()
    new = []
    for name in repeated:
        met[name] += 1
        while met[name] > 1 and f"{name}-{met[name]}" in taken:
            met[name] += 1
        new.append(name if met[name] == 1 else f"{name}-{met[name]}")
        taken.add(new[-1])
    mask = np.zeros(len(ids), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(ids, pa.array(mask), pa.array(new, pa.large_string()))
