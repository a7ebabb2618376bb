"""Sketch one shard: keys and bands of its documents and of their paragraphs, from one look at the words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline import arrow
from pipeline.dedup.banding import choose
from pipeline.dedup.sketch import Words, sketch, words
from pipeline.kernels.minhash import permutations
from pipeline.settings import DocumentDedup, ParagraphDedup, Settings
from pipeline.work import Work


def sketch_shard(work: Work, settings: Settings, shard: int) -> None:
    """Save `documents` and `paragraphs`, row for row what `prepare` left, as `dedup.sketch.sketch` gives them.

    documents has `n_chars` beside. A document's shingles run across its paragraphs, so a copy that
    breaks paragraphs elsewhere is no less similar.
    """
    paragraphs = work.load("prepare", shard, "paragraphs")
    texts = arrow.large_strings(paragraphs["text"])
    of = words(texts)
    starts = arrow.run_starts(arrow.numbers(paragraphs["doc"]))
    whole = Words(of.hashes, of.starts[starts])
    lengths = np.concatenate([[0], np.cumsum(arrow.string_lengths(texts))])[starts]
    documents = _sketch(whole, settings.dedup.documents, settings)
    tables = {
        "documents": documents.append_column("n_chars", pa.array(np.diff(lengths))),
        "paragraphs": _sketch(of, settings.dedup.paragraphs, settings),
    }
    work.save("sketch", shard, tables)


def _sketch(of: Words, level: DocumentDedup | ParagraphDedup, settings: Settings) -> pa.Table:
    dedup = settings.dedup
    banding = choose(level.threshold, dedup.num_perm, dedup.recall)
    return sketch(of, level.ngram, banding, permutations(dedup.num_perm, dedup.seed))
