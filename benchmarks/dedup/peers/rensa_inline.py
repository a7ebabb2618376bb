"""rensa: `RMinHashDeduplicator` with LSH, which checks candidates by their sketches; shingles made in Python."""

from __future__ import annotations

import os

import contract
from rensa import RMinHashDeduplicator


def main() -> None:
    given = contract.given()
    bands = int(os.environ.get("RENSA_BANDS", "0")) or None
    dedup = RMinHashDeduplicator(given.threshold, given.permutations, True, bands)
    kept = []
    for ids, texts in contract.batches(given.input, 1000):
        sets = [list(contract.shingles(text, given.ngram)) for text in texts]
        fresh = dedup.add_pairs(zip(ids, sets, strict=True))
        kept += [name for name, new in zip(ids, fresh, strict=True) if new]
    contract.keep(given.kept, kept)


if __name__ == "__main__":
    main()
