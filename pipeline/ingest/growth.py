"""The index of the next version: what was there, linked, and a segment for the batch; small segments become one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from pipeline.dataset import link
from pipeline.ingest import segments
from pipeline.ingest.content import Found, of_changes, of_shard
from pipeline.ingest.index import Index
from pipeline.ingest.segments import Content, Extent, Segment
from pipeline.ingest.views import view
from pipeline.settings import Settings
from pipeline.steps.sketch import left
from pipeline.work import Work

#: Segments of one level that become one of the next: after n batches there are at most 7 log8(n).
FANOUT = 8


def grow(folder: Path, work: Work, index: Index, settings: Settings, batch: int, found: Found, changed: Found) -> None:
    """Fill `folder`, the segments of the next version."""
    folder.mkdir(parents=True)
    for segment in index.segments:
        (folder / segment.path.name).mkdir()
        for file in segment.path.iterdir():
            link(file, folder / segment.path.name / file.name)
    beside = work.root / "segments"
    shutil.rmtree(beside, ignore_errors=True)
    contents = _contents(work, index, settings, batch, found, changed)
    parts = [segments.write(beside / f"{number:05d}", content) for number, content in enumerate(contents)]
    segments.merge(parts, folder / f"{batch:06d}-{batch:06d}", 0)
    shutil.rmtree(beside)
    while _merged(folder, beside):
        pass


def _contents(
    work: Work, index: Index, settings: Settings, batch: int, found: Found, changed: Found
) -> Iterator[Content]:
    own = view(work)
    document, paragraph = index.n_documents, index.n_paragraphs
    for shard in own.shards():
        sizes = [left(own, shard, name).num_rows for name in ("documents", "paragraphs")]
        extent = Extent(document, sizes[0], paragraph, sizes[1])
        content = of_shard(own, settings, shard, extent, batch, found)
        yield content
        document, paragraph = document + sizes[0], paragraph + sizes[1]
    yield of_changes(index, settings, Extent(document, 0, paragraph, 0), changed, content)


def _merged(folder: Path, beside: Path) -> bool:
    """Merge the last segments if there are FANOUT of their level; return whether there were."""
    last = [Segment(path) for path in sorted(folder.iterdir())[-FANOUT:]]
    level = last[-1].extent.level
    if len(last) < FANOUT or any(segment.extent.level != level for segment in last):
        return False
    segments.merge(last, beside, level + 1)
    for segment in last:
        shutil.rmtree(segment.path)
    first, end = last[0].path.name.split("-")[0], last[-1].path.name.split("-")[1]
    shutil.move(beside, folder / f"{first}-{end}")
    return True
