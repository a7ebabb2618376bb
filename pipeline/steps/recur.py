"""Recur: what comes again and again on a site, learned from all shards, and taken from each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline import arrow, ledger
from pipeline.boilerplate import learned_rules, recurring
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
    """Save `learned` (LEARNED): the rules that the recurring paragraphs of all shards amount to."""
    learned = LEARNED.empty_table()
    if _learns(settings):
        shards = work.shards()
        facts = [Facts(*(work.load("prepare", shard, name) for name in MEASURES)) for shard in shards]
        paragraphs = [work.load("prepare", shard, "paragraphs") for shard in shards]
        learned = learn(facts, settings.boilerplate, fetch_from(paragraphs))
    work.save("recur", 0, {"learned": learned})


def rules_file(work: Work) -> str:
    """Return the learned rules as TOML, to be read, edited and given back."""
    return learned_rules.write_rules(work.load("recur", 0, "learned"))


def stripped(work: Work, shard: int, settings: Settings, rules: Rules | None) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return (documents, paragraphs, ledger rows) of a shard after what was learned is taken from it."""
    documents, paragraphs = work.load("prepare", shard, "documents"), work.load("prepare", shard, "paragraphs")
    learned = work.load("recur", 0, "learned")
    if rules is None or settings.boilerplate.learned != "on" or not learned.num_rows:
        return documents, paragraphs, ledger.nothing()
    sites = names(documents)
    verdicts = recurring.judge(paragraphs, documents, sites, learned)
    owner = np.searchsorted(arrow.numbers(documents["doc"]), arrow.numbers(paragraphs["doc"]))
    safe = protected(paragraphs, rules, sites.take(pa.array(owner)))
    verdicts = verdicts.filter(pa.array(~safe[arrow.numbers(verdicts["row"])]))
    paragraphs, gone = ledger.drop(paragraphs, "boilerplate", verdicts)
    alive = np.isin(arrow.numbers(documents["doc"]), arrow.numbers(paragraphs["doc"]))
    empty = np.flatnonzero(~alive)
    emptied = pa.table({"row": empty, "rule": pa.array(["nothing_left"] * len(empty), pa.string())})
    documents, lost = ledger.drop(documents, "boilerplate", emptied)
    return documents, paragraphs, pa.concat_tables([gone, lost])


def _learns(settings: Settings) -> bool:
    return settings.boilerplate.enabled and settings.boilerplate.learned != "off"
