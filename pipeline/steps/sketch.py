"""Sketch one shard: take what was learned, then keys and bands of what is left, from one look at the words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.dedup.banding import choose
from pipeline.dedup.containment import sample
from pipeline.dedup.sketch import Words, sketch, words
from pipeline.kernels.minhash import permutations
from pipeline.settings import DedupSettings, DocumentDedup, ParagraphDedup, Settings
from pipeline.steps.prepare import rules_of
from pipeline.steps.recur import stripped
from pipeline.work import Work


def sketch_shard(work: Work, settings: Settings, shard: int) -> None:
    """Save `documents`, `paragraphs` and `ledger` after what was learned went, and their sketches.

    `document_sketches` and `paragraph_sketches` are row for row as `dedup.sketch.sketch` gives them, those
    of documents with `n_chars`, those of paragraphs with `n_sampled` beside: so many of `samples` are theirs, as
    `dedup.containment.sample` gives them. Where nothing went, `documents` and `paragraphs` are not saved again:
    see `left`. A document's shingles run across its paragraphs, so a copy that breaks paragraphs elsewhere is no
    less similar.
    """
    rules = rules_of(work.keys["prepare"], settings.boilerplate)
    documents, paragraphs, gone = stripped(work, shard, settings, rules)
    texts = arrow.large_strings(paragraphs["text"])
    of = words(texts)
    starts = arrow.run_starts(arrow.numbers(paragraphs["doc"]))
    whole = Words(of.hashes, of.starts[starts])
    lengths = np.concatenate([[0], np.cumsum(arrow.string_lengths(texts))])[starts]
    sketches = _sketch(whole, settings.dedup.documents, settings)
    samples, counts = samples_of(of, settings.dedup)
    tables = {
        "ledger": gone,
        "document_sketches": sketches.append_column("n_chars", pa.array(np.diff(lengths))),
        "paragraph_sketches": _sketch(of, settings.dedup.paragraphs, settings).append_column(
            "n_sampled", pa.array(counts)
        ),
        "samples": samples,
    }
    if gone.num_rows:
        tables |= {"documents": documents, "paragraphs": paragraphs}
    work.save("sketch", shard, tables)


def _sketch(of: Words, level: DocumentDedup | ParagraphDedup, settings: Settings) -> pa.Table:
    dedup = settings.dedup
    banding = choose(level.threshold, dedup.num_perm, dedup.recall)
    return sketch(of, level.ngram, banding, permutations(dedup.num_perm, dedup.seed))


def samples_of(of: Words, dedup: DedupSettings) -> tuple[pa.Table, NDArray[np.int32]]:
    """Return what `containment.sample` does of paragraphs; nothing where nobody asks what lies in larger texts."""
    return sample(of if _wanted(dedup) else Words(of.hashes[:0], np.zeros_like(of.starts)))


def _wanted(dedup: DedupSettings) -> bool:
    """Return whether anybody asks what lies in larger texts."""
    return any(
        level.action != "off" and level.containment.action != "off" for level in (dedup.documents, dedup.paragraphs)
    )


def left(work: Work, shard: int, name: str) -> pa.Table:
    """Return the shard's `documents` or `paragraphs` that all of boilerplate has left."""
    return work.load(left_in(work, shard), shard, name)


def left_in(work: Work, shard: int) -> str:
    """Return the step that saved what all of boilerplate has left of the shard."""
    return "sketch" if work.load("sketch", shard, "ledger").num_rows else "prepare"
