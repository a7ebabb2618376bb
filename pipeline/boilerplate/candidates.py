"""Groups of recurring lines on some sites, their families, and the evidence on each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.boilerplate.census import Census, Rows, bodies, days, distinct, distinct_sorted
from pipeline.boilerplate.evidence import Case
from pipeline.boilerplate.families import by_opening, by_words
from pipeline.boilerplate.recurring import HEAD, NEIGHBOURS, OCCURRENCES, TAIL
from pipeline.kernels.skeletons import BUCKETS
from pipeline.kernels.tokens import tokenise
from pipeline.settings import BoilerplateSettings

#: Documents that hold a line before it counts as recurring when it is asked what stands below another.
RECURS = 3
#: Longer lines, in bytes, are not put together by how they begin: `Read more: …` with a headline has 120.
OPENING_BYTES = 120


class Range(NamedTuple):
    """Occurrences of some sites, sorted by key, doc, rank, and their groups of equal keys."""

    key: NDArray[np.uint64]
    doc: Rows
    rank: Rows
    chars: Rows
    n_bytes: Rows
    place: NDArray[np.uint8]
    owner: Rows  #: row of the document
    group: Rows
    starts: Rows  #: first row of each group
    documents: Rows  #: of each group
    need: Rows  #: documents that a group needs


def ranged(occurrences: pa.Table, near: NDArray[np.uint64], known: Census, settings: BoilerplateSettings) -> Range:
    """Return the occurrences (recurring.OCCURRENCES, any order) that may matter, sorted, and their groups.

    Those of keys that occur fewer than RECURS times are left out first, for they are most, unless they
    are among `near`.
    """
    keys = arrow.numbers(occurrences["key"].combine_chunks())
    kept = pa.array(np.flatnonzero(_often(keys, RECURS) | np.isin(keys, near)))
    columns = [arrow.numbers(occurrences[name].take(kept).combine_chunks()) for name in OCCURRENCES.names]
    key, doc, rank, chars, n_bytes, place = columns
    order = np.lexsort((rank, doc, key))
    key, doc, rank = key[order], doc[order], rank[order]
    starts = arrow.run_starts(key)[:-1]
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(key))))
    owner = np.searchsorted(known.doc, doc)
    documents = distinct_sorted(group, doc, len(starts))
    need = _need(known, settings)[known.site[owner[starts]]]
    return Range(key, doc, rank, chars[order], n_bytes[order], place[order], owner, group, starts, documents, need)


def _often(values: NDArray[np.uint64], least: int) -> NDArray[np.bool_]:
    """Tell which values occur at least so many times."""
    order = np.argsort(values)
    sizes = np.diff(arrow.run_starts(values[order]))
    often = np.empty(len(values), bool)
    often[order] = np.repeat(sizes >= least, sizes)
    return often


def _need(known: Census, settings: BoilerplateSettings) -> Rows:
    share = np.ceil(known.n_bodies * settings.learned_share - 1e-9)
    return np.asarray(np.maximum(share, settings.learned_documents), dtype=np.int64)


class Candidates(NamedTuple):
    """Groups that may be a site's own, or a wording of it."""

    groups: Rows
    texts: pa.Array
    says: pa.Array  #: masked
    sentence: NDArray[np.bool_]  #: ends as one does
    bucket: NDArray[np.uint64]


def linked(
    neighbours: pa.Table, known: Census, settings: BoilerplateSettings
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return (keys, ascending, their buckets) that share a bucket on as many documents as one line would need.

    neighbours: recurring.NEIGHBOURS, any order. The buckets have shape (keys, BUCKETS), 0 for none.
    """
    often = _often(arrow.numbers(neighbours["bucket"].combine_chunks()), settings.learned_documents)
    kept = pa.array(np.flatnonzero(often))
    bucket, key, doc = (arrow.numbers(neighbours[name].take(kept).combine_chunks()) for name in NEIGHBOURS.names)
    names, of = np.unique(bucket, return_inverse=True)
    need = np.zeros(len(names), np.int64)
    need[of] = _need(known, settings)[known.site[np.searchsorted(known.doc, doc)]]
    many = (distinct(of, doc, len(names)) >= need) & (distinct(of, key, len(names)) > 1)
    chosen = many[of]
    keys, at = np.unique(key[chosen], return_inverse=True)
    found = np.zeros((len(keys), BUCKETS), np.uint64)
    found[at, (bucket[chosen] % BUCKETS).astype(np.int64)] = bucket[chosen]
    return keys, found


class Members(NamedTuple):
    """Rows of candidates and their family: below the number of candidates by words, from there on by opening."""

    row: Rows
    candidate: Rows
    family: Rows
    kept: Rows  #: families that stand on enough documents, ascending


def families(rows: Range, found: Candidates, known: Census) -> Members:
    """Put candidates together that are wordings of one line, or begin alike where that is not enough."""
    n = len(found.groups)
    at = np.minimum(np.searchsorted(found.groups, rows.group), n - 1)
    row = np.flatnonzero(found.groups[at] == rows.group)
    candidate = at[row]
    first, need = rows.starts[found.groups], rows.need[found.groups]
    order = np.lexsort((rows.rank[first], rows.doc[first], -rows.documents[found.groups]))
    family = by_words(order, found.says, found.bucket)
    few = distinct(family[candidate], rows.doc[row], n)[family] < need
    loose = few & (found.bucket[:, -1] > 0) & (rows.n_bytes[first] <= OPENING_BYTES)
    site = known.site[rows.owner[first]]
    family = np.where(loose, n + by_opening(order[np.argsort(~loose[order], kind="stable")], found.says, site), family)
    documents = distinct(family[candidate], rows.doc[row], 2 * n)
    needed = np.zeros(2 * n, np.int64)
    needed[family] = need
    return Members(row, candidate, family, np.flatnonzero((documents >= needed) & (documents > 0)))


def cases(rows: Range, found: Candidates, members: Members, known: Census) -> list[Case]:
    """Return the evidence on each family of `members.kept`, in that order."""
    n, row = 2 * len(found.groups), members.row
    of = members.family[members.candidate]
    doc, place = rows.doc[row], rows.place[row]
    first, last = _outermost(rows, members, known)

    def count(chosen: NDArray[np.bool_] | None = None) -> Rows:
        return np.bincount(of if chosen is None else of[chosen], minlength=n)

    columns = {
        "documents": distinct(of, doc, n),
        "bodies": bodies(rows.owner[row], rows.rank[row], of, n, known),
        "occurrences": count(),
        "head": count(place == HEAD),
        "tail": count(place == TAIL),
        "first": count(first),
        "last": count(last),
        "days": days(rows.owner[row], of, n, known),
        "wordings": np.bincount(members.family, minlength=n),
    }
    leaders = _leaders(members, rows, found)
    return [_case(family, leaders[family], columns, rows, found, known) for family in members.kept.tolist()]


def _leaders(members: Members, rows: Range, found: Candidates) -> dict[int, int]:
    """Return the candidate that stands for each family: most documents, then the earliest."""
    first = rows.starts[found.groups]
    order = np.lexsort((rows.rank[first], rows.doc[first], -rows.documents[found.groups]))
    families, at = np.unique(members.family[order], return_index=True)
    return dict(zip(families.tolist(), order[at].tolist(), strict=True))


def _case(family: int, leader: int, columns: dict[str, Rows], rows: Range, found: Candidates, known: Census) -> Case:
    site = int(known.site[rows.owner[rows.starts[found.groups[leader]]]])
    says = str(found.says[leader])
    numbers = {name: int(column[family]) for name, column in columns.items()}
    return Case(
        text=str(found.texts[leader]),
        masked=says,
        site=known.names[site],
        kind="wording" if family < len(found.groups) else "opening",
        words=_n_words(found.says.slice(leader, 1)),
        sentence=bool(found.sentence[leader]),
        site_documents=int(known.n_documents[site]),
        site_bodies=int(known.n_bodies[site]),
        site_days=int(known.n_days[site]),
        **numbers,
    )


def _n_words(text: pa.Array) -> int:
    """Return the number of words; a character of a script without spaces is one."""
    return len(tokenise(*arrow.text_view(text))[0])


def _outermost(rows: Range, members: Members, known: Census) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of each member row whether before it, and after it, its document holds only what recurs."""
    recurs = rows.documents[rows.group] >= RECURS
    recurs[members.row] = True
    chosen = np.flatnonzero(recurs)
    order = chosen[np.lexsort((rows.rank[chosen], rows.owner[chosen]))]
    starts = arrow.run_starts(rows.owner[order])
    sizes = np.diff(starts)
    index = np.arange(len(order)) - np.repeat(starts[:-1], sizes)
    left = known.n_paragraphs[rows.owner[order]] - 1 - rows.rank[order]
    first, last = np.zeros(len(rows.key), bool), np.zeros(len(rows.key), bool)
    first[order] = rows.rank[order] == index
    last[order] = left == np.repeat(sizes, sizes) - 1 - index
    return first[members.row], last[members.row]
