"""What is known of all documents: their site, date, size, and by what they are told from copies."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.boilerplate.recurring import BODIES

Rows = NDArray[np.int64]
#: The day of a document without a date.
NO_DAY = np.iinfo(np.int64).min
_LAST = np.uint64(2**64 - 1)


class Census(NamedTuple):
    """Documents of all sites; arrays of shape (documents,) or, by site, (sites,)."""

    table: pa.Table  #: doc_id, date
    doc: Rows
    site: Rows  #: index into `names`
    names: list[str]
    bodies: NDArray[np.uint64]  #: shape (documents, BODIES)
    body_ranks: NDArray[np.int32]
    n_paragraphs: Rows
    day: Rows  #: days since 1970, NO_DAY where there is no date
    n_documents: Rows
    n_bodies: Rows
    n_days: Rows
    n_chars: Rows


def census(documents: pa.Table) -> Census:
    """Return what is known of the documents (recurring.MEASURED), in any order."""
    table = documents.sort_by("doc").combine_chunks()
    coded = arrow.one_chunk(table["site"]).dictionary_encode()
    site = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    n = len(coded.dictionary)
    bodies = _matrix(table["bodies"])
    counts = np.bincount(site, minlength=n)
    chars = np.bincount(site, arrow.numbers(table["n_chars"]), minlength=n).astype(np.int64)
    most = np.max([distinct(site, bodies[:, k], n) for k in range(BODIES)], axis=0)
    ranks = _matrix(table["body_ranks"])
    days = pc.fill_null(arrow.one_chunk(table["date"].cast(pa.int64())), NO_DAY).to_numpy()
    day = np.where(days == NO_DAY, days, days // 86_400_000_000)
    dated = day != NO_DAY
    return Census(
        table=table.select(["doc_id", "date"]),
        doc=arrow.numbers(table["doc"]),
        site=site,
        names=coded.dictionary.to_pylist(),
        bodies=bodies,
        body_ranks=ranks,
        n_paragraphs=arrow.numbers(table["n_paragraphs"]),
        day=day,
        n_documents=counts,
        n_bodies=most,
        n_days=distinct(site[dated], day[dated], n),
        n_chars=chars,
    )


def _matrix(column: pa.ChunkedArray) -> NDArray[Any]:
    values: NDArray[Any] = arrow.one_chunk(column).flatten().to_numpy().reshape(-1, BODIES)
    return values


def distinct(group: Rows, value: NDArray[Any], n: int) -> Rows:
    """Return the number of distinct values in each of `n` groups."""
    order = np.lexsort((value, group))
    return distinct_sorted(group[order], value[order], n)


def distinct_sorted(group: Rows, value: NDArray[Any], n: int) -> Rows:
    """Like `distinct`, of rows in which equal pairs stand together."""
    return np.bincount(group[_first_of_pairs(group, value)], minlength=n)


def bodies(owner: Rows, rank: Rows, of: Rows, n: int, known: Census) -> Rows:
    """Return the number of documents of each of `n` groups `of` that are no copies of each other.

    owner, rank: row of the document and place in it of each paragraph that is judged. A document is told
    by its longest paragraphs, less the one that is judged. It counts for itself where at least half of
    them stand in no other document of the group, which allows for long boilerplate; the others are
    copies, and count as one where the most frequent of these paragraphs is the same.
    """
    order = np.lexsort((rank, owner, of))
    first = order[_first_of_pairs(of[order], owner[order])]
    group, ranks, hashes = of[first], known.body_ranks[owner[first]], known.bodies[owner[first]]
    free = (ranks >= 0) & (ranks != rank[first][:, None])
    holders = np.zeros(free.shape, np.int64)
    holders[free] = _frequencies(np.repeat(group, free.sum(axis=1)), hashes[free])
    own = (holders == 1).sum(axis=1)
    original = (own > 0) & (2 * own >= free.sum(axis=1))
    most = np.where(free & (holders == holders.max(axis=1, initial=0)[:, None]), hashes, _LAST).min(
        axis=1, initial=_LAST
    )
    copies = distinct(group[~original], most[~original], n)
    return np.bincount(group[original], minlength=n) + copies


def _first_of_pairs(group: Rows, value: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which rows are the first of a run of equal pairs."""
    new = np.ones(len(group), bool)
    new[1:] = (group[1:] != group[:-1]) | (value[1:] != value[:-1])
    return new


def _frequencies(group: Rows, value: NDArray[np.uint64]) -> Rows:
    """Return how often each pair occurs."""
    order = np.lexsort((value, group))
    starts = np.flatnonzero(_first_of_pairs(group[order], value[order]))
    sizes = np.diff(np.append(starts, len(group)))
    found = np.empty(len(group), np.int64)
    found[order] = np.repeat(sizes, sizes)
    return found


def days(owner: Rows, of: Rows, n: int, known: Census) -> Rows:
    """Return the number of days of the documents (rows `owner`) of each of `n` groups `of`."""
    dated = known.day[owner] != NO_DAY
    return distinct(of[dated], known.day[owner[dated]], n)
