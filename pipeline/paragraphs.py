"""Documents cut into paragraphs, hard-wrapped lines joined first.

Scraped text separates paragraphs by blank lines, by single line feeds, or by both in one document. So in
`auto` every line is a paragraph, unless lines are hard-wrapped: then a line goes on in the next one where
the next word would not have fitted. Paragraphs in `auto` hold no line feed; joined by blank lines and split
again they are the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.kernels.gather import slices
from pipeline.kernels.line_spans import spans
from pipeline.settings import ParagraphSettings

#: Widest lines, in characters, of text that was wrapped: e-mail 72, print 80, Gutenberg 60 to 78.
NARROWEST, WIDEST = 50, 100
#: Share of line breaks that must come where the next word would not fit, and of these the share that must
#: come within a sentence: no stop before, no capital after. Headlines in a list are of like length, too,
#: but begin with a capital; German prose has a capital after four breaks in ten.
FULL, WITHIN = 0.6, 0.4
#: An indented line has lost its indent by now; it was this much longer at most.
INDENT = 8
#: Fewer breaks within a sentence than this prove nothing: two headlines may stand below each other.
LEAST = 2

_ENDS = "[.!?:;…。！？；：।॥؟۔][\"'”’»“」』）)\\]]*$"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}。、，！？」』）]"


class Split(NamedTuple):
    """The paragraphs of texts, and which texts had hard-wrapped lines joined."""

    #: `row` int64 (index of the text), `position` int32 (from 0 in each text), `line` int32 (first line of
    #: the paragraph in the text, from 0), `text` large_string (trimmed, never empty).
    paragraphs: pa.Table
    unwrapped: NDArray[np.int64]


class _Lines(NamedTuple):
    """The lines that are not blank, one after the other."""

    text: pa.Array  # trimmed
    row: NDArray[np.int64]
    line: NDArray[np.int64]
    length: NDArray[np.int64]  # in characters
    indented: NDArray[np.bool_]
    below: NDArray[np.bool_]  # directly below the line before, in the same text


def split(texts: pa.Array, settings: ParagraphSettings) -> Split:
    """Return the paragraphs of `texts` (large_string; null and blank texts have none), in order."""
    lines = _lines(texts)
    goes_on: NDArray[np.bool_] = np.zeros(len(lines.row), dtype=bool)
    if settings.unwrap and settings.split != "line":
        goes_on = _continuations(lines, len(texts))
    joins = lines.below if settings.split == "blank_line" else goes_on
    return Split(_joined(lines, joins, goes_on), np.unique(lines.row[goes_on]))


def _lines(texts: pa.Array) -> _Lines:
    data, offsets = arrow.text_view(pc.fill_null(texts, ""))
    found = spans(data, offsets)
    below = np.zeros(len(found.row), dtype=bool)
    below[1:] = (found.row[1:] == found.row[:-1]) & (found.line[1:] == found.line[:-1] + 1)
    text = arrow.of_view(*slices(data, found.start, found.stop))
    return _Lines(text, found.row, found.line, found.chars, found.indented, below)


def _continuations(lines: _Lines, n: int) -> NDArray[np.bool_]:
    """Return for each line whether it goes on the line before, which a wrapped text broke off."""
    goes_on = np.zeros(len(lines.row), dtype=bool)
    width = np.zeros(n, dtype=np.int64)
    after = np.flatnonzero(lines.below)
    np.maximum.at(width, lines.row[after], lines.length[after - 1])
    after = after[((width >= NARROWEST) & (width <= WIDEST))[lines.row[after]]]
    if not len(after):
        return goes_on
    rows, before = lines.row[after], after - 1
    full = lines.length[before] + INDENT * lines.indented[before] + 1 + _first_words(lines, after) > width[rows]
    within = full & ~_matches(lines.text.take(pa.array(before)), _ENDS)
    within &= ~_matches(lines.text.take(pa.array(after)), r"^[^\pL]*\p{Lu}")
    breaks, n_full, n_within = (np.bincount(rows[some], minlength=n) for some in (slice(None), full, within))
    wrapped = (n_full >= FULL * breaks) & (n_within >= WITHIN * n_full) & (n_within >= LEAST)
    goes_on[after] = full & wrapped[rows] & ~lines.indented[after]
    return goes_on


def _first_words(lines: _Lines, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the length of the first word of each of these lines."""
    words = pc.utf8_split_whitespace(lines.text.take(pa.array(rows)), max_splits=1)
    return arrow.string_lengths(pc.list_element(words, 0))


def _joined(lines: _Lines, joins: NDArray[np.bool_], goes_on: NDArray[np.bool_]) -> pa.Table:
    starts = np.append(np.flatnonzero(~joins), len(joins)).astype(np.int64)
    first = starts[:-1]
    row = lines.row[first]
    begins = arrow.run_starts(row)
    position = np.arange(len(row)) - np.repeat(begins[:-1], np.diff(begins))
    columns = {
        "row": pa.array(row, pa.int64()),
        "position": pa.array(position, pa.int32()),
        "line": pa.array(lines.line[first], pa.int32()),
        "text": arrow.join_runs(lines.text, starts, _separators(lines, goes_on)) if joins.any() else lines.text,
    }
    return pa.table(columns)


def _separators(lines: _Lines, goes_on: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return what stands behind each line when it is joined with the next; nothing within an unspaced script."""
    separator = np.full(len(goes_on), "\n", dtype=object)
    after = np.flatnonzero(goes_on)
    ends = _matches(lines.text.take(pa.array(after - 1)), f"{_UNSPACED}$")
    begins = _matches(lines.text.take(pa.array(after)), f"^{_UNSPACED}")
    separator[after - 1] = np.where(ends & begins, "", " ")
    return separator


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    return np.array(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), dtype=bool)
