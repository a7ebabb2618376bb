"""Encoding repair: what `ftfy.fix_text` gives, with ftfy run only on the lines that it could change."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ftfy import ExplanationStep, TextFixerConfig
from numpy.typing import NDArray

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
    found = [list(segments.cut(text, config)) for text in texts.take(pa.array(rows)).to_pylist()]
    known = _repaired(list(chain.from_iterable(found)), config)
    edits: list[Edit] = []
    fixed = [_text(row, pieces, known, edits) for row, pieces in zip(rows.tolist(), found, strict=True)]
    mask = np.zeros(len(texts), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(fixed, pa.large_string())), edits


def configuration(settings: EncodingSettings) -> TextFixerConfig:
    """Return the settings as ftfy takes them."""
    same = {name: getattr(settings, name) for name in TextFixerConfig._fields if name in type(settings).model_fields}
    same["normalization"] = None if settings.normalization == "off" else settings.normalization
    return TextFixerConfig(**same)


def _repaired(pieces: list[Segment], config: TextFixerConfig) -> dict[Segment, Fixed]:
    """Return what becomes of the suspicious segments; the others stay as they are."""
    distinct = list(dict.fromkeys(pieces))
    dirty = suspects(pa.array([piece.text for piece in distinct], pa.large_string()), config)
    chosen = [distinct[i] for i in np.flatnonzero(dirty).tolist()]
    return dict(zip(chosen, segments.fix(chosen, config), strict=True))


def _text(row: int, pieces: list[Segment], known: dict[Segment, Fixed], edits: list[Edit]) -> str:
    """Return the text of the segments, repaired, and add an edit for each that was changed."""
    out: list[str] = []
    line = 0
    broken_lines = False
    for piece in pieces:
        after, steps = known.get(piece) or Fixed(piece.text, [])
        rule = _rule(steps)
        if rule == LINE_BREAKS:
            broken_lines = True
        elif after != piece.text:
            edits.append(Edit(row, line, rule, piece.text.rstrip("\n"), after.rstrip("\n")))
        line += after.count("\n")
        out.append(after)
    if broken_lines:
        edits.append(Edit(row, 0, LINE_BREAKS, None, None))
    return "".join(out)


def _rule(steps: list[ExplanationStep]) -> str:
    """Return the steps as ftfy names them: `unescape_html+encode:sloppy-windows-1252+decode:utf-8`."""
    verbs = ("encode", "decode")
    return "+".join(f"{step.action}:{step.parameter}" if step.action in verbs else step.parameter for step in steps)
