from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boilerplate import rules as rule_files
from pipeline.boilerplate.judge import judge as judge_by_rules
from pipeline.boilerplate.learned_rules import write_rules
from pipeline.boilerplate.learning import LEARNED, fetch_from, learn
from pipeline.boilerplate.recurring import Facts, judge, keys_of, measure
from pipeline.boilerplate.sites import names
from pipeline.settings import BoilerplateSettings
from tests.boilerplate.naive_recurring import measured, skeleton
from tests.boilerplate.synthetic_sites import raw, site
from tests.boilerplate.tables import paragraphs

CASES = json.loads((Path(__file__).parent.parent / "cases" / "boilerplate_learned.json").read_text(encoding="utf-8"))
DEFAULT = BoilerplateSettings()


class Corpus:
    """Some cases as one corpus: texts by document, and the part of its case that each text is of."""

    def __init__(self, cases: list[dict[str, Any]], seed: int = 3) -> None:
        made = [(case, *site(case, seed)) for case in cases]
        documents = [document for _, documents, _ in made for document in documents]
        self.texts = [[text for text, _ in document] for document in documents]
        self.parts = [part for document in documents for _, part in document]
        self.cases = [case for case, documents, _ in made for document in documents for _ in document]
        dates = [date for _, _, dates in made for date in dates]
        sites = [case["site"] for case, documents, _ in made for _ in documents]
        self.paragraphs = paragraphs(self.texts)
        self.documents = raw(list(range(len(documents))), dates, sites)
        self.sites = names(self.documents)

    def measured(self) -> Facts:
        return measure(self.paragraphs, self.documents, self.sites)

    def learned(self, chosen: BoilerplateSettings = DEFAULT) -> pa.Table:
        return learn([self.measured()], chosen, fetch_from([self.paragraphs]))

    def shards(self, cuts: list[int]) -> list[tuple[pa.Table, pa.Table, pa.Array]]:
        bounds = [0, *sorted(cuts), len(self.texts)]
        doc = self.paragraphs["doc"].to_numpy()
        found = []
        for first, last in pairwise(bounds):
            begin, end = np.searchsorted(doc, [first, last]).tolist()
            part = self.documents.slice(first, last - first), self.sites.slice(first, last - first)
            found.append((self.paragraphs.slice(begin, end - begin), *part))
        return found


@pytest.mark.parametrize("seed", [3, 7, 16])
@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_cases(case: dict[str, Any], seed: int) -> None:
    corpus = Corpus([case], seed)
    learned = corpus.learned()
    gone = set(judge(corpus.paragraphs, corpus.documents, corpus.sites, learned)["row"].to_pylist())
    said = "\n".join(f"{r['decision']}: {r['reason']}: {r['texts'][0]}: {r['evidence']}" for r in learned.to_pylist())
    for row, part in enumerate(corpus.parts):
        expected = part >= 0 and case["parts"][part]["drop"]
        text = corpus.paragraphs["text"][row].as_py()
        assert (row in gone) == expected, f"{case['reason']}\n{text}\n{said}"
    assert ("over budget" in learned["decision"].to_pylist()) == case.get("over_budget", False)


def test_an_agency_story_on_eight_sites_stays() -> None:
    case = {"label": "agency", "documents": 8, "copies": True, "parts": [], "reason": "", "site": ""}
    documents, dates = site(case)
    table = paragraphs([[text for text, _ in document] for document in documents])
    facts = raw(list(range(8)), dates, [f"paper{n}.example" for n in range(8)])
    assert learn([measure(table, facts, names(facts))], DEFAULT, fetch_from([table])).num_rows == 0


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    chosen = [dict(case, site=f"{number}-{case['site']}") for number, case in enumerate(CASES)]
    return Corpus(chosen)


def test_sites_are_judged_for_themselves(corpus: Corpus) -> None:
    together = corpus.learned()
    for number, case in enumerate(CASES):
        name = f"{number}-{case['site']}"
        alone = Corpus([dict(case, site=name)]).learned()
        mine = together.filter(pa.compute.equal(together["site"], name))
        columns = ["rule", "decision", "reason", "documents", "bodies", "head", "tail", "texts"]
        assert mine.select(columns).to_pylist() == alone.select(columns).to_pylist()


def test_neither_the_cut_into_shards_nor_their_order_matters(corpus: Corpus) -> None:
    whole = corpus.learned()
    judged = judge(corpus.paragraphs, corpus.documents, corpus.sites, whole)
    rng = random.Random(5)
    for count in (1, 3, 20):
        shards = corpus.shards([rng.randrange(len(corpus.texts)) for _ in range(count)])
        facts = [measure(*shard) for shard in shards]
        rng.shuffle(facts)
        tables = [shard[0] for shard in shards]
        rng.shuffle(tables)
        assert learn(facts, DEFAULT, fetch_from(tables)) == whole
        pieces = [judge(*shard, whole) for shard in shards]
        starts = np.cumsum([0] + [shard[0].num_rows for shard in shards[:-1]])
        rows = [row + start for piece, start in zip(pieces, starts, strict=True) for row in piece["row"].to_pylist()]
        assert rows == judged["row"].to_pylist()


def test_ranges_do_not_matter(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = corpus.learned()
    monkeypatch.setattr("pipeline.boilerplate.learning.RANGE_ROWS", 50)
    assert corpus.learned() == whole


def test_rules_given_back_remove_the_same(corpus: Corpus, tmp_path: Path) -> None:
    _given_back(corpus, tmp_path / "learned.toml")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(CASES), min_size=1, max_size=4), st.integers(0, 99), st.lists(st.integers(0, 60)))
def test_laws_on_drawn_sites(cases: list[dict[str, Any]], seed: int, cuts: list[int]) -> None:
    """Cases of one site are mixed here: their parts stand on some of its documents."""
    corpus = Corpus(cases, seed)
    learned = corpus.learned()
    with TemporaryDirectory() as folder:
        _given_back(corpus, Path(folder) / "learned.toml")
    shards = corpus.shards([min(cut, len(corpus.texts)) for cut in cuts])
    facts = [measure(*shard) for shard in reversed(shards)]
    assert learn(facts, DEFAULT, fetch_from([shard[0] for shard in shards])) == learned
    spent: dict[str, int] = {}
    for record in learned.to_pylist():
        if record["decision"] == "learned":
            spent[record["site"]] = spent.get(record["site"], 0) + record["n_chars"]
    for name, chars in spent.items():
        own = [text for text, site in zip(corpus.texts, corpus.sites.to_pylist(), strict=True) if site == name]
        assert chars <= DEFAULT.max_site_share * sum(len(text) for texts in own for text in texts)


def _given_back(corpus: Corpus, file: Path) -> None:
    learned = corpus.learned()
    file.write_text(write_rules(learned), encoding="utf-8")
    given = rule_files.build(rule_files.read(file))
    doc = corpus.paragraphs["doc"].to_numpy()
    by_rules = judge_by_rules(corpus.paragraphs, given, corpus.sites.take(pa.array(doc)))
    by_learning = judge(corpus.paragraphs, corpus.documents, corpus.sites, learned)
    assert by_rules["row"].to_pylist() == by_learning["row"].to_pylist()
    assert by_rules["rule"].to_pylist() == by_learning["rule"].to_pylist()


def test_what_was_refused_is_written_but_not_in_force(corpus: Corpus, tmp_path: Path) -> None:
    learned = corpus.learned()
    text = write_rules(learned)
    refused = [record for record in learned.to_pylist() if record["decision"] != "learned"]
    assert refused and all(f'# id = "{record["rule"]}"' in text for record in refused)
    assert all(record["evidence"].split(" of ")[0] in text for record in learned.to_pylist())


def test_every_rule_has_support(corpus: Corpus) -> None:
    for record in corpus.learned().to_pylist():
        if record["decision"] == "learned":
            assert record["bodies"] >= DEFAULT.learned_documents and record["share"] >= DEFAULT.learned_share
            assert 1 <= len(record["samples"]) <= 3
            assert record["documents"] >= record["bodies"]


def test_nothing_at_all() -> None:
    empty = paragraphs([])
    documents = raw([], [], [])
    facts = measure(empty, documents, names(documents))
    learned = learn([facts, facts], DEFAULT, fetch_from([empty]))
    assert learned.num_rows == 0 and learned.schema == LEARNED
    assert judge(empty, documents, names(documents), learned).num_rows == 0
    assert learn([], DEFAULT, fetch_from([])).num_rows == 0
    some = paragraphs([["A line"]])
    one = raw([0], [None], ["a.example"])  # type: ignore[list-item]
    assert judge(some, one, names(one), learned).num_rows == 0


LINES = st.sampled_from(
    [
        "Page updated 3 May",
        "page updated 14 June",
        "Read more on arlen.example",
        "x" * 700,
        "ﬁ lig",
        "市 2",
        "…",
        "",
        "Amen",
    ]
)
documents = st.lists(st.lists(st.one_of(LINES, st.text(max_size=20)), min_size=1, max_size=8), max_size=8)


@settings(max_examples=60, deadline=None)
@given(documents, st.integers(0, 8))
def test_facts_are_those_of_the_slow_twin(texts: list[list[str]], cut: int) -> None:
    table = paragraphs(texts)
    facts = raw(list(range(len(texts))), [None] * len(texts), ["a.example"] * len(texts))  # type: ignore[list-item]
    found = measure(table, facts, names(facts)).occurrences
    rows: dict[int, list[tuple[int, int, int]]] = {}
    for row in found.to_pylist():
        rows.setdefault(row["key"], []).append((row["doc"], row["rank"], row["place"]))
    assert sorted(map(sorted, rows.values())) == sorted(measured(texts))


@settings(max_examples=40, deadline=None)
@given(documents)
def test_judging_names_only_what_was_learned(texts: list[list[str]]) -> None:
    table = paragraphs(texts)
    facts = raw(list(range(len(texts))), [None] * len(texts), ["arlen.example"] * len(texts))  # type: ignore[list-item]
    chosen = BoilerplateSettings(learned_documents=2)
    learned = learn([measure(table, facts, names(facts))], chosen, fetch_from([table]))
    verdicts = judge(table, facts, names(facts), learned)
    rows = verdicts["row"].to_pylist()
    assert rows == sorted(set(rows))
    known = set(learned.filter(pa.compute.equal(learned["decision"], "learned"))["rule"].to_pylist())
    assert set(verdicts["rule"].to_pylist()) <= known


WORD = st.sampled_from(["the", "Lower", "valley", "desk", "7", "12", "May"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(WORD, max_size=9), min_size=2, max_size=2))
def test_buckets_are_shared_by_lines_that_share_three_words(lines: list[list[str]]) -> None:
    texts = pa.array([" ".join(line) for line in lines], pa.large_string())
    _, buckets = keys_of(texts, np.full(2, 2, np.uint8), np.zeros(2, np.uint64))
    words = [skeleton(" ".join(line)) for line in lines]
    runs = [[tuple(w[i : i + 3]) for i in range(len(w) - 2)] for w in words]
    shared = buckets[0] == buckets[1]
    assert [bool(found.all()) for found in buckets > 0] == [bool(run) for run in runs]
    if all(runs):
        assert shared[-1] == (runs[0][0] == runs[1][0])
        assert not shared[:-1].any() or set(runs[0]) & set(runs[1])
        assert shared[:-1].all() or set(runs[0]) != set(runs[1])


def test_another_site_shares_nothing() -> None:
    texts = pa.array(["The lower valley desk"] * 2, pa.large_string())
    keys, buckets = keys_of(texts, np.full(2, 2, np.uint8), np.array([1, 2], np.uint64))
    assert keys[0] != keys[1] and not (buckets[0] == buckets[1]).any()
