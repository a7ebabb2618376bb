"""Headlines of other documents that stand between paragraphs: what is left of teasers and link lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow
from pipeline.boilerplate.body import Mask, ends_sentence, folded
from pipeline.boilerplate.live import Ints
from pipeline.kernels.tokens import text_hashes

#: `What comes next`, `The verdict` are headings that many articles have.
LEAST_WORDS = 4
MOST_BYTES = 300
#: Lines in a row that look like headlines go together where so many of them are titles.
TITLES_IN_RUN = 2

_LETTER = np.array([chr(byte).isalpha() and byte < 0x80 for byte in range(256)])

#: Key of a title, and the document that it is the title of; ordered by key, then document.
TITLES = pa.schema([pa.field("key", pa.uint64(), nullable=False), pa.field("doc", pa.int64(), nullable=False)])


def titles(documents: pa.Table) -> pa.Table:
    """Return the titles (TITLES) that are long enough to be told. documents: `doc`, `title`."""
    said = folded(arrow.large_strings(pc.fill_null(documents["title"], "")))
    long = _long(said)
    table = pa.table({"key": _keys(said.filter(pa.array(long))), "doc": documents["doc"].filter(pa.array(long))})
    return table.cast(TITLES).sort_by([("key", "ascending"), ("doc", "ascending")])


def candidates(paragraphs: pa.Table, like: Mask, known: pa.Table) -> pa.Table:
    """Return the paragraphs that may be the title of another document: `row`, `said` (folded), `doc` (whose title).

    paragraphs: schema PARAGRAPHS. like: see `headline_like`. known: TITLES of all documents.
    """
    rows = np.flatnonzero(like)
    said = folded(arrow.large_strings(paragraphs["text"].take(pa.array(rows))))
    keys, of_titles = _keys(said), arrow.numbers(known["key"])
    owner, docs = arrow.numbers(paragraphs["doc"])[rows], arrow.numbers(known["doc"])
    first, last = np.searchsorted(of_titles, keys), np.searchsorted(of_titles, keys, side="right")
    # A document's own title further down is another matter; the next with that title is asked.
    first += (first < last) & (docs[np.minimum(first, len(docs) - 1)] == owner) if len(docs) else 0
    hits = np.flatnonzero(first < last)
    return pa.table({"row": rows[hits], "said": said.take(pa.array(hits)), "doc": docs[first[hits]]})


def judge(paragraphs: pa.Table, like: Mask, hits: pa.Table) -> pa.Table:
    """Return verdicts (`row` ascending, `rule`, `evidence`) on titles of others and on what stands in a row with them.

    like: see `headline_like`. hits: `row` of paragraphs that are such titles, ascending, and `doc_id` of the documents
    they are titles of.
    """
    rows = arrow.numbers(hits["row"])
    doc = arrow.numbers(paragraphs["doc"])
    run = np.cumsum(~like | np.concatenate([[True], doc[1:] != doc[:-1]]) | np.concatenate([[True], ~like[:-1]]))
    titled = np.bincount(run[rows], minlength=int(run[-1]) + 1 if len(run) else 0)
    beside = like & (titled[run] >= TITLES_IN_RUN)
    beside[rows] = False
    more = np.flatnonzero(beside)
    evidence = [f"title of {doc_id}" for doc_id in hits["doc_id"].to_pylist()] + ["among titles of others"] * len(more)
    rules = ["foreign-title"] * len(rows) + ["foreign-title-run"] * len(more)
    table = pa.table({"row": np.concatenate([rows, more]), "rule": rules, "evidence": evidence})
    return table.cast(pa.schema([("row", pa.int64()), ("rule", pa.string()), ("evidence", pa.string())])).sort_by("row")


def headline_like(paragraphs: pa.Table) -> Mask:
    """Tell which paragraphs may be headlines: a line of LEAST_WORDS words or more that ends as no sentence does."""
    texts = arrow.large_strings(paragraphs["text"])
    data, offsets = arrow.text_view(texts)
    size = np.diff(offsets)
    rows = np.flatnonzero((size >= LEAST_WORDS) & (size <= MOST_BYTES))
    last = data[offsets[rows + 1, None] - (3, 2, 1)]
    plain = _LETTER[last[:, 0]] & _LETTER[last[:, 1]] & (last[:, 2] == ord("."))  # `word.`: most, and not `U.S.`
    rows = rows[~plain]
    rows = rows[~ends_sentence(texts.take(pa.array(rows)))]  # first: it leaves a tenth
    some = texts.take(pa.array(rows))
    like = np.zeros(len(texts), dtype=bool)
    like[rows] = _long(folded(some)) & ~_matches(some, "\n")
    return like


def _long(said: pa.Array) -> Mask:
    """Tell which folded texts have LEAST_WORDS words, or twice as many characters of a script without spaces."""
    words = pc.add(pc.count_substring(said, " "), 1).to_numpy(zero_copy_only=False)
    wide = _matches(said, r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
    chars = arrow.string_lengths(said)
    return np.asarray((words >= LEAST_WORDS) | (wide & (chars >= 2 * LEAST_WORDS)), dtype=bool)


def _keys(said: pa.Array) -> Ints:
    return text_hashes(*arrow.text_view(said)).astype(np.uint64)


def _matches(texts: pa.Array, pattern: str) -> Mask:
    return np.asarray(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), dtype=bool)
