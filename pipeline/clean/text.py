"""Text made clean: encoding, white space, direction, typography, until nothing changes."""

from __future__ import annotations

from functools import cache
from itertools import accumulate, chain, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.clean import classes, direction, whitespace
from pipeline.clean.direction import undirected
from pipeline.clean.repair import Edit, configuration, repair
from pipeline.clean.screen import hints
from pipeline.clean.typography import mend
from pipeline.clean.whitespace import tidy
from pipeline.kernels.sequences import Sequences, sequences
from pipeline.settings import EncodingSettings, Settings

#: What was changed: `row` is the text's index, `line` the line of the result where the change begins.
EDITS = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("line", pa.int32(), nullable=False),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("text", pa.large_string()),
        pa.field("after", pa.large_string()),
    ]
)
#: A soft hyphen that goes can make mojibake of what stood around it, which ftfy then repairs. Six rounds are
#: the most that any text made to be nasty has taken.
ROUNDS = 8


def clean(texts: pa.Array | pa.ChunkedArray, settings: Settings) -> tuple[pa.Array, pa.Table]:
    """Return (clean texts, EDITS in order of row and line, of one line as they were made).

    texts: strings, nulls stay null. Cleaning what is clean changes nothing.
    """
    column = arrow.large_strings(texts)
    edits: list[tuple[str, Edit]] = []
    rows: NDArray[np.int64] = np.arange(len(column))
    for _ in range(ROUNDS):
        after, found = _once(column.take(pa.array(rows)) if len(rows) < len(column) else column, settings)
        edits += [(stage, edit._replace(row=int(rows[edit.row]))) for stage, edit in found]
        column = arrow.put(column, rows, after) if len(rows) < len(column) else after
        rows = rows[np.unique([edit.row for _, edit in found]).astype(np.int64)]
        if not len(rows):
            break
    return column, _table(edits)


def _once(texts: pa.Array, settings: Settings) -> tuple[pa.Array, list[tuple[str, Edit]]]:
    edits: list[tuple[str, Edit]] = []
    look = _looked(texts, settings.encoding)
    rows = np.flatnonzero(look.any(axis=0))  # a fifth: the others are copied once, not by each step
    if len(rows):
        some, found = _repaired(texts.take(pa.array(rows)), look[:, rows], settings.encoding)
        texts = arrow.put(texts, rows, some)
        edits += [("encoding", edit._replace(row=int(rows[edit.row]))) for edit in found]
    if settings.typography.enabled:
        texts, done = mend(texts, settings.typography)
        edits += [("typography", Edit(*edit)) for edit in done]
    return texts, edits


def _repaired(texts: pa.Array, look: NDArray[np.bool_], settings: EncodingSettings) -> tuple[pa.Array, list[Edit]]:
    """Return (the texts after `repair`, `tidy` and `undirected`, edits). look: see `_looked`."""
    edits: list[Edit] = []
    if settings.enabled:
        texts, edits = repair(texts, settings, np.flatnonzero(look[0]))
        again = np.unique([edit.row for edit in edits]).astype(np.int64)
        look[:, again] = _looked(texts.take(pa.array(again)), settings)
    if settings.whitespace:
        for step, hinted in ((tidy, look[1]), (undirected, look[2])):
            texts, done = step(texts, np.flatnonzero(hinted))
            edits += [Edit(*edit) for edit in done]
    return texts, edits


def _looked(texts: pa.Array, settings: EncodingSettings) -> NDArray[np.bool_]:
    """Return which texts have a hint for `repair`, `tidy` and `undirected`, shape (3, texts): one pass for all."""
    wanted, begins = _wanted(settings)
    found = classes.matches(pc.fill_null(texts, ""), wanted)
    return np.array([found[begin:end].any(axis=0) for begin, end in pairwise(begins)])


@cache
def _wanted(settings: EncodingSettings) -> tuple[Sequences, list[int]]:
    """Return what `_looked` looks for, and where the hints of each step begin, and the end."""
    found = [hints(configuration(settings)), classes.parsed(whitespace.HINTS), classes.parsed(direction.HINTS)]
    return sequences(list(chain.from_iterable(found))), list(accumulate(map(len, found), initial=0))


def _table(edits: list[tuple[str, Edit]]) -> pa.Table:
    edits.sort(key=lambda entry: entry[1][:2])
    records = [(edit.row, edit.line, stage, edit.rule, edit.text, edit.after) for stage, edit in edits]
    columns = list(zip(*records, strict=True)) or [()] * len(EDITS)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, EDITS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=EDITS)
