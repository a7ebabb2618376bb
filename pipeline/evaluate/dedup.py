"""Scores of duplicate search on labelled texts, at the settings and over a sweep, with the errors to read.

Texts are compared as they are given: cleaning and boilerplate rules are measured elsewhere. At the settings
the pipeline's own `duplicates.find` decides; in the sweep its candidates are measured once an n-gram size,
and every threshold is judged from these figures (a test holds both against each other).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.arrow import string_lengths
from pipeline.dedup.banding import Banding, choose
from pipeline.dedup.duplicates import find
from pipeline.dedup.keep import order
from pipeline.dedup.sketch import Words, sketch, words
from pipeline.evaluate.dedup_candidates import Shingled, candidates, equal_pairs, leaders, shingled
from pipeline.evaluate.dedup_labels import Clusters, Pairs, read
from pipeline.evaluate.dedup_scores import Counts, agreement, decisions
from pipeline.kernels.minhash import permutations
from pipeline.settings import DedupSettings, Settings

Ints = NDArray[np.int64]
Level = Literal["documents", "paragraphs"]

#: What a sweep goes over unless told.
THRESHOLDS = (0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
NGRAMS = (1, 2, 3, 4, 5, 7)


class Score(NamedTuple):
    """Scores at one setting. For pair labels `removed`, `removed_wrongly` and `removable` count pairs."""

    ngram: int
    threshold: float
    measure: str  #: "jaccard", or for pairs "containment": the share of the smaller shingle set in the larger
    banding: Banding
    all: Counts
    groups: dict[str, Counts]
    removed: int  #: texts that would be removed
    removed_wrongly: int  #: of these, in favour of a text of another cluster
    removable: int  #: texts less clusters: what a perfect search would remove


class Reading(NamedTuple):
    """A pair to read: taken for copies and not labelled so, or the other way round."""

    similarity: float
    left: str  #: ids of the texts, or of the pair and nothing
    right: str
    text: str
    other: str


@dataclass(frozen=True)
class Result:
    """Everything that `evaluate_dedup` found."""

    kind: Literal["clusters", "pairs"]
    texts: int
    clusters: int  #: or pairs
    skipped: dict[str, int]
    score: Score  #: at the settings
    sweep: list[Score]
    wrong: list[Reading]  #: most similar first
    missed: list[Reading]  #: least similar first
    missed_above: int  #: of the missed pairs, how many reach the threshold

    @property
    def best(self) -> Score | None:
        """The score of the sweep with the highest F1 by Jaccard similarity; of equal ones the strictest."""
        of = [score for score in self.sweep if score.measure == "jaccard"]
        return max(of, key=lambda score: (round(score.all.f1, 4), score.threshold, score.ngram), default=None)


def evaluate_dedup(
    paths: Sequence[str | Path],
    settings: Settings,
    level: Level = "documents",
    texts: str | Path | None = None,
    skip: Sequence[str] = (),
    by: str = "",
    thresholds: Sequence[float] = THRESHOLDS,
    ngrams: Sequence[int] = NGRAMS,
) -> Result:
    """Score duplicate search on labelled JSONL; paths, texts, skip, by: see `dedup_labels.read`.

    level: whose threshold, n-gram size and smallest length of the settings are in force. thresholds, ngrams:
    the sweep; empty: none. Raises what `read` raises, SettingsError for a threshold that no banding reaches,
    RunError where a sweep has too many candidates.
    """
    labelled = read(paths, texts, skip, by)
    return (
        _clusters(labelled, settings, level, thresholds, ngrams)
        if isinstance(labelled, Clusters)
        else _pairs(labelled, settings, level, thresholds, ngrams)
    )


class _Task(NamedTuple):
    """What both kinds of labels need."""

    dedup: DedupSettings
    of: Words
    permuted: NDArray[np.uint32]
    items: Ints  # texts that take part
    threshold: float
    ngram: int

    def banding(self, threshold: float) -> Banding:
        return choose(threshold, self.dedup.num_perm, self.dedup.recall)

    def shingled(self, ngram: int) -> Shingled:
        return shingled(self.of, ngram, self.permuted)


def _task(texts: pa.Array, settings: Settings, level: Level) -> _Task:
    dedup, of = settings.dedup, words(texts)
    chosen = dedup.documents if level == "documents" else dedup.paragraphs
    least = 1 if level == "documents" else dedup.paragraphs.min_words
    items = np.flatnonzero(np.diff(of.starts) >= least)
    return _Task(dedup, of, permutations(dedup.num_perm, dedup.seed), items, chosen.threshold, chosen.ngram)


def _clusters(
    labelled: Clusters, settings: Settings, level: Level, thresholds: Sequence[float], ngrams: Sequence[int]
) -> Result:
    task = _task(labelled.texts, settings, level)
    place = _places(labelled, settings.dedup)
    found, similarity = _found(labelled.texts, task, place)
    score = _score(labelled, found, task.ngram, task.threshold, task.banding(task.threshold))
    swept = [one for ngram in ngrams for one in _swept_clusters(labelled, task, place, ngram, thresholds)]
    wrong = np.flatnonzero(labelled.cluster != labelled.cluster[found])
    wrong = wrong[np.argsort(-similarity[wrong], kind="stable")]
    left, right = equal_pairs(labelled.cluster)
    apart = found[left] != found[right]
    left, right = left[apart], right[apart]
    near = task.shingled(task.ngram).similarity(left, right)
    least = np.argsort(near, kind="stable")
    return Result(
        kind="clusters",
        texts=len(labelled.ids),
        clusters=len(np.unique(labelled.cluster)),
        skipped=labelled.skipped,
        score=score,
        sweep=swept,
        wrong=_readings(labelled, wrong, found[wrong], similarity[wrong]),
        missed=_readings(labelled, left[least], right[least], near[least]),
        missed_above=int((near >= task.threshold).sum()),
    )


def _places(labelled: Clusters, dedup: DedupSettings) -> Ints:
    """Return the place of each text in the pipeline's keep order; texts have neither source nor date here."""
    n = len(labelled.ids)
    facts = {
        "doc_id": labelled.ids,
        "source": pa.array([""] * n),
        "date": pa.nulls(n, pa.timestamp("us")),
        "n_chars": string_lengths(labelled.texts),
        "damage": np.zeros(n, np.int64),
    }
    place = np.empty(n, np.int64)
    place[order(pa.table(facts), dedup)] = np.arange(n)
    return place


def _found(texts: pa.Array, task: _Task, place: Ints) -> tuple[Ints, NDArray[np.float64]]:
    """Return for each text the one that stands for it, and how similar they are, as the pipeline decides."""
    sketches = sketch(task.of, task.ngram, task.banding(task.threshold), task.permuted)
    keep_order = task.items[np.argsort(place[task.items])]
    cap = task.dedup.max_representatives
    gone = find(sketches, keep_order, lambda rows: texts.take(pa.array(rows)), task.ngram, task.threshold, cap)
    leader, similarity = np.arange(len(texts)), np.ones(len(texts))
    leader[gone.row], similarity[gone.row] = gone.kept, gone.similarity
    return leader, similarity


def _swept_clusters(
    labelled: Clusters, task: _Task, place: Ints, ngram: int, thresholds: Sequence[float]
) -> list[Score]:
    of = task.shingled(ngram)
    left, right = candidates(of, task.items, [task.banding(threshold) for threshold in thresholds])
    similarity = of.similarity(left, right)
    same = _firsts(of, task.items, place)
    scores = []
    for threshold in thresholds:
        near = np.flatnonzero(similarity >= threshold)
        near = near[of.meet(left[near], right[near], task.banding(threshold))]
        found = leaders(left[near], right[near], similarity[near], place, same)
        scores.append(_score(labelled, found, ngram, threshold, task.banding(threshold)))
    return scores


def _firsts(of: Shingled, items: Ints, place: Ints) -> Ints:
    """Return for each text the first in keep order that has the same words, itself where it takes no part."""
    first = np.arange(len(place))
    items = items[np.argsort(place[items])]
    _, begins, at = np.unique(of.keys[items], axis=0, return_index=True, return_inverse=True)
    first[items] = items[begins[at.reshape(-1)]]
    return first


def _score(labelled: Clusters, found: Ints, ngram: int, threshold: float, banding: Banding) -> Score:
    truth, groups = labelled.cluster, np.array(labelled.groups, dtype=object)
    by = {name: agreement(truth[groups == name], found[groups == name]) for name in _names(labelled.groups)}
    gone = found != np.arange(len(found))
    wrongly, clusters = truth[gone] != truth[found[gone]], len(np.unique(truth))
    return Score(
        ngram, threshold, "jaccard", banding, agreement(truth, found), by,
        int(gone.sum()), int(wrongly.sum()), len(truth) - clusters,
    )  # fmt: skip


def _names(groups: Sequence[str]) -> list[str]:
    names = sorted(set(groups))
    return names if names != [""] else []


def _readings(labelled: Clusters, left: Ints, right: Ints, similarity: NDArray[np.float64]) -> list[Reading]:
    texts, ids = labelled.texts, labelled.ids
    return [
        Reading(found, ids[a], ids[b], texts[a].as_py(), texts[b].as_py())
        for a, b, found in zip(left.tolist(), right.tolist(), similarity.tolist(), strict=True)
    ]


def _pairs(
    labelled: Pairs, settings: Settings, level: Level, thresholds: Sequence[float], ngrams: Sequence[int]
) -> Result:
    task = _task(labelled.texts, settings, level)
    of = task.shingled(task.ngram)
    found, similarity = _judged(labelled, task, of, task.threshold, "jaccard")
    wrong, missed = np.flatnonzero(found & ~labelled.label), np.flatnonzero(~found & labelled.label)
    swept = [one for ngram in ngrams for one in _swept_pairs(labelled, task, ngram, thresholds)]
    return Result(
        kind="pairs",
        texts=len(labelled.texts),
        clusters=len(labelled.ids),
        skipped=labelled.skipped,
        score=_pair_score(labelled, found, of.ngram, task.threshold, "jaccard", task.banding(task.threshold)),
        sweep=swept,
        wrong=_pair_readings(labelled, wrong[np.argsort(-similarity[wrong], kind="stable")], similarity),
        missed=_pair_readings(labelled, missed[np.argsort(similarity[missed], kind="stable")], similarity),
        missed_above=int((similarity[missed] >= task.threshold).sum()),
    )


def _swept_pairs(labelled: Pairs, task: _Task, ngram: int, thresholds: Sequence[float]) -> list[Score]:
    of = task.shingled(ngram)
    return [
        _pair_score(labelled, found, ngram, threshold, measure, task.banding(threshold))
        for measure in ("jaccard", "containment")
        for threshold in thresholds
        for found in [_judged(labelled, task, of, threshold, measure)[0]]
    ]


def _judged(
    labelled: Pairs, task: _Task, of: Shingled, threshold: float, measure: str
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return of each pair whether it is found, and its similarity; containment needs no band to be seen."""
    left, right = labelled.left, labelled.right
    similarity = of.similarity(left, right, containment=measure == "containment")
    takes_part = np.isin(left, task.items) & np.isin(right, task.items)
    found = takes_part & (similarity >= threshold) & (similarity > 0)
    if measure == "jaccard":
        found &= of.meet(left, right, task.banding(threshold))
    return found, similarity


def _pair_score(
    labelled: Pairs, found: NDArray[np.bool_], ngram: int, threshold: float, measure: str, banding: Banding
) -> Score:
    groups = np.array(labelled.groups, dtype=object)
    by = {name: decisions(labelled.label[groups == name], found[groups == name]) for name in _names(labelled.groups)}
    counts = decisions(labelled.label, found)
    return Score(
        ngram, threshold, measure, banding, counts, by,
        counts.right + counts.wrong, counts.wrong, counts.right + counts.missed,
    )  # fmt: skip


def _pair_readings(labelled: Pairs, pairs: Ints, similarity: NDArray[np.float64]) -> list[Reading]:
    texts = labelled.texts
    return [
        Reading(
            float(similarity[pair]),
            labelled.ids[pair],
            "",
            texts[int(labelled.left[pair])].as_py(),
            texts[int(labelled.right[pair])].as_py(),
        )
        for pair in pairs.tolist()
    ]
