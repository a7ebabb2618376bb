"""The lines that are left of documents: which are prose, and which may be boilerplate by their form.

A *candidate* is a paragraph that may be boilerplate by its form: at most CANDIDATE_CHARS characters,
and no sentence of SURE_CHARS or more; outside the article (`core`) any of at most BEYOND_CHARS.
*Prose* is a paragraph of over 200 characters, or of at least 80 that ends as a sentence does.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline import arrow
from pipeline.boilerplate.body import BODY_CHARS, Mask
from pipeline.kernels import lines as chars

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

#: Of 2,366 lines to be dropped on 115 pages 22 are longer than 300 characters, of those to be kept 571.
CANDIDATE_CHARS = 300
#: A sentence of so many characters is never judged inside the article: 951 of those are to be kept there, 53 not.
SURE_CHARS = 120
#: Outside the article only longer ones are not: 276 boxes on authors, consent and teasers are shorter on 716 pages.
BEYOND_CHARS = 1500
#: Chinese says in one character what takes English three, Japanese and Korean two; they are those whose UTF-8
#: begins with a byte in this range (U+3000 to U+DFFF).
DENSE, DENSE_FROM, DENSE_TO = 2, 0xE3, 0xED
#: Shortest sentence that counts as prose, and that makes its surroundings an article.
PROSE_CHARS = 80


class Live(NamedTuple):
    """The paragraphs that are not gone, document by document."""

    rows: Ints  #: index into the paragraph table
    start: Ints  #: of each paragraph's document, as index into these arrays
    end: Ints
    chars: Ints
    sentence: Mask  #: ends as a sentence does
    prose: Mask
    docs: Ints  #: `doc` of every paragraph, gone or not

    @property
    def doc(self) -> Ints:
        """`doc` of each paragraph that is left."""
        return self.docs[self.rows]

    def doc_of(self, rows: Ints) -> Ints:
        """Return the `doc` of rows of the paragraph table."""
        return self.docs[rows]

    def steps_away(self, at: Ints, step: int) -> tuple[Ints, Mask]:
        """Return (index of the line `step` lines on, whether there is one in the same document)."""
        there = at + step
        inside = (there >= self.start[at]) & (there < self.end[at])
        return np.clip(there, 0, len(self.rows) - 1), inside

    def prose_beside(self) -> tuple[Ints, Ints]:
        """Return the index of the last prose before, and of the next after, each line: -1 and n for none."""
        n = len(self.rows)
        index = np.arange(n)
        last = np.maximum.accumulate(np.where(self.prose, index, -1))
        following = np.minimum.accumulate(np.where(self.prose, index, n)[::-1])[::-1]
        return np.concatenate([[-1], last[:-1]]), np.concatenate([following[1:], [n]])


def live_lines(paragraphs: pa.Table, gone: Mask) -> Live:
    """Return the paragraphs that are not gone.

    paragraphs: schema PARAGRAPHS, ordered by `doc`, `position`, every document whole, n rows. gone: bool, shape (n,).
    """
    lengths, sentence = forms(paragraphs)
    rows = np.flatnonzero(~gone)
    docs = arrow.numbers(paragraphs["doc"])
    starts = arrow.run_starts(docs[rows])
    sizes = np.diff(starts)
    lengths, sentence = lengths[rows], sentence[rows]
    start, end = np.repeat(starts[:-1], sizes), np.repeat(starts[1:], sizes)
    return Live(rows, start, end, lengths, sentence, is_prose(lengths, sentence), docs)


def forms(paragraphs: pa.Table) -> tuple[Ints, Mask]:
    """Return (length in characters, whether it ends as a sentence does) of each paragraph, shape (n,).

    A Chinese, Japanese or Korean character counts DENSE times.
    """
    text = arrow.large_strings(paragraphs["text"])
    data, offsets = arrow.text_view(text)
    end = chars.ends(data, offsets)
    lengths = arrow.string_lengths(text)
    some = np.flatnonzero(np.diff(offsets) > 2 * lengths)
    if len(some):
        data, offsets = arrow.text_view(text.take(pa.array(some)))
        dense = (data[: offsets[-1]] >= DENSE_FROM) & (data[: offsets[-1]] <= DENSE_TO)
        lengths[some] += (DENSE - 1) * np.add.reduceat(dense, offsets[:-1], dtype=np.int64)
    return lengths, (end == chars.STOP) | (end == chars.ASKS)


def is_prose(lengths: Ints, sentence: Mask) -> Mask:
    """Tell which paragraphs are prose; lengths in characters."""
    return np.asarray((lengths > BODY_CHARS) | (sentence & (lengths >= PROSE_CHARS)), dtype=bool)


def candidates(lengths: Ints, sentence: Mask) -> Mask:
    """Tell which paragraphs may be boilerplate by their form; lengths in characters."""
    return np.asarray((lengths <= CANDIDATE_CHARS) & ~(sentence & (lengths >= SURE_CHARS)), dtype=bool)


def upto(values: npt.NDArray[Any]) -> Numbers:
    """Return the sum of the first k values for k from 0 to n, shape (n + 1,)."""
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
