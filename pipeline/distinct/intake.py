"""Read and sketch all inputs, chunk after chunk on several threads; what stays is where each text lies."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.dedup.ahead import in_order
from pipeline.distinct import plain
from pipeline.distinct.places import Places
from pipeline.distinct.recipe import Part, Recipe, Workspace, sketched
from pipeline.errors import InputError, RunError
from pipeline.kernels.documents import Sketches
from pipeline.read.columns import Columns
from pipeline.read.documents import made_ids
from pipeline.read.inputs import Input
from pipeline.schema import QUARANTINE
from pipeline.settings import ReadSettings

#: Memory that a document takes until the end, with what matching needs: 0.13 GB for 213,000 documents, measured.
BYTES_A_DOCUMENT = 600


class Read(NamedTuple):
    """All that was read: parts, the files that their places count, QUARANTINE rows, the columns by source."""

    parts: list[Part]
    files: list[Path]
    quarantine: pa.Table
    columns: dict[str, dict[str, str]]


class Intake:
    """Reads inputs one after the other; `spool` takes the texts that cannot be read again from their file."""

    def __init__(
        self,
        settings: ReadSettings,
        recipe: Recipe,
        pool: ThreadPoolExecutor,
        workers: int,
        spool: Path,
        memory: int = 2**62,
    ) -> None:
        """Nothing is read yet. memory: bytes that what stays may take."""
        self._settings = settings
        self._recipe = recipe
        self._pool = pool
        self._workers = workers
        self._workspace = Workspace()
        self._spool = spool
        self._memory, self._documents = memory, 0
        self._parts: list[Part] = []
        self._files = [spool]
        self._quarantine: list[pa.Table] = []
        self._columns: dict[str, dict[str, str]] = {}

    def read(self, inputs: Sequence[Input], chunk_bytes: int) -> Read:
        """Return what the inputs hold, which does not depend on `chunk_bytes`.

        Raises RunError when it does not fit into the memory that was given.
        """
        with self._spool.open("wb") as spooled:
            for item in inputs:
                self._read(item, chunk_bytes, spooled)
        return Read(self._parts, self._files, arrow.concat(self._quarantine, QUARANTINE), self._columns)

    def _read(self, item: Input, chunk_bytes: int, spooled: BinaryIO) -> None:
        try:
            file = plain.look(item, self._settings, chunk_bytes)
        except (InputError, OSError):  # `read` says it in its own words
            file = None
        if file is None:
            self._read_slowly(item, spooled)
        else:
            self._read_plain(item, file, spooled)

    def _read_plain(self, item: Input, file: plain.File, spooled: BinaryIO) -> None:
        self._note(item, file.columns)
        chunks = plain.numbered(item, file, len(self._files))
        self._files.append(Path(item.path))

        def read(chunk: plain.Chunk) -> plain.Found:
            return plain.read_chunk(chunk, file.columns, self._recipe, self._settings, self._workspace)

        before = 0
        for found in in_order(self._pool, read, chunks, self._workers + 1):
            position = found.line + (before + 1)
            self._add(_part(item, found.ids, position, found.places, found.sketches))
            if found.unsure:
                self._read_unsure(item, file.columns, before, found.unsure, spooled)
            before += found.n_lines

    def _read_unsure(
        self, item: Input, columns: Columns, before: int, unsure: Sequence[tuple[int, bytes]], spooled: BinaryIO
    ) -> None:
        """Read the lines that the kernel left to the full parser."""
        from pipeline.read.jsonl import batch_of, parsed
        from pipeline.read.lines import Line, Lines
        from pipeline.read.refusals import Refusals

        refusals = Refusals(item, self._settings.quarantine_bytes)
        longest = self._settings.max_document_bytes
        held = [Line(before + number + 1, data, len(data) <= longest) for number, data in unsure]
        rows = list(parsed(held, Lines(item, self._settings), refusals, self._settings))
        batch = batch_of(item, rows, columns, refusals)
        self._quarantine.append(batch.quarantine)
        self._take(item, batch.documents, spooled)

    def _read_slowly(self, item: Input, spooled: BinaryIO) -> None:
        """Read an input of any form; its texts go to the spool."""
        from pipeline.read.batches import read

        for batch in read(item, self._settings):
            self._quarantine.append(batch.quarantine)
            if batch.columns is not None:
                self._note(item, batch.columns)
            self._take(item, batch.documents, spooled)

    def _take(self, item: Input, documents: pa.Table, spooled: BinaryIO) -> None:
        if not documents.num_rows:
            return
        texts = arrow.large_strings(pc.fill_null(documents["text"], ""))
        data, offsets = arrow.text_view(texts)
        begin = spooled.tell() + offsets[:-1] - offsets[0]
        spooled.write(data[offsets[0] : offsets[-1]].data)
        size = np.diff(offsets)
        places = Places(np.zeros(len(size), np.int32), begin, size, np.zeros(len(size), bool))
        sketches = sketched(data, offsets, self._recipe, self._workspace)
        position: NDArray[np.int64] = arrow.numbers(documents["position"])
        self._add(_part(item, arrow.large_strings(documents["doc_id"]), position, places, sketches))

    def _add(self, part: Part) -> None:
        self._parts.append(part)
        self._documents += len(part.position)
        if self._documents * BYTES_A_DOCUMENT > self._memory:
            raise RunError(
                f"{part.source}: more than {self._memory // BYTES_A_DOCUMENT:,} documents do not fit into "
                f"{self._memory / 1e9:.1f} GB ({BYTES_A_DOCUMENT} bytes each): give --memory more if the machine has "
                "it, or take `corpusmill clean`, which puts what does not fit on the disk"
            )

    def _note(self, item: Input, columns: Columns) -> None:
        self._columns[item.source] = {role: name for role, name in columns._asdict().items() if name}


def _part(item: Input, ids: pa.Array, position: NDArray[np.int64], places: Places, sketches: Sketches) -> Part:
    if ids.null_count:
        ids = pc.coalesce(ids, made_ids(item.source, pa.array(position)).cast(pa.large_string()))
    return Part(item.source, ids, position, places, sketches)
