"""What of the past a batch touches: what shares a band or all words with what comes and what goes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.ingest.index import Index, sketch_keys
from pipeline.ingest.states import DUPLICATE, EMPTIED, KEPT, RETIRED, States
from pipeline.ingest.views import View
from pipeline.settings import Settings
from pipeline.steps.sketch import left

Ids = NDArray[np.int64]
Keys = NDArray[np.uint64]


class Change(NamedTuple):
    """How documents of the past stand after the search among documents. All ascending."""

    judged: Ids  #: took part
    left: Ids  #: of them, or retired: were representatives, and are not any more
    joined: Ids  #: became representatives
    leaned: Ids  #: stay representatives, and began or ceased to stand for others


def documents(own: View, index: Index, settings: Settings, retiring: Ids, *, closed: bool) -> Ids:
    """Return the documents of the past that take part in the search among documents.

    closed: all that hang together with the batch, or with what retires, by shared bands; else the
    representatives that share one with the batch.
    """
    level = settings.dedup.documents
    if level.action == "off" or not index.n_documents:
        return np.zeros(0, np.int64)
    keys = [sketch_keys(own.load("sketch", shard, "document_sketches"), level.ngram)[0] for shard in own.shards()]
    if not closed:
        found = index.find(["documents_standing"], np.concatenate(keys))
        return np.asarray(found[np.isin(index.states("documents", found).state, (KEPT, EMPTIED))])
    seen = retiring
    frontier = _step_documents(index, np.concatenate([*keys, _of_documents(index, retiring, level.ngram)]), seen)
    while len(frontier):
        seen = np.union1d(seen, frontier)
        frontier = _step_documents(index, _of_documents(index, frontier, level.ngram), seen)
    return np.setdiff1d(seen, retiring)


def _step_documents(index: Index, keys: Keys, seen: Ids) -> Ids:
    found = np.setdiff1d(index.find(["documents_standing", "documents_gone"], keys), seen)
    return np.asarray(found[index.states("documents", found).state != RETIRED])


def _of_documents(index: Index, ids: Ids, ngram: int) -> Keys:
    return sketch_keys(index.take("document_sketches", ids), ngram)[0]


def paragraphs(own: View, index: Index, settings: Settings, change: Change, staying: Ids, *, closed: bool) -> Ids:
    """Return the paragraphs of the past that take part in the search among paragraphs.

    staying: `doc` of the documents of the batch that stay. closed: as for `documents`; else the representatives
    that share a band with the batch, and all paragraphs of `change.leaned`.
    """
    level = settings.dedup.paragraphs
    if level.action == "off" or not index.n_documents:
        return np.zeros(0, np.int64)
    keys = [_of_batch(own, shard, settings, staying) for shard in own.shards()]
    own_rows = index.paragraphs_of(np.union1d(change.joined, change.leaned))
    own_rows = own_rows[_long(index, own_rows, level.min_words)]
    if not closed:
        seeds = np.concatenate([*keys, _of_paragraphs(index, own_rows, settings)])
        found = index.find(["paragraphs_standing"], seeds)
        found = found[index.states("paragraphs", found).state == KEPT]
        owners = index.states("documents", index.owners(found)).state
        return np.union1d(found[np.isin(owners, (KEPT, EMPTIED))], own_rows)
    lost = index.paragraphs_of(change.left)
    lost = lost[_long(index, lost, level.min_words)]
    seen = np.union1d(own_rows, lost)
    frontier = _step(index, np.concatenate([*keys, _of_paragraphs(index, seen, settings)]), seen, change)
    while len(frontier):
        seen = np.union1d(seen, frontier)
        frontier = _step(index, _of_paragraphs(index, frontier, settings), seen, change)
    return np.setdiff1d(seen, lost)


def _of_batch(own: View, shard: int, settings: Settings, staying: Ids) -> Keys:
    """Return the keys of the paragraphs of documents that stay."""
    sketches = own.load("sketch", shard, "paragraph_sketches")
    stays = np.isin(arrow.numbers(left(own, shard, "paragraphs")["doc"]), staying)
    level = settings.dedup.paragraphs
    return sketch_keys(sketches, level.ngram, stays & (arrow.numbers(sketches["n_words"]) >= level.min_words))[0]


def _step(index: Index, keys: Keys, seen: Ids, change: Change) -> Ids:
    found = np.setdiff1d(index.find(["paragraphs_standing", "paragraphs_gone"], keys), seen)
    owner = index.owners(found)
    state = index.states("documents", owner).state
    takes_part = (np.isin(state, (KEPT, EMPTIED)) | np.isin(owner, change.joined)) & ~np.isin(owner, change.left)
    return found[takes_part]


def _of_paragraphs(index: Index, ids: Ids, settings: Settings) -> Keys:
    return sketch_keys(index.take("paragraph_sketches", ids), settings.dedup.paragraphs.ngram)[0]


def _long(index: Index, ids: Ids, least: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = arrow.numbers(index.take("paragraph_sketches", ids)["n_words"]) >= least
    return found


def change(index: Index, judged: Ids, retiring: Ids, now: States, *, closed: bool) -> Change:
    """Return how the documents `judged` stand now.

    now: of documents of batch and past that are duplicates.
    """
    old = index.states("documents", judged)
    gone = now.id
    stood, stands = old.state != DUPLICATE, ~np.isin(judged, gone)
    told = index.states("documents", np.concatenate([judged, retiring]))
    leaned_on = np.unique(told.kept[told.state == DUPLICATE])
    leans_on = np.unique(now.kept)
    began, ceased = np.isin(judged, leans_on), np.isin(judged, leaned_on)
    if not closed:  # of those that stood for others before, not all are here
        none = np.zeros(0, np.int64)
        return Change(judged, none, none, judged[(old.state == EMPTIED) & began])
    retired = index.states("documents", retiring)
    return Change(
        judged,
        np.union1d(judged[stood & ~stands], retiring[retired.state != DUPLICATE]),
        judged[~stood & stands],
        judged[stood & stands & (began != ceased)],
    )
