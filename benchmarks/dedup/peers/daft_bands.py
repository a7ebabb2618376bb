"""Daft: its `minhash` expression; bands and union-find in NumPy, for Daft leaves those to its users."""

from __future__ import annotations

import contract
import daft
import numpy as np
from daft import col
from daft.functions import minhash, regexp_replace


def root(parent: list[int], item: int) -> int:
    """Return the least item of the group, with the path to it halved."""
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item


def main() -> None:
    given = contract.given()
    words = regexp_replace(col("text").lower(), r"\W+", " ")
    signature = minhash(words, num_hashes=given.bands * given.rows, ngram_size=given.ngram, hash_function="xxhash")
    found = daft.read_json(given.input).select(col("id"), signature.alias("signature")).to_arrow()
    ids = found["id"].to_pylist()
    values = found["signature"].combine_chunks().flatten().to_numpy().reshape(len(ids), -1)
    parent = list(range(len(ids)))
    for band in range(given.bands):
        part = np.ascontiguousarray(values[:, band * given.rows : (band + 1) * given.rows])
        keys = part.view(np.dtype((np.void, part.strides[0]))).ravel()
        order = np.argsort(keys, kind="stable")
        same = np.flatnonzero(keys[order][1:] == keys[order][:-1])
        for one, other in zip(order[same].tolist(), order[same + 1].tolist(), strict=True):
            a, b = root(parent, one), root(parent, other)
            parent[max(a, b)] = min(a, b)
    contract.keep(given.kept, (name for item, name in enumerate(ids) if parent[item] == item))


if __name__ == "__main__":
    main()
