"""Encoding repair: what `ftfy.fix_text` gives, with ftfy run only on the lines that it could change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ftfy import ExplanationStep, TextFixerConfig
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.clean import segments
from pipeline.clean.screen import suspects
from pipeline.clean.segments import Fixed, Segment
from pipeline.settings import EncodingSettings

#: Line ends are counted once a document: a file from Windows would else have an edit a line.
LINE_BREAKS = "fix_line_breaks"


class Edit(NamedTuple):
    """One change: `row` is the text's index, `line` the line of the result where the change begins."""

    row: int
    line: int
    rule: str
    text: str | None
    after: str | None


def repair(
    texts: pa.Array, settings: EncodingSettings, rows: NDArray[np.int64] | None = None
) -> tuple[pa.Array, list[Edit]]:
    """Return (repaired texts, edits): what `ftfy.fix_text` gives with the configuration that the settings say.

    texts: large_string, nulls stay. rows: those that may hold a hint of `screen.hints`, ascending; None: all. Of the
    suspicious texts the suspicious lines go to ftfy, each distinct one once.
    """
    config = configuration(settings)
    rows = np.arange(len(texts)) if rows is None else rows
    rows = rows[suspects(pc.fill_null(texts.take(pa.array(rows)), ""), config)]
    if not len(rows):
        return texts, []
    pieces = segments.cut(texts.take(pa.array(rows)), config)
    dirty = np.flatnonzero(suspects(pieces.texts, config))
    before = pieces.texts.take(pa.array(dirty)).to_pylist()
    after = _fixed(list(map(Segment, before, pieces.unescape[dirty].tolist())), config)
    edits = _edits(rows[np.searchsorted(pieces.starts, dirty, side="right") - 1], pieces.line[dirty], before, after)
    whole = arrow.put(pieces.texts, dirty, pa.array([one.text for one in after], pa.large_string()))
    data, offsets = arrow.text_view(whole)
    return arrow.put(texts, rows, arrow.of_view(data, offsets[pieces.starts])), edits


def configuration(settings: EncodingSettings) -> TextFixerConfig:
    """Return the settings as ftfy takes them."""
    same = {name: getattr(settings, name) for name in TextFixerConfig._fields if name in type(settings).model_fields}
    same["normalization"] = None if settings.normalization == "off" else settings.normalization
    return TextFixerConfig(**same)


def _fixed(pieces: list[Segment], config: TextFixerConfig) -> list[Fixed]:
    """Return what becomes of each segment; of equal ones ftfy sees one."""
    distinct = list(dict.fromkeys(pieces))
    known = dict(zip(distinct, segments.fix(distinct, config), strict=True))
    return [known[piece] for piece in pieces]


def _edits(rows: NDArray[np.int64], lines: NDArray[np.int64], before: list[str], after: list[Fixed]) -> list[Edit]:
    """Return an edit for each segment that was changed, and one a text in which line ends were."""
    edits: list[Edit] = []
    more: dict[int, int] = {}  # lines that a text has gained
    broken: dict[int, None] = {}
    for row, line, old, (new, steps) in zip(rows.tolist(), lines.tolist(), before, after, strict=True):
        rule = _rule(steps)
        if rule == LINE_BREAKS:
            broken[row] = None
        elif new != old:
            edits.append(Edit(row, line + more.get(row, 0), rule, old.rstrip("\n"), new.rstrip("\n")))
        more[row] = more.get(row, 0) + new.count("\n") - old.count("\n")
    return edits + [Edit(row, 0, LINE_BREAKS, None, None) for row in broken]


def _rule(steps: list[ExplanationStep]) -> str:
    """Return the steps as ftfy names them: `unescape_html+encode:sloppy-windows-1252+decode:utf-8`."""
    verbs = ("encode", "decode")
    return "+".join(f"{step.action}:{step.parameter}" if step.action in verbs else step.parameter for step in steps)
