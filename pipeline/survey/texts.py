"""Texts: what a sample of rows shows: languages, sites, dates, damage."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow, language
from pipeline.boilerplate import sites
from pipeline.clean import suspect
from pipeline.clean.repair import repair
from pipeline.settings import EncodingSettings


class Texts(NamedTuple):
    """What the sampled rows show. Counts are rows; `damaged` by kind, a row counts once for each kind it has."""

    rows: int
    empty: int
    words: int  #: median of a row
    languages: Counter[str]
    sites: int
    dated: int
    broken: int  #: rows with damage of any kind
    damaged: Counter[str]
    charsets: Counter[str]
    repeated_id: str  #: an id that two rows of the sample have; "" if none is seen


def examine(documents: pa.Table, charsets: Counter[str]) -> Texts:
    """Return what rows (read.documents.DOCUMENT) show; charsets: how many of them were not UTF-8, by charset."""
    texts = pc.fill_null(arrow.large_strings(documents["text"]), "")
    blank = pc.equal(pc.utf8_trim_whitespace(texts), "")
    counts = pc.list_value_length(pc.utf8_split_whitespace(texts))
    repaired, edits = repair(texts, EncodingSettings())
    kinds = {(edit.row, _kind(edit.rule)) for edit in edits}
    kinds |= {(row, "beyond repair") for row in suspect.marks(repaired)["row"].to_pylist()}
    kinds = {one for one in kinds if one[1]}
    names = [name for name in language.guess(repaired).to_pylist() if name]
    ids = Counter(documents["doc_id"].to_pylist()).most_common(1)
    return Texts(
        rows=documents.num_rows,
        empty=int(pc.sum(blank).as_py() or 0),
        words=int(pc.approximate_median(counts).as_py() or 0),
        languages=Counter(names),
        sites=len(pc.unique(sites.names(documents))),
        dated=documents.num_rows - documents["date"].null_count,
        broken=len({row for row, _ in kinds}),
        damaged=Counter(kind for _, kind in kinds),
        charsets=charsets,
        repeated_id=ids[0][0] if ids and ids[0][1] > 1 else "",
    )


def _kind(rule: str) -> str:
    """Return what an edit mends, in a word; "" for what is no damage: line ends, normal forms, spaces."""
    if "decode" in rule:
        return "mojibake"
    if "unescape_html" in rule:
        return "entities"
    return "control characters" if "control" in rule or "terminal" in rule else ""
