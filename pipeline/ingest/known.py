"""What recurs on a site: the batch is looked at together with the newest documents of its sites."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow, ledger
from pipeline.boilerplate.learning import LEARNED
from pipeline.boilerplate.sites import names
from pipeline.ingest.index import Index, name_keys
from pipeline.ingest.states import RETIRED
from pipeline.ingest.views import KNOWN, batch, past, view
from pipeline.schema import PARAGRAPHS, RAW
from pipeline.settings import Settings
from pipeline.steps.prepare import DOCUMENT
from pipeline.steps.recur import measures, recur
from pipeline.work import Work

Ids = NDArray[np.int64]
#: Documents of a site that are looked at beside the batch: what a share is taken of must not grow with the past.
OF_A_SITE = 500
DOC = RAW.field("doc")


def recur_with_past(work: Work, index: Index, settings: Settings, retiring: Ids) -> None:
    """Save `recur` of the batch, learned from it and the newest of the past; what was learned before holds on."""
    if not work.has("sketch", past(work, KNOWN)):
        _save_known(work, index, settings, retiring)
    own = view(work, [KNOWN], recur="-batch")
    if not own.has("recur", 0):
        recur(own, settings)
    before = index.table("learned", LEARNED)
    before = before.filter(pc.equal(before["decision"], "learned"))
    now = own.load("recur", 0, "learned")
    now = now.filter(pc.invert(pc.is_in(now["rule"], arrow.one_chunk(before["rule"]))))
    work.save("recur", 0, {"learned": pa.concat_tables([before, now]), "titles": own.load("recur", 0, "titles")})


def _save_known(work: Work, index: Index, settings: Settings, retiring: Ids) -> None:
    """Save the newest documents of the batch's sites as a shard that `recur` sees and that is sketched already."""
    sites = [pc.unique(names(work.load("prepare", shard, "documents"))) for shard in batch(work)]
    keys = name_keys("site", pc.unique(pa.concat_arrays(sites)))
    found = index.newest(keys, OF_A_SITE)
    found = found[~np.isin(found, retiring)]
    found = found[index.states("documents", found).state != RETIRED]
    if not len(found):
        return
    documents, paragraphs = numbered(index, found, int(work.facts("read")["documents"]))
    tables = {"documents": documents, "paragraphs": paragraphs, **measures(documents, paragraphs, settings)}
    number = past(work, KNOWN)
    work.save("prepare", number, tables)
    work.save("sketch", number, {"ledger": ledger.nothing()})


def numbered(index: Index, found: Ids, first: int) -> tuple[pa.Table, pa.Table]:
    """Return (documents, paragraphs) of the past as `prepare` saves them; `doc` counts from `first`."""
    entry = index.entry(found)
    number = np.arange(first, first + len(found))
    documents = entry.documents.select(DOCUMENT).set_column(0, DOC, pa.array(number))
    owner = number[np.searchsorted(found, arrow.numbers(entry.paragraphs["doc"]))]
    paragraphs = entry.paragraphs.set_column(0, DOC, pa.array(owner)).select(PARAGRAPHS.names).cast(PARAGRAPHS)
    return documents, paragraphs
