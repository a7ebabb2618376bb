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

    text: pa.Array
    row: NDArray[np.int64]
    line: NDArray[np.int64]
    indented: NDArray[np.bool_]
    below: NDArray[np.bool_]  # directly below the line before, in the same text


def split(texts: pa.Array, settings: ParagraphSettings) -> Split:
    """Return the paragraphs of `texts` (large_string; null and blank texts have none), in order."""
    lines = _lines(texts)
    goes_on: NDArray[np.bool_] = np.zeros(len(lines.row), dtype=bool)
    if settings.unwrap and settings.split != "line":
        goes_on = _continuations(lines, len(texts))
    separator = np.full(len(lines.row), " ", dtype=object)
    separator[_matches(lines.text, f"{_UNSPACED}$") & _of_next(_matches(lines.text, f"^{_UNSPACED}"))] = ""
    if settings.split != "blank_line":
        return Split(_joined(lines, goes_on, separator), np.unique(lines.row[goes_on]))
    separator[_of_next(lines.below & ~goes_on)] = "\n"
    return Split(_joined(lines, lines.below, separator), np.unique(lines.row[goes_on]))


def _of_next(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for each line what `mask` says of the one after it; False for the last."""
    after = np.zeros_like(mask)
    after[:-1] = mask[1:]
    return after


def _lines(texts: pa.Array) -> _Lines:
    lists = pc.split_pattern(pc.fill_null(texts, ""), "\n")
    flat = lists.flatten()
    row = np.repeat(np.arange(len(texts)), pc.list_value_length(lists).to_numpy())
    line = np.arange(len(flat)) - arrow.numbers(lists.offsets)[:-1][row]
    trimmed = pc.utf8_trim_whitespace(flat)
    there = arrow.numbers(pc.binary_length(trimmed)) > 0
    row, line = row[there], line[there]
    below = np.zeros(len(row), dtype=bool)
    below[1:] = (row[1:] == row[:-1]) & (line[1:] == line[:-1] + 1)
    keep = pa.array(there)
    return _Lines(trimmed.filter(keep), row, line, _matches(flat.filter(keep), r"^\s"), below)


def _continuations(lines: _Lines, n: int) -> NDArray[np.bool_]:
    """Return for each line whether it goes on the line before, which a wrapped text broke off."""
    rows = lines.row[lines.below]
    length, first_word = _lengths(lines)
    before = np.flatnonzero(lines.below) - 1
    width = np.zeros(n, dtype=np.int64)
    np.maximum.at(width, rows, length[before])
    full = length[before] + INDENT * lines.indented[before] + 1 + first_word > width[rows]
    within = full & ~_matches(lines.text.take(pa.array(before)), _ENDS)
    within &= ~_matches(lines.text.take(pa.array(before + 1)), r"^[^\pL]*\p{Lu}")
    breaks, n_full, n_within = (np.bincount(rows[some], minlength=n) for some in (slice(None), full, within))
    wrapped = (width >= NARROWEST) & (width <= WIDEST) & (n_full >= FULL * breaks) & (n_within >= WITHIN * n_full)
    wrapped &= n_within >= LEAST
    goes_on = np.zeros(len(lines.row), dtype=bool)
    goes_on[before + 1] = full & wrapped[rows] & ~lines.indented[before + 1]
    return goes_on


def _lengths(lines: _Lines) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (length of each line, length of the first word of each line that stands below another)."""
    below = lines.text.filter(pa.array(lines.below))
    words = pc.list_element(pc.utf8_split_whitespace(below, max_splits=1), 0) if len(below) else below
    return arrow.string_lengths(lines.text), arrow.string_lengths(words)


def _joined(lines: _Lines, joins: NDArray[np.bool_], separator: NDArray[np.object_]) -> pa.Table:
    starts = np.append(np.flatnonzero(~joins), len(joins)).astype(np.int64)
    first = starts[:-1]
    row = lines.row[first]
    begins = arrow.run_starts(row)
    position = np.arange(len(row)) - np.repeat(begins[:-1], np.diff(begins))
    columns = {
        "row": pa.array(row, pa.int64()),
        "position": pa.array(position, pa.int32()),
        "line": pa.array(lines.line[first], pa.int32()),
        "text": arrow.join_runs(lines.text, starts, separator),
    }
    return pa.table(columns)


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    return np.array(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), dtype=bool)
