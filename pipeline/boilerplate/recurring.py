"""What recurs on a site: which paragraphs may, facts about them per shard, and judging by what was learned.

Facts of shards are only put beside each other and sorted, so neither the cut into shards nor their order
matters. A key's upper bits tell the site, so a range of keys holds whole sites (see learning.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.boilerplate.body import CALENDAR, masked
from pipeline.kernels.skeletons import skeletons, word_hashes
from pipeline.kernels.tokens import text_hashes

#: Longer paragraphs, in bytes, are not looked at: rules that are given back judge up to 600 characters.
MAX_BYTES = 600
#: A longer paragraph, in bytes, is taken for text when places are told. Footers and author boxes go to 300.
LONG_BYTES = 200
#: The head ends at the first long paragraph, itself included; the tail begins at the last but one.
HEAD_LONG, TAIL_LONG = 1, 2
#: Most paragraphs that head and tail may have: of a poem or a chat, whose lines are all short.
HEAD_ROWS, TAIL_ROWS = 6, 16
#: A line within the text is looked at up to this length, in bytes: labels, not sentences.
LABEL_BYTES = 80
#: Longest paragraphs of a document that tell it from its copies.
BODIES = 5
#: Bytes by which the longest paragraphs are told apart.
BODY_BYTES = 200

#: A line that is learned may be this much longer elsewhere, or half as long: other figures, other spaces.
SPARE_BYTES = 64

WITHIN, HEAD, TAIL = 0, 1, 2

#: One occurrence of a paragraph that may recur, ordered by `key`.
OCCURRENCES = pa.schema(
    [
        pa.field("key", pa.uint64(), nullable=False),  # site and masked words
        pa.field("doc", pa.int64(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),  # index among the document's paragraphs
        pa.field("n_chars", pa.int32(), nullable=False),
        pa.field("n_bytes", pa.int32(), nullable=False),
        pa.field("place", pa.uint8(), nullable=False),
    ]
)
#: Paragraphs at the edges that share a run of three words, ordered by `bucket`.
NEIGHBOURS = pa.schema(
    [
        pa.field("bucket", pa.uint64(), nullable=False),
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("doc", pa.int64(), nullable=False),
    ]
)
#: One document, ordered by `doc`. `bodies`: hashes of its longest paragraphs, longest first, 0 for none.
MEASURED = pa.schema(
    [
        pa.field("doc", pa.int64(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("site", pa.string(), nullable=False),
        pa.field("date", pa.timestamp("us")),
        pa.field("n_paragraphs", pa.int32(), nullable=False),
        pa.field("n_chars", pa.int64(), nullable=False),
        pa.field("bodies", pa.list_(pa.uint64(), BODIES), nullable=False),
        pa.field("body_ranks", pa.list_(pa.int32(), BODIES), nullable=False),
    ]
)


class Facts(NamedTuple):
    """What is known of a shard, or of several: tables OCCURRENCES, NEIGHBOURS, MEASURED."""

    occurrences: pa.Table
    neighbours: pa.Table
    documents: pa.Table


class Places(NamedTuple):
    """Where the paragraphs of some documents stand; all of shape (paragraphs,) but `starts`."""

    starts: NDArray[np.int64]  #: first paragraph of each document, and the end
    rank: NDArray[np.int64]
    place: NDArray[np.uint8]  #: WITHIN, HEAD, TAIL; what is both counts as tail
    length: NDArray[np.int64]  #: bytes


def measure(paragraphs: pa.Table, documents: pa.Table, sites: pa.Array) -> Facts:
    """Return the facts of one shard.

    paragraphs: schema PARAGRAPHS, ordered, documents whole. documents: `doc`, `doc_id`, `date`, ordered,
    at least those that have paragraphs. sites: `sites.names(documents)`.
    """
    texts = arrow.large_strings(paragraphs["text"])
    doc = arrow.numbers(paragraphs["doc"])
    at = places(texts, doc)
    chars = arrow.string_lengths(texts)
    own = np.searchsorted(arrow.numbers(documents["doc"]), doc[at.starts[:-1]])
    wanted = _wanted(at)
    keys, buckets = keys_of(texts, wanted, np.repeat(_hashes(sites)[own], np.diff(at.starts)))
    rows = np.flatnonzero(keys)
    rows = rows[np.argsort(keys[rows])]
    columns = [keys[rows], doc[rows], at.rank[rows], chars[rows], at.length[rows], at.place[rows]]
    occurrences = _table(columns, OCCURRENCES)
    with_site = documents.select(["doc", "doc_id", "date"]).append_column("site", sites)
    facts = with_site.take(pa.array(own))
    return Facts(occurrences, _neighbours(keys, buckets, doc), _measured(facts, texts, chars, at))


def judge(paragraphs: pa.Table, documents: pa.Table, sites: pa.Array, learned: pa.Table) -> pa.Table:
    """Return the paragraphs that `learned` (schema LEARNED of learning.py) takes as boilerplate.

    paragraphs, documents, sites: as for `measure`; paragraphs may be fewer than were measured.
    Verdicts: `row` int64 ascending, `rule`, `evidence`. A paragraph goes when its masked text is one of
    the rule's, wherever it stands.
    """
    rules = learned.filter(pc.equal(learned["decision"], "learned"))
    texts = arrow.large_strings(paragraphs["text"])
    rows, which = _hits(paragraphs, documents, sites, texts, rules)
    said = masked(texts.take(pa.array(rows))).cast(pa.string())
    of_rule = _of_rule(said, pa.array(which))
    known = _of_rule(pc.list_flatten(rules["texts"]), pc.list_parent_indices(rules["texts"]))
    same = pc.is_in(of_rule, known).to_numpy(zero_copy_only=False)
    rows, which = rows[same], which[same]
    taken = rules.select(["rule", "evidence"]).take(pa.array(which))
    return pa.table({"row": pa.array(rows, pa.int64()), "rule": taken["rule"], "evidence": taken["evidence"]})


def places(texts: pa.Array, doc: NDArray[np.int64]) -> Places:
    """Return where each paragraph stands, by the lengths alone."""
    length = np.diff(arrow.text_view(texts)[1])
    starts = arrow.run_starts(doc)
    sizes = np.diff(starts)
    rank = np.arange(len(doc)) - np.repeat(starts[:-1], sizes)
    left = np.repeat(sizes, sizes) - 1 - rank
    upto = np.concatenate([[0], np.cumsum(length > LONG_BYTES)])
    before = upto[:-1] - np.repeat(upto[starts[:-1]], sizes)
    after = np.repeat(upto[starts[1:]], sizes) - upto[1:]
    head = (before < HEAD_LONG) & (rank < HEAD_ROWS) & (rank <= left)
    tail = (after < TAIL_LONG) & (left < TAIL_ROWS) & (left <= rank)
    return Places(starts, rank, np.where(tail, TAIL, np.where(head, HEAD, WITHIN)).astype(np.uint8), length)


def keys_of(
    texts: pa.Array, wanted: NDArray[np.uint8], sites: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return (keys, buckets) as `kernels.skeletons` gives them, odd characters folded before.

    wanted: 0 nothing, 1 keys, 2 buckets too. sites: hash of the site of each text.
    """
    data, offsets = arrow.text_view(texts)
    keys, buckets, odd = skeletons(data, offsets, wanted, sites, _calendar())
    rows = np.flatnonzero(odd)
    if len(rows):
        plain = pc.utf8_lower(pc.utf8_normalize(texts.take(pa.array(rows)), "NFKC"))
        data, offsets = arrow.text_view(plain)
        keys[rows], buckets[rows], _ = skeletons(data, offsets, wanted[rows], sites[rows], _calendar())
    return keys, buckets


def _wanted(at: Places) -> NDArray[np.uint8]:
    edge = (at.place != WITHIN) & (at.length <= MAX_BYTES)
    label = at.length <= LABEL_BYTES
    return np.where(edge, 2, np.where(label, 1, 0)).astype(np.uint8)


def _neighbours(keys: NDArray[np.uint64], buckets: NDArray[np.uint64], doc: NDArray[np.int64]) -> pa.Table:
    rows, _ = np.nonzero(buckets)
    bucket = buckets[buckets > 0]
    order = np.argsort(bucket)
    return _table([bucket[order], keys[rows][order], doc[rows][order]], NEIGHBOURS)


def _measured(facts: pa.Table, texts: pa.Array, chars: NDArray[np.int64], at: Places) -> pa.Table:
    """Add the counts of each document and the hashes of its longest paragraphs."""
    n = len(at.starts) - 1
    owner = np.repeat(np.arange(n), np.diff(at.starts))
    # One number a paragraph sorts in a third of the time that three take; ranks break ties.
    order = np.argsort((owner << 32) - np.minimum(at.length, 2**31), kind="stable")
    turn = at.rank  # the order keeps documents together, so ranks count within each
    chosen, slot = order[turn < BODIES], turn[turn < BODIES]
    cells = owner[chosen] * BODIES + slot
    hashes, ranks = np.zeros(n * BODIES, np.uint64), np.full(n * BODIES, -1, np.int32)
    beginnings = pc.binary_slice(texts.take(pa.array(chosen)).cast(pa.large_binary()), 0, BODY_BYTES)
    hashes[cells] = text_hashes(*arrow.text_view(beginnings))
    ranks[cells] = at.rank[chosen]
    columns = {name: facts[name] for name in facts.column_names} | {
        "n_paragraphs": pa.array(np.diff(at.starts), pa.int32()),
        "n_chars": pa.array(np.add.reduceat(chars, at.starts[:-1]) if n else chars, pa.int64()),
        "bodies": pa.FixedSizeListArray.from_arrays(pa.array(hashes), BODIES),
        "body_ranks": pa.FixedSizeListArray.from_arrays(pa.array(ranks), BODIES),
    }
    return pa.table([columns[name] for name in MEASURED.names], names=MEASURED.names).cast(MEASURED)


def _hits(
    paragraphs: pa.Table, documents: pa.Table, sites: pa.Array, texts: pa.Array, rules: pa.Table
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (rows whose key some rule has, row of the rule). Only lines of lengths that rules have are looked at."""
    doc = arrow.numbers(paragraphs["doc"])
    own = np.searchsorted(arrow.numbers(documents["doc"]), doc)
    coded = sites.dictionary_encode()
    of_rule = pc.fill_null(pc.index_in(rules["site"], coded.dictionary), -1).to_numpy().astype(np.int64)
    here = of_rule >= 0
    if not here.any() or not len(doc):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    low, high = np.full(len(coded.dictionary), 2**62), np.full(len(coded.dictionary), -1)
    np.minimum.at(low, of_rule[here], arrow.numbers(rules["min_bytes"])[here] // 2)
    np.maximum.at(high, of_rule[here], arrow.numbers(rules["max_bytes"])[here] + SPARE_BYTES)
    site = coded.indices.to_numpy()[own].astype(np.int64)
    length = np.diff(arrow.text_view(texts)[1])
    rows = np.flatnonzero((length >= low[site]) & (length <= high[site]))
    keys, _ = keys_of(texts.take(pa.array(rows)), np.ones(len(rows), np.uint8), _hashes(sites)[own[rows]])
    owner = pc.list_parent_indices(rules["keys"]).to_numpy()
    order = np.argsort(pc.list_flatten(rules["keys"]).to_numpy(), kind="stable")
    sought = pc.list_flatten(rules["keys"]).to_numpy()[order]
    at = np.minimum(np.searchsorted(sought, keys), len(sought) - 1)
    which = owner[order][at].astype(np.int64)
    # Keys of two sites are equal by chance alone; a rule is its site's all the same.
    hit = (sought[at] == keys) & (of_rule[which] == site[rows])
    return rows[hit], which[hit]


def _of_rule(texts: pa.Array, which: pa.Array) -> pa.Array:
    """Return the number of a rule and the text in one string, to look both up at once."""
    return pc.binary_join_element_wise(which.cast(pa.string()), texts.cast(pa.string()), " ")


def _hashes(names: pa.Array) -> NDArray[np.uint64]:
    coded = names.dictionary_encode()
    of_name = text_hashes(*arrow.text_view(coded.dictionary.cast(pa.large_string())))
    found: NDArray[np.uint64] = of_name[coded.indices.to_numpy()]
    return found


def _table(columns: Sequence[NDArray[np.generic]], schema: pa.Schema) -> pa.Table:
    arrays = [pa.array(column).cast(field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


@cache
def _calendar() -> NDArray[np.uint64]:
    return word_hashes(sorted({*CALENDAR, "month", "day"}))
