"""What the place and the neighbours of a line give away, and how much may go on such word.

The rules here go by what `judge` took and by where the prose of a document is; they are surer than
the line model, but not certain, so all of them act within a budget a document.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline import arrow
from pipeline.boilerplate.body import Mask
from pipeline.boilerplate.live import Ints, Live, forms, is_prose, live_lines
from pipeline.boilerplate.rules import Rules

#: Rules that stand at the head of a comment form: comments and a foot follow, no article. Not its
#: fields, for a line `Name` or `Best` may stand anywhere.
FORM = ("comment-form-heading", "comment-form-reply", "comment-form-email", "wordpress-form", "wordpress-notice",
        "wordpress-reply-to")  # fmt: skip
#: Unless so much prose follows: then the form stood between two articles.
PROSE_AFTER, LONG_CHARS = 3, 400
#: Families whose lines head a list of links.
LINKS = frozenset({"navigation", "related"})
#: A list of links holds no longer line; the longest headline seen there has 117 characters.
LINK_CHARS = 120
#: A document is an article when so many paragraphs of prose are left.
ARTICLE = 2
#: A menu has so many lines in a row, none longer, and so large a share of them gone by rules.
MENU_LINES, MENU_CHARS, MENU_GONE = 8, 40, 0.5


class _Found(NamedTuple):
    rows: Ints
    rule: str
    evidence: str


def structural(paragraphs: pa.Table, certain: pa.Table, rules: Rules) -> pa.Table:
    """Return what goes by its place, among the paragraphs that `certain` leaves.

    paragraphs: schema PARAGRAPHS, ordered by `doc`, `position`, every document whole.
    certain: verdicts of `judge` on them, made with `rules`.
    Verdicts: `row` int64, ascending, none of those in `certain`; `rule`: "after-comment-form",
    "trailing-links" or "menu-run"; `evidence` in words.
    """
    gone = np.zeros(paragraphs.num_rows, bool)
    gone[arrow.numbers(certain["row"])] = True
    live = live_lines(paragraphs, gone)
    if not len(live.rows):
        return verdicts([])
    return verdicts([_after_forms(live, certain), _links(live, certain, rules), _menus(live, gone)])


def within_budget(paragraphs: pa.Table, certain: pa.Table, uncertain: pa.Table, share: float) -> pa.Table:
    """Return `uncertain` without the documents that it would take too much of.

    paragraphs: as for `structural`. certain, uncertain: verdicts on them with `row`. Too much is
    more than `share` of the characters that `certain` leaves, or all prose that it leaves.
    """
    doc = arrow.numbers(paragraphs["doc"])
    rows = arrow.numbers(uncertain["row"])
    over = over_budget(paragraphs, arrow.numbers(certain["row"]), rows, share)
    return uncertain.filter(pa.array(~np.isin(doc[rows], over)))


def over_budget(paragraphs: pa.Table, certain: Ints, uncertain: Ints, share: float) -> Ints:
    """Return the `doc` of each document of which the rows `uncertain` are too much; see `within_budget`."""
    starts = arrow.run_starts(arrow.numbers(paragraphs["doc"]))
    if len(starts) < 2 or not len(uncertain):
        return np.zeros(0, np.int64)
    lengths, sentence = forms(paragraphs)
    prose = is_prose(lengths, sentence)
    left, taken = np.ones(len(lengths), bool), np.zeros(len(lengths), bool)
    left[certain], taken[uncertain] = False, True
    chars, gone, proses, spared = (
        np.add.reduceat(column.astype(np.int64), starts[:-1])
        for column in (lengths * left, lengths * taken, prose & left, prose & left & ~taken)
    )
    over = (gone > share * chars) | ((proses > 0) & (spared == 0))
    return np.asarray(arrow.numbers(paragraphs["doc"])[starts[:-1]][over], np.int64)


def verdicts(found: list[_Found]) -> pa.Table:
    """Return one table of verdicts, in order of rows; the first that names a row has it."""
    rows = np.concatenate([np.zeros(0, np.int64), *(each.rows for each in found)])
    which = np.repeat(np.arange(len(found)), [len(each.rows) for each in found])
    rows, first = np.unique(rows, return_index=True)
    chosen = which[first].tolist()
    return pa.table(
        {
            "row": pa.array(rows, pa.int64()),
            "rule": pa.array([found[n].rule for n in chosen], pa.string()),
            "evidence": pa.array([found[n].evidence for n in chosen], pa.string()),
        }
    )


def _after_forms(live: Live, certain: pa.Table) -> _Found:
    heads = np.array([name.startswith(FORM) for name in certain["rule"].to_pylist()], bool)
    at, start, end = _places(live, arrow.numbers(certain["row"])[heads])
    before, after = _sums(live.prose, start, at), _sums(live.prose, at, end)
    chars = live.chars * live.prose
    good = (before >= ARTICLE) & (after < PROSE_AFTER) & (_sums(chars, start, at) >= 2 * _sums(chars, at, end))
    good &= _sums(live.chars >= LONG_CHARS, at, end) == 0
    return _Found(
        live.rows[_spans(at[good], end[good], len(live.rows))], "after-comment-form", "stands after a comment form"
    )


def _links(live: Live, certain: pa.Table, rules: Rules) -> _Found:
    families = {rule.id: rule.family for rule in rules.paragraphs}
    heads = np.array([families.get(name) in LINKS for name in certain["rule"].to_pylist()], bool)
    at, start, end = _places(live, arrow.numbers(certain["row"])[heads])
    good = (_sums(live.prose, start, at) >= ARTICLE) & (_sums(live.prose, at, end) == 0)
    inside = _spans(at[good], end[good], len(live.rows))
    inside &= ~live.sentence & (live.chars <= LINK_CHARS)
    return _Found(live.rows[inside], "trailing-links", "no sentence, after the text and the head of a list of links")


def _menus(live: Live, gone: Mask) -> _Found:
    """Runs of short lines without sentence ends, outside the text, a good part of them gone by rules."""
    upto = np.concatenate([[0], np.cumsum(live.prose)])
    before, after = upto[:-1] - upto[live.start], upto[live.end] - upto[1:]
    outside = (before + after >= ARTICLE) & ((before == 0) | (after == 0))
    short = outside & ~live.sentence & (live.chars <= MENU_CHARS)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], short, [False]]).astype(np.int8)) | _new_document(live))
    first, last = edges[:-1], edges[1:]
    first, last = first[short[first]], last[short[first]]
    taken = np.concatenate([[0], np.cumsum(gone)])
    of_gone = taken[live.rows[last - 1]] - taken[live.rows[first]]
    lines = last - first + of_gone
    good = (lines >= MENU_LINES) & (of_gone >= MENU_GONE * lines)
    inside = _spans(first[good], last[good], len(live.rows))
    return _Found(
        live.rows[inside], "menu-run", "in a run of short lines outside the text, a good part of them gone by rules"
    )


def _new_document(live: Live) -> Mask:
    return np.concatenate([live.start == np.arange(len(live.start)), [True]])


def _places(live: Live, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Return (index of the first line left after each row, start, end of its document); not at a document's end."""
    at = np.searchsorted(live.rows, rows)
    doc = live.doc[np.minimum(at, len(live.doc) - 1)]
    inside = (at < len(live.rows)) & (doc == live.doc_of(rows))
    at = at[inside]
    return at, live.start[at], live.end[at]


def _sums(values: npt.NDArray[Any], low: Ints, high: Ints) -> Ints:
    upto = np.concatenate([[0], np.cumsum(values.astype(np.int64))])
    return np.asarray(upto[high] - upto[low], np.int64)


def _spans(first: Ints, end: Ints, n: int) -> Mask:
    """Tell which of n lines stand in one of the spans."""
    step = np.zeros(n + 1, np.int64)
    np.add.at(step, first, 1)
    np.add.at(step, end, -1)
    return np.asarray(np.cumsum(step)[:n] > 0, bool)
