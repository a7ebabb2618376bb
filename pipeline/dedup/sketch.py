"""What the global steps see of a text: a key for equality, its number of words, its bands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.arrow import text_view
from pipeline.dedup.banding import Banding
from pipeline.kernels import tokens
from pipeline.kernels.documents import sketches


class Words(NamedTuple):
    """Word hashes of texts: text `i` has `hashes[starts[i]:starts[i + 1]]`."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]


def words(texts: pa.Array, table: NDArray[np.uint32] | None = None) -> Words:
    """Return the words of each text of a large_string array without nulls; table: as `tokens.tokenise` takes it."""
    return Words(*tokens.tokenise(*text_view(texts), table))


def sketch(of: Words, ngram: int, banding: Banding, permuted: NDArray[np.uint32]) -> pa.Table:
    """Return one row a text: `key_0`, `key_1` (uint64), `n_words` (int64), `band_0` … (uint64).

    Bands of a text with fewer than `ngram` words mean nothing; see `duplicates.py`.
    """
    found = sketches(of.hashes, of.starts, ngram, permuted, banding.bands, banding.rows)
    columns = {"key_0": found.key[:, 0], "key_1": found.key[:, 1], "n_words": found.n_words}
    columns |= {f"band_{k}": found.bands[:, k] for k in range(banding.bands)}
    return pa.table({name: np.ascontiguousarray(column) for name, column in columns.items()})
