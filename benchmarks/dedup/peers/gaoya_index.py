"""gaoya: `MinHashStringIndex`, a batch put in and then asked for; a match that is kept drops a document."""

from __future__ import annotations

import contract
from gaoya.minhash import MinHashStringIndex


def main() -> None:
    given = contract.given()
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=given.threshold,
        num_bands=given.bands,
        band_size=given.rows,
        num_hashes=given.bands * given.rows,
        analyzer="word",
        lowercase=True,
        ngram_range=(given.ngram, given.ngram),
        id_container="smallvec",
    )
    kept: list[str] = []
    stays: set[int] = set()
    done = 0
    for ids, texts in contract.batches(given.input, 2000):
        numbers = range(done, done + len(ids))
        index.par_bulk_insert_docs(list(numbers), texts)
        for number, name, found in zip(numbers, ids, index.par_bulk_query(texts), strict=True):
            if not any(other in stays for other in found if other < number):
                stays.add(number)
                kept.append(name)
        done += len(ids)
    contract.keep(given.kept, kept)


if __name__ == "__main__":
    main()
