"""Recur: what comes again and again on a site, learned from all shards, and taken from each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow, ledger
from pipeline.boilerplate import foreign_titles, learned_rules, recurring
from pipeline.boilerplate.body import folded
from pipeline.boilerplate.judge import protected
from pipeline.boilerplate.learning import LEARNED, fetch_from, learn
from pipeline.boilerplate.recurring import Facts
from pipeline.boilerplate.rules import Rules
from pipeline.boilerplate.sites import names
from pipeline.settings import Settings
from pipeline.work import Work

#: Tables of the facts of a shard, as `prepare` saves them.
MEASURES = Facts("occurrences", "neighbours", "measured")
#: The learned rules as a file to read, in the dataset.
RULES_FILE = "learned.toml"


def measures(documents: pa.Table, paragraphs: pa.Table, settings: Settings) -> dict[str, pa.Table]:
    """Return the tables that `recur` will want of a shard; none when nothing is to be learned."""
    if not _learns(settings):
        return {}
    facts = recurring.measure(paragraphs, documents, names(documents))
    return dict(zip(MEASURES, facts, strict=True))


def recur(work: Work, settings: Settings) -> None:
    """Save `learned` (LEARNED), what the recurring paragraphs of all shards amount to, and `titles` (TITLES)."""
    learned = LEARNED.empty_table()
    if _learns(settings):
        shards = work.shards()
        facts = [Facts(*(work.load("prepare", shard, name) for name in MEASURES)) for shard in shards]
        paragraphs = [work.load("prepare", shard, "paragraphs") for shard in shards]
        learned = learn(facts, settings.boilerplate, fetch_from(paragraphs))
    parts = [foreign_titles.titles(work.load("prepare", shard, "documents")) for shard in work.shards()]
    titles = pa.concat_tables(parts).sort_by([("key", "ascending"), ("doc", "ascending")])
    work.save("recur", 0, {"learned": learned, "titles": titles})


def rules_file(work: Work) -> str:
    """Return the learned rules as TOML, to be read, edited and given back."""
    return learned_rules.write_rules(work.load("recur", 0, "learned"))


def stripped(work: Work, shard: int, settings: Settings, rules: Rules | None) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return (documents, paragraphs, ledger rows) of a shard after what was learned is taken from it."""
    documents, paragraphs = work.load("prepare", shard, "documents"), work.load("prepare", shard, "paragraphs")
    if rules is None:
        return documents, paragraphs, ledger.nothing()
    verdicts = _verdicts(work, settings, documents, paragraphs)
    if not verdicts.num_rows:
        return documents, paragraphs, ledger.nothing()
    owner = np.searchsorted(arrow.numbers(documents["doc"]), arrow.numbers(paragraphs["doc"]))
    safe = protected(paragraphs, rules, names(documents).take(pa.array(owner)))
    verdicts = verdicts.filter(pa.array(~safe[arrow.numbers(verdicts["row"])]))
    paragraphs, gone = ledger.drop(paragraphs, "boilerplate", verdicts)
    alive = np.isin(arrow.numbers(documents["doc"]), arrow.numbers(paragraphs["doc"]))
    empty = np.flatnonzero(~alive)
    emptied = pa.table({"row": empty, "rule": pa.array(["nothing_left"] * len(empty), pa.string())})
    documents, lost = ledger.drop(documents, "boilerplate", emptied)
    return documents, paragraphs, pa.concat_tables([gone, lost])


def _verdicts(work: Work, settings: Settings, documents: pa.Table, paragraphs: pa.Table) -> pa.Table:
    """Return what goes by learned rules, and of the rest what is the title of another document."""
    learned = work.load("recur", 0, "learned")
    found = []
    if settings.boilerplate.learned == "on" and learned.num_rows:
        found.append(recurring.judge(paragraphs, documents, names(documents), learned))
    if settings.boilerplate.structure:
        like = foreign_titles.headline_like(paragraphs)
        hits = foreign_titles.candidates(paragraphs, like, work.load("recur", 0, "titles"))
        found.append(foreign_titles.judge(paragraphs, like, _confirmed(work, hits)))
    verdicts = pa.concat_tables(found) if found else pa.table({"row": pa.array([], pa.int64())})
    return verdicts.take(pa.array(np.unique(arrow.numbers(verdicts["row"]), return_index=True)[1]))


def _confirmed(work: Work, hits: pa.Table) -> pa.Table:
    """Return the hits whose text is the title indeed, with the `doc_id` it belongs to: keys alone decide nothing."""
    parts = []
    for shard in work.shards() if hits.num_rows else ():
        documents = work.load("prepare", shard, "documents").select(["doc", "doc_id", "title"])
        at = pc.index_in(hits["doc"], arrow.one_chunk(documents["doc"]))
        here = hits.filter(pc.is_valid(at))
        titled = documents.take(at.drop_null())
        said = folded(arrow.large_strings(pc.fill_null(titled["title"], "")))
        same = pc.equal(arrow.one_chunk(here["said"]), said)
        parts.append(here.select(["row"]).append_column("doc_id", titled["doc_id"]).filter(same))
    empty = pa.table({"row": pa.array([], pa.int64()), "doc_id": pa.array([], pa.string())})
    return pa.concat_tables([empty, *parts]).sort_by("row")


def _learns(settings: Settings) -> bool:
    return settings.boilerplate.enabled and settings.boilerplate.learned != "off"
