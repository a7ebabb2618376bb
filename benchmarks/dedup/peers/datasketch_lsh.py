"""datasketch: `MinHash.bulk` in worker processes, `MinHashLSH` in this one; a document with a match is dropped."""

from __future__ import annotations

from functools import partial
from multiprocessing import Pool

import contract
import numpy as np
import xxhash
from datasketch import MinHash, MinHashLSH


def signed(batch: tuple[list[str], list[str]], ngram: int, permutations: int) -> tuple[list[str], np.ndarray]:
    """Return (ids, hash values) of a batch; of all empty sets the hash values are the same."""
    sets = [[shingle.encode() for shingle in contract.shingles(text, ngram)] for text in batch[1]]
    made = MinHash.bulk(sets, num_perm=permutations, hashfunc=xxhash.xxh32_intdigest)
    return batch[0], np.array([minhash.hashvalues for minhash in made])


def main() -> None:
    given = contract.given()
    lsh = MinHashLSH(num_perm=given.permutations, params=(given.bands, given.rows))
    permutations = MinHash(given.permutations).permutations
    kept = []
    sign = partial(signed, ngram=given.ngram, permutations=given.permutations)
    with Pool(given.workers) as pool:
        for ids, values in pool.imap(sign, contract.batches(given.input, 250)):
            for name, row in zip(ids, values, strict=True):
                minhash = MinHash(hashvalues=row, permutations=permutations, scheme="affine32")
                if minhash.is_empty() or not lsh.query(minhash):
                    kept.append(name)
                    lsh.insert(name, minhash)
    contract.keep(given.kept, kept)


if __name__ == "__main__":
    main()
