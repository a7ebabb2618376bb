"""Speed of learning what recurs on sites: measure and judge per core, learn over all, and what was found.

    python -m benchmarks.learned_rules [--size 64] [--pool FILE] [--sites 40] [--rules FILE]

Articles as `corpora.articles` draws them, given to sites whose pages carry a header, a box of the
author, a counter, a list and a footer; shards of 16 MB, one process. Seconds are of processor time, so
other work on the machine counts less.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
import numpy as np
import pyarrow as pa

from benchmarks.corpora import articles
from pipeline.boilerplate.learned_rules import write_rules
from pipeline.boilerplate.learning import fetch_from, learn
from pipeline.boilerplate.recurring import judge, measure
from pipeline.paragraphs import split
from pipeline.schema import PARAGRAPHS
from pipeline.settings import BoilerplateSettings, ParagraphSettings

SHARD = 16 * 2**20
PEOPLE = ["Jane Roe", "Tom Berg", "Ada Lind", "Karl Moss", "Nils Ohm", "Eva Rain"]
Found = TypeVar("Found")
Shard = tuple[pa.Table, pa.Table, pa.Array]


@click.command()
@click.option("--size", default=64, help="Text, in MB.")
@click.option("--sites", default=40, help="Number of sites.")
@click.option("--pool", type=click.Path(path_type=Path), help="JSONL to draw articles from.")
@click.option("--rules", type=click.Path(path_type=Path), help="Where to write the learned rules.")
def main(size: int, sites: int, pool: Path | None, rules: Path | None) -> None:
    shards = made(size * 10**6, sites, pool)
    megabytes = sum(paragraphs["text"].nbytes for paragraphs, _, _ in shards) / 1e6
    documents = sum(facts.num_rows for _, facts, _ in shards)
    click.echo(f"{megabytes:.0f} MB, {documents} documents, {len(shards)} shards, {sites} sites")
    _warm(shards[0])
    facts, of_measure = _timed(lambda: [measure(*shard) for shard in shards])
    fetch = fetch_from([shard[0] for shard in shards])
    learned, of_learn = _timed(lambda: learn(facts, BoilerplateSettings(), fetch))
    verdicts, of_judge = _timed(lambda: [judge(*shard, learned) for shard in shards])
    rows = sum(table.num_rows for each in facts for table in each[:2])
    kept = sum(table.nbytes for each in facts for table in each) / 1e6
    for name, took in (("measure", of_measure), ("judge", of_judge), ("measure and judge", of_measure + of_judge)):
        click.echo(f"{name:<20}{took:8.2f} s {megabytes / took:8.0f} MB/s")
    click.echo(
        f"{'learn':<20}{of_learn:8.2f} s {documents / of_learn:8.0f} documents/s, {rows} rows, {kept:.0f} MB of facts"
    )
    removed = sum(each.num_rows for each in verdicts)
    decided = dict(Counter(learned["decision"].to_pylist()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    click.echo(f"{decided}, {removed} paragraphs removed, peak {peak} MB")
    if rules:
        rules.write_text(write_rules(learned), encoding="utf-8")


def made(size: int, sites: int, pool: Path | None) -> list[Shard]:
    """Return shards of (paragraphs, documents, sites) as the steps before would."""
    random = np.random.default_rng(11)
    shards: list[Shard] = []
    texts: list[str] = []
    names: list[str] = []
    first = held = 0
    for number, row in enumerate(articles(size, 7, pool)):
        site = int(random.zipf(1.5) - 1) % sites
        text = _page(row["text"], site, number, random)
        texts.append(text)
        names.append(f"courier{site}.example")
        held += len(text)
        if held >= SHARD:
            shards.append(_shard(texts, names, first))
            first, held, texts, names = number + 1, 0, [], []
    if texts:
        shards.append(_shard(texts, names, first))
    return shards


def _page(text: str, site: int, number: int, random: np.random.Generator) -> str:
    person = PEOPLE[int(random.integers(len(PEOPLE)))]
    tail = [
        f"{person} is a reporter at Courier{site}. She covers the courts.",
        f"Page updated {1 + number % 28} May 2031, opened {int(random.integers(9999))} times",
        "Most opened this week",
        *(f"Headline {chr(97 + int(random.integers(26)))} of the week on the river" for _ in range(3)),
        f"© Courier{site}. Mill Lane {site}, Arlen.",
    ]
    return "\n\n".join([f"The Courier {site} valley desk", text, *tail])


def _shard(texts: list[str], names: list[str], first: int) -> Shard:
    cut = split(pa.array(texts, pa.large_string()), ParagraphSettings()).paragraphs
    doc = pa.array(np.arange(first, first + len(texts)))
    ids = pa.array([f"d{n}" for n in range(first, first + len(texts))])
    columns = [doc.take(cut["row"]), ids.take(cut["row"]), cut["position"], cut["text"]]
    paragraphs = pa.table(columns, names=PARAGRAPHS.names).cast(PARAGRAPHS)
    dates = pa.array(np.datetime64("2031-05-01", "us") + np.arange(len(texts)) % 300 * np.timedelta64(86400, "s"))
    return paragraphs, pa.table({"doc": doc, "doc_id": ids, "date": dates}), pa.array(names)


def _warm(shard: Shard) -> None:
    """Compile the kernels and build their tables: once a process, not once a shard."""
    paragraphs, documents, sites = shard
    few = paragraphs.slice(0, int(np.searchsorted(paragraphs["doc"].to_numpy(), paragraphs["doc"][0].as_py() + 50)))
    facts = measure(few, documents, sites)
    judge(few, documents, sites, learn([facts], BoilerplateSettings(), fetch_from([few])))


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    began = time.process_time()
    found = work()
    return found, time.process_time() - began


if __name__ == "__main__":
    main()
