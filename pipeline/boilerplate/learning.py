"""Learning what is a site's own: which recurring paragraphs go, and on what evidence.

Works through the sites range by range of their keys, so memory is bounded by the largest site (about
100 bytes a short paragraph of it) and some numbers a document. Only texts of candidates are fetched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow
from pipeline.boilerplate.body import ends_sentence, masked
from pipeline.boilerplate.candidates import Candidates, Members, Range, cases, families, linked, ranged
from pipeline.boilerplate.census import Census, Rows, census
from pipeline.boilerplate.evidence import Case, decide, evidence
from pipeline.boilerplate.recurring import MEASURED, NEIGHBOURS, OCCURRENCES, Facts
from pipeline.kernels.skeletons import BUCKETS, SITE_BITS
from pipeline.settings import BoilerplateSettings

#: Takes (doc, rank) of some paragraphs, returns their texts (large_string).
Fetch = Callable[[Rows, Rows], pa.Array]

#: Occurrences and neighbours in one range: 0.3 GB of work.
RANGE_ROWS = 4_000_000
#: Sample documents of a rule.
SAMPLES = 3

_OF_CASE = ("documents", "bodies", "site_documents", "site_bodies", "share", "head", "tail", "occurrences")
_SAMPLE = pa.struct([pa.field("doc_id", pa.string()), pa.field("text", pa.string())])
#: One rule, learned or refused, ordered by `site`, then most documents first.
LEARNED = pa.schema(
    [
        pa.field("rule", pa.string(), nullable=False),
        pa.field("site", pa.string(), nullable=False),
        pa.field("decision", pa.string(), nullable=False),  # learned, kept, over budget
        pa.field("reason", pa.string(), nullable=False),
        pa.field("evidence", pa.string(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),  # that hold it
        pa.field("bodies", pa.int64(), nullable=False),  # of them, that are no copies of each other
        pa.field("site_documents", pa.int64(), nullable=False),
        pa.field("site_bodies", pa.int64(), nullable=False),
        pa.field("share", pa.float64(), nullable=False),  # bodies / site_bodies
        pa.field("head", pa.int64(), nullable=False),  # occurrences at the head
        pa.field("tail", pa.int64(), nullable=False),
        pa.field("occurrences", pa.int64(), nullable=False),
        pa.field("first", pa.timestamp("us")),
        pa.field("last", pa.timestamp("us")),
        pa.field("n_chars", pa.int64(), nullable=False),  # of all occurrences
        pa.field("min_bytes", pa.int64(), nullable=False),
        pa.field("max_bytes", pa.int64(), nullable=False),
        pa.field("keys", pa.list_(pa.uint64()), nullable=False),
        pa.field("texts", pa.list_(pa.string()), nullable=False),  # masked, one or more a wording
        pa.field("samples", pa.list_(_SAMPLE), nullable=False),
    ]
)


def learn(facts: Sequence[Facts], settings: BoilerplateSettings, fetch: Fetch) -> pa.Table:
    """Return the rules (LEARNED) for all sites; what was refused is there with its reason.

    facts: of all shards, in any order, cut anyhow between documents. fetch: the texts that were measured.
    """
    known = census(arrow.concat([each.documents for each in facts], MEASURED))
    found = [LEARNED.empty_table()]
    for occurrences, neighbours in _ranges(facts):
        found.append(_learn_range(occurrences, neighbours, known, settings, fetch))
    order = [("site", "ascending"), ("bodies", "descending"), ("n_chars", "descending"), ("rule", "ascending")]
    return _named_once(pa.concat_tables(found).sort_by(order))


def _named_once(learned: pa.Table) -> pa.Table:
    """Number rules whose digests are equal by chance: of 10,000 rules, with a probability of 0.01."""
    names = learned["rule"].to_pylist()
    seen: Counter[str] = Counter()
    for place, name in enumerate(names):
        seen[name] += 1
        names[place] = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return learned.set_column(0, LEARNED.field("rule"), pa.array(names, pa.string()))


def fetch_from(tables: Sequence[pa.Table]) -> Fetch:
    """Return a Fetch that looks into tables of PARAGRAPHS, each ordered, together in any order."""
    docs = [arrow.numbers(table["doc"]) for table in tables]
    starts = [arrow.run_starts(doc)[:-1] for doc in docs]
    owner = np.repeat(np.arange(len(tables)), [len(each) for each in starts])
    doc = np.concatenate([each[at] for each, at in zip(docs, starts, strict=True)] or [np.zeros(0, np.int64)])
    start = np.concatenate([*starts, np.zeros(0, np.int64)]).astype(np.int64)
    order = np.argsort(doc)

    def fetch(wanted: Rows, rank: Rows) -> pa.Array:
        at = order[np.searchsorted(doc, wanted, sorter=order)]
        parts = [pa.array([], pa.large_string())]
        places: list[Rows] = [np.zeros(0, np.int64)]
        for number in np.unique(owner[at]).tolist():
            mine = np.flatnonzero(owner[at] == number)
            rows = pa.array(start[at[mine]] + rank[mine])
            parts.append(arrow.large_strings(tables[number]["text"].take(rows)))
            places.append(mine)
        return pa.concat_arrays(parts).take(pa.array(np.argsort(np.concatenate(places))))

    return fetch


def _ranges(facts: Sequence[Facts]) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield (occurrences, neighbours) of some sites each, sorted by key and by bucket."""
    rows = sum(each.occurrences.num_rows + each.neighbours.num_rows for each in facts)
    parts = min(1 << SITE_BITS, rows // RANGE_ROWS + 1)
    cuts = [np.uint64((part << SITE_BITS) // parts << (64 - SITE_BITS)) for part in range(parts)]
    for first, last in zip(cuts, [*cuts[1:], None], strict=True):
        occurrences = [_slice(each.occurrences, "key", first, last) for each in facts]
        neighbours = [_slice(each.neighbours, "bucket", first, last) for each in facts]
        yield arrow.concat(occurrences, OCCURRENCES), arrow.concat(neighbours, NEIGHBOURS)


def _slice(table: pa.Table, name: str, first: np.uint64, last: np.uint64 | None) -> pa.Table:
    values = arrow.numbers(table[name])
    begin = int(np.searchsorted(values, first))
    end = len(values) if last is None else int(np.searchsorted(values, last))
    return table.slice(begin, end - begin)


def _learn_range(
    occurrences: pa.Table, neighbours: pa.Table, known: Census, settings: BoilerplateSettings, fetch: Fetch
) -> pa.Table:
    if not occurrences.num_rows:
        return LEARNED.empty_table()
    keys, bucket = linked(neighbours, known, settings)
    rows = ranged(occurrences, keys, known, settings)
    near = np.searchsorted(rows.key[rows.starts], keys)
    groups = np.union1d(np.flatnonzero(rows.documents >= rows.need), near)
    if not len(groups):
        return LEARNED.empty_table()
    slots = np.zeros((len(groups), BUCKETS), np.uint64)
    slots[np.searchsorted(groups, near)] = bucket
    first = rows.starts[groups]
    texts = fetch(rows.doc[first], rows.rank[first])
    found = Candidates(groups, texts, masked(texts).cast(pa.large_string()), ends_sentence(texts), slots)
    members = families(rows, found, known)
    evidences = cases(rows, found, members, known)
    return _table(rows, found, members, evidences, known, settings, fetch)


def _table(
    rows: Range,
    found: Candidates,
    members: Members,
    evidences: list[Case],
    known: Census,
    settings: BoilerplateSettings,
    fetch: Fetch,
) -> pa.Table:
    of = members.family[members.candidate]
    order = np.lexsort((rows.rank[members.row], rows.doc[members.row], of))
    bounds = np.searchsorted(of[order], members.kept), np.searchsorted(of[order], members.kept, side="right")
    owned = [order[first:last] for first, last in zip(*bounds, strict=True)]
    samples = [_first_documents(rows, members.row[own]) for own in owned]
    shown = _samples(rows, samples, known, fetch)
    made = []
    for case, own, sample in zip(evidences, owned, shown, strict=True):
        record = _record(case, rows, members.row[own], np.unique(members.candidate[own]), found, sample, known)
        decision, reason = decide(case, settings)
        if decision == "learned" or case.kind == "wording":  # that lines only begin alike is no news
            made.append(record | {"decision": decision, "reason": reason})
    _spend(made, known, settings)
    return pa.Table.from_pylist(made, schema=LEARNED)


def _first_documents(rows: Range, row: Rows) -> Rows:
    """Return the first row of each of the first SAMPLES documents; `row` is ordered by document."""
    return row[np.unique(rows.doc[row], return_index=True)[1][:SAMPLES]]


def _samples(rows: Range, samples: list[Rows], known: Census, fetch: Fetch) -> list[list[dict[str, str]]]:
    """Return the samples of each rule as `doc_id`, `text` and `masked`."""
    row = np.concatenate([*samples, np.zeros(0, np.int64)])
    texts = fetch(rows.doc[row], rows.rank[row])
    ids = known.table["doc_id"].take(pa.array(rows.owner[row]))
    table = pa.table({"doc_id": ids, "text": texts, "masked": masked(texts)})
    cuts = np.cumsum([0] + [len(sample) for sample in samples])
    return [table.slice(first, last - first).to_pylist() for first, last in pairwise(cuts.tolist())]


def _record(
    case: Case,
    rows: Range,
    row: Rows,
    candidates: Rows,
    found: Candidates,
    samples: list[dict[str, str]],
    known: Census,
) -> dict[str, Any]:
    lengths = rows.n_bytes[row]
    dates = pc.min_max(known.table["date"].take(pa.array(rows.owner[row])))
    wordings = found.says.take(pa.array(candidates)).to_pylist() + [sample["masked"] for sample in samples]
    digest = blake2b(f"{case.site}\n{case.kind}\n{case.masked}".encode(), digest_size=4).hexdigest()
    return {
        "rule": f"learned-{digest}",
        "site": case.site,
        "evidence": evidence(case),
        **{name: getattr(case, name) for name in _OF_CASE},
        "first": dates["min"].as_py(),
        "last": dates["max"].as_py(),
        "n_chars": int(rows.chars[row].sum()),
        "min_bytes": int(lengths.min()),
        "max_bytes": int(lengths.max()),
        "keys": rows.key[rows.starts[found.groups[candidates]]].tolist(),
        "texts": sorted(set(wordings)),
        "samples": [{"doc_id": sample["doc_id"], "text": sample["text"]} for sample in samples],
    }


def _spend(made: list[dict[str, Any]], known: Census, settings: BoilerplateSettings) -> None:
    """Leave sites alone that would lose more than their share."""
    spent: dict[str, int] = {}
    for record in made:
        if record["decision"] == "learned":
            spent[record["site"]] = spent.get(record["site"], 0) + record["n_chars"]
    chars = dict(zip(known.names, known.n_chars.tolist(), strict=True))
    for record in made:
        site = record["site"]
        if record["decision"] == "learned" and spent[site] > settings.max_site_share * chars[site]:
            record["decision"] = "over budget"
            record["reason"] = f"{site} would lose {spent[site]} of {chars[site]} characters to learned rules"
