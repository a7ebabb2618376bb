"""The search for duplicates of an ingest: among documents first, then, knowing which stay, at both levels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.ingest import closure
from pipeline.ingest.index import Index
from pipeline.ingest.numbering import document_states, numbering
from pipeline.ingest.past import Taking, save_matched
from pipeline.ingest.states import EMPTIED, States
from pipeline.ingest.views import NEAR, TOUCHED, View, past, view
from pipeline.settings import Settings
from pipeline.steps.match import match
from pipeline.steps.sketch import left
from pipeline.work import Work

Ids = NDArray[np.int64]


class Touched(NamedTuple):
    """What of the past took part: `taking`, and how many of its documents, from the first, are written anew."""

    taking: Taking
    examined: int


def search(work: Work, index: Index, settings: Settings, retiring: Ids) -> None:
    """Save `match` of the batch and of what it touches of the past."""
    closed = settings.ingest.late_better == "replace" or len(retiring) > 0
    ranked = settings.ingest.late_better == "keep_old"
    judged = closure.documents(view(work), index, settings, retiring, closed=closed)
    if len(judged):
        taking = Taking(judged, judged, np.zeros(0, np.int64))
        save_matched(work, past(work, NEAR), index, taking, settings.dedup, ranked=ranked)
    first = view(work, [NEAR], match="-documents")
    if not first.noted("match"):
        match(first, _without_paragraphs(settings))
    now = document_states(first, numbering(first, index, judged))
    change = closure.change(index, judged, retiring, now, closed=closed)
    chosen = closure.paragraphs(view(work), index, settings, change, _staying(work, index, now), closed=closed)
    touched = _touched(index, change, chosen, closed=closed)
    if len(touched.taking.documents):
        save_matched(work, past(work, TOUCHED), index, touched.taking, settings.dedup, ranked=ranked)
    _note(work, touched)
    match(view(work, [TOUCHED]), settings)


def touched(work: Work) -> Touched:
    """Return what `search` took of the past."""
    kept = view(work, match="-touched")
    tables = [arrow.numbers(kept.load("match", 0, name)["id"]) for name in Taking._fields]
    return Touched(Taking(*tables), int(kept.load("match", 0, "examined")["n"][0].as_py()))


def _note(work: Work, found: Touched) -> None:
    tables = {name: pa.table({"id": ids}) for name, ids in found.taking._asdict().items()}
    view(work, match="-touched").save("match", 0, tables | {"examined": pa.table({"n": [found.examined]})})


def _touched(index: Index, change: closure.Change, chosen: Ids, *, closed: bool) -> Touched:
    owners = np.unique(index.owners(chosen))
    documents = np.union1d(change.judged, owners)
    if closed:
        return Touched(Taking(documents, change.judged, chosen), len(documents))
    empty = owners[index.states("documents", owners).state == EMPTIED]
    examined = np.union1d(change.leaned, empty)
    order = np.concatenate([examined, np.setdiff1d(documents, examined)])
    return Touched(Taking(order, change.judged, chosen), len(examined))


def _staying(work: Work, index: Index, now: States) -> Ids:
    """Return `doc` of the documents of the batch that repeat none."""
    own: View = view(work)
    docs = np.concatenate([arrow.numbers(left(own, shard, "documents")["doc"]) for shard in own.shards()])
    return np.asarray(docs[~np.isin(index.n_documents + np.arange(len(docs)), now.id)])


def _without_paragraphs(settings: Settings) -> Settings:
    off = settings.dedup.paragraphs.model_copy(update={"action": "off"})
    return settings.model_copy(update={"dedup": settings.dedup.model_copy(update={"paragraphs": off})})
