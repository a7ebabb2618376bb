"""Scores of boilerplate removal on labelled lines, by language and by rule, with the errors to read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline import arrow
from pipeline.clean.repair import repair
from pipeline.evaluate.labelled import ARTICLE, BOILERPLATE, UNSURE, Labelled, read
from pipeline.evaluate.shapes import Shape, form, frequent, masked
from pipeline.evaluate.stripping import Rule, dropped
from pipeline.settings import Settings

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

#: Resamples of the documents for the intervals, and the seed: the same figures each time.
RESAMPLES, SEED = 1000, 1


@dataclass(frozen=True)
class Counts:
    """Lines by what they are and what became of them; `positive` is a line dropped."""

    right: int = 0  #: boilerplate that was dropped
    wrong: int = 0  #: article that was dropped
    missed: int = 0  #: boilerplate that was kept
    article: int = 0  #: article that was kept
    unsure: int = 0  #: dropped, of lines that are neither
    article_chars: int = 0  #: characters of article lines
    lost_chars: int = 0  #: of these, dropped

    @property
    def precision(self) -> float:
        """Share of the dropped lines that are boilerplate; 1 where nothing was dropped."""
        return _share(self.right, self.right + self.wrong, 1.0)

    @property
    def recall(self) -> float:
        """Share of the boilerplate that was dropped; 1 where there is none."""
        return _share(self.right, self.right + self.missed, 1.0)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed, 1.0)

    @property
    def lost(self) -> float:
        """Share of the article's characters that were dropped."""
        return _share(self.lost_chars, self.article_chars, 0.0)

    @property
    def wrong_share(self) -> float:
        """Share of the article's lines that were dropped."""
        return _share(self.wrong, self.wrong + self.article, 0.0)


class RuleCounts(NamedTuple):
    """What one rule dropped."""

    family: str
    rule: str
    right: int
    wrong: int
    unsure: int


class Line(NamedTuple):
    """One line that was judged wrongly."""

    doc_id: str
    language: str
    position: int  #: line of the row, from 0
    place: str  #: "before", "within" or "behind" the article
    text: str
    rule: str
    evidence: str


@dataclass(frozen=True)
class Scores:
    """Everything that `evaluate_boilerplate` found."""

    documents: int
    all: Counts
    precision_interval: tuple[float, float]  #: 95 %, documents resampled
    recall_interval: tuple[float, float]
    languages: dict[str, Counts]  #: most lines first
    rules: list[RuleCounts]  #: most lines first
    wrong: list[Line]  #: article lines that were dropped, longest first
    missed: list[Line]  #: boilerplate that was kept, in order
    shapes: list[Shape]  #: `missed` by masked text, most documents first
    forms: list[Shape]  #: `missed` by length, end and place, most documents first


def evaluate_boilerplate(paths: Sequence[str | Path], settings: Settings) -> Scores:
    """Score boilerplate removal on labelled JSONL, run as the pipeline runs it, repair of the text included.

    Only `encoding` and `boilerplate` of the settings matter. Raises what `labelled.read` raises, and
    SettingsError for rule files that cannot be taken.
    """
    return score(read(paths), settings)


def score(labelled: Labelled, settings: Settings) -> Scores:
    """Like `evaluate_boilerplate`, for documents already read."""
    texts, _ = repair(arrow.large_strings(labelled.paragraphs["text"]), settings.encoding)
    place = labelled.paragraphs.schema.get_field_index("text")
    repaired = labelled.paragraphs.set_column(place, labelled.paragraphs.schema.field("text"), texts)
    return scores_of(labelled, dropped(labelled.documents, repaired, settings.boilerplate))


def scores_of(labelled: Labelled, rules: Sequence[Rule | None]) -> Scores:
    """Return the scores where line n (row of `labelled.paragraphs`) was dropped by `rules[n]`, None: kept."""
    gone = np.array([rule is not None for rule in rules], dtype=bool)
    doc = arrow.numbers(labelled.paragraphs["doc"])
    lengths = arrow.string_lengths(labelled.paragraphs["text"])
    cells = _cells(labelled, gone, lengths)
    per_document = np.stack([_sums(doc, cell, labelled.documents.num_rows) for cell in cells], axis=1)
    precision, recall = _intervals(per_document)
    missed = _lines(labelled, rules, np.flatnonzero(~gone & (labelled.labels == BOILERPLATE)))
    wrong = np.flatnonzero(gone & (labelled.labels == ARTICLE))
    return Scores(
        documents=labelled.documents.num_rows,
        all=_counts(per_document),
        precision_interval=precision,
        recall_interval=recall,
        languages=_by_language(labelled.languages, per_document),
        rules=_by_rule(rules, labelled.labels),
        wrong=_lines(labelled, rules, wrong[np.argsort(-lengths[wrong], kind="stable")]),
        missed=missed,
        shapes=frequent((line.doc_id, masked(line.text), line.text) for line in missed),
        forms=frequent((line.doc_id, form(line.text, line.place), line.text) for line in missed),
    )


def _share(part: int, whole: int, otherwise: float) -> float:
    return part / whole if whole else otherwise


def _cells(labelled: Labelled, gone: Bools, lengths: Ints) -> list[Ints]:
    """Return for every line what it adds to each field of Counts."""
    article, boilerplate = labelled.labels == ARTICLE, labelled.labels == BOILERPLATE
    unsure = labelled.labels == UNSURE
    lines = [gone & boilerplate, gone & article, ~gone & boilerplate, ~gone & article, gone & unsure]
    return [line.astype(np.int64) for line in lines] + [lengths * article, lengths * (gone & article)]


def _sums(doc: Ints, cell: Ints, n: int) -> Ints:
    sums = np.zeros(n, np.int64)
    np.add.at(sums, doc, cell)
    return sums


def _counts(per_document: Ints) -> Counts:
    return Counts(*(int(value) for value in per_document.sum(axis=0)))


def _intervals(per_document: Ints) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return 95 % intervals of precision and recall: percentile bootstrap over documents."""
    n = len(per_document)
    weights = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), RESAMPLES)
    right, wrong, missed = (weights @ per_document[:, :3]).T
    return _percentiles(right, right + wrong), _percentiles(right, right + missed)


def _percentiles(part: Ints, whole: Ints) -> tuple[float, float]:
    shares = np.where(whole > 0, part / np.maximum(whole, 1), 1.0)
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)


def _by_language(languages: Sequence[str], per_document: Ints) -> dict[str, Counts]:
    tags = np.array(languages, dtype=object)
    found = {str(tag): _counts(per_document[tags == tag]) for tag in set(languages)}
    return dict(sorted(found.items(), key=lambda item: (-(item[1].right + item[1].missed), item[0])))


def _by_rule(rules: Iterable[Rule | None], labels: npt.NDArray[np.int8]) -> list[RuleCounts]:
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for rule, label in zip(rules, labels.tolist(), strict=True):
        if rule is not None:
            found[rule.family, rule.id][label] += 1
    counts = [RuleCounts(*key, n[BOILERPLATE], n[ARTICLE], n[UNSURE]) for key, n in found.items()]
    return sorted(counts, key=lambda count: (-sum(count[2:]), count.rule))


def _lines(labelled: Labelled, rules: Sequence[Rule | None], rows: Ints) -> list[Line]:
    some = labelled.paragraphs.take(pa.array(rows))
    ids, places = labelled.documents["doc_id"].to_pylist(), _places(labelled)[rows].tolist()
    made = []
    for row, place, line in zip(rows.tolist(), places, some.to_pylist(), strict=True):
        doc, rule = line["doc"], rules[row] or Rule("", "", "")
        language = labelled.languages[doc]
        made.append(Line(ids[doc], language, line["position"], place, line["text"], rule.id, rule.evidence))
    return made


def _places(labelled: Labelled) -> npt.NDArray[np.object_]:
    """Return for every line where it stands to the first and the last article line of its document."""
    doc = arrow.numbers(labelled.paragraphs["doc"])
    article = np.flatnonzero(labelled.labels == ARTICLE)
    first, last = np.full(labelled.documents.num_rows, len(doc)), np.full(labelled.documents.num_rows, -1)
    np.minimum.at(first, doc[article], article)
    np.maximum.at(last, doc[article], article)
    row = np.arange(len(doc))
    return np.select([row < first[doc], row > last[doc]], ["before", "behind"], "within").astype(object)
