"""Judging paragraphs by rules: what matches, and stands where its rule says, goes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow
from pipeline.boilerplate.body import Mask, is_body
from pipeline.boilerplate.matching import MAX_CHARS, Pairs, matched
from pipeline.boilerplate.rules import Rules

Ints = npt.NDArray[np.int64]

#: `head`: fewer than this many paragraphs of running text stand before. A byline stands under the
#: headline or under the standfirst, which may be a sentence. Labels between them do not count.
HEAD = 2
#: `tail`: fewer than this many paragraphs of running text follow. A reader's comment or an
#: author's biography may.
TAIL = 3
#: Columns of the array of first rules.
ANYWHERE, IN_HEAD, IN_TAIL = 0, 1, 2

_COLUMNS = {
    "anywhere": (ANYWHERE, IN_HEAD, IN_TAIL),
    "head": (IN_HEAD,),
    "tail": (IN_TAIL,),
    "edge": (IN_HEAD, IN_TAIL),
}


class _Lines(NamedTuple):
    """The lines of some paragraphs: those of paragraph `rows[i]` begin at `starts[i]`."""

    text: pa.Array
    rows: Ints
    starts: Ints
    sites: pa.Array | None


class Matches(NamedTuple):
    """What rules say of paragraphs, wherever these stand. It depends on each text alone, so it is found once.

    rows: those that some rule drops somewhere, ascending. firsts: shape (rows, 3), the first such rule for each
    window; the number of rules means none. safe: shape (paragraphs,), see `protected`.
    """

    rows: Ints
    firsts: Ints
    safe: Mask

    def part(self, rows: Ints) -> Matches:
        """Return what holds for these rows of the paragraphs alone; rows ascend."""
        place = np.full(len(self.safe), -1)
        place[rows] = np.arange(len(rows))
        here = place[self.rows] >= 0
        return Matches(place[self.rows[here]], self.firsts[here], self.safe[rows])


def matches(paragraphs: pa.Table, rules: Rules, sites: pa.Array | pa.ChunkedArray | None = None) -> Matches:
    """Return which rules match which paragraphs; takes what `judge` takes."""
    text, own = arrow.large_strings(paragraphs["text"]), _one(sites)
    return Matches(*_candidates(text, rules, own), protected(paragraphs, rules, sites))


def judge(paragraphs: pa.Table, rules: Rules, sites: pa.Array | pa.ChunkedArray | None = None) -> pa.Table:
    """Return the paragraphs that are boilerplate.

    paragraphs: schema PARAGRAPHS, ordered by `doc`, `position`, every document whole.
    sites: for each paragraph the site of its document (string or dictionary of string, null: none);
    rules with `sites` hold for these only, and nowhere when it is not given.
    Verdicts: `row` int64 (index into `paragraphs`, ascending, each at most once), `rule` string
    (the first rule in pack order that matches). A paragraph of several lines also goes where every
    line for itself would. Paragraphs that go do not count for `head` and `tail`: judging what is
    left finds nothing more. No row of which `protected` says so is among them.
    """
    return standing(paragraphs, matches(paragraphs, rules, sites), rules)


def standing(paragraphs: pa.Table, found: Matches, rules: Rules) -> pa.Table:
    """Return the verdicts of `judge` on paragraphs whose matches are known: those that stand where a rule says."""
    unsafe = ~found.safe[found.rows]
    rows, firsts = found.rows[unsafe], found.firsts[unsafe]
    which = _settle(paragraphs, arrow.large_strings(paragraphs["text"]), rows, firsts, len(rules.paragraphs))
    gone = which < len(rules.paragraphs)
    ids = np.array([rule.id for rule in rules.paragraphs] or [""], dtype=object)
    names = ids[which[gone]] if gone.any() else np.array([], dtype=object)
    return pa.table({"row": pa.array(rows[gone], pa.int64()), "rule": pa.array(names, pa.string())})


def protected(paragraphs: pa.Table, rules: Rules, sites: pa.Array | pa.ChunkedArray | None = None) -> Mask:
    """Tell which paragraphs a rule with `action = "keep"` protects: no stage may drop them.

    Takes what `judge` takes. Bool, shape (n,): the paragraph as a whole or one of its lines matches.
    """
    safe = np.zeros(paragraphs.num_rows, dtype=bool)
    if not rules.kept.paragraphs:
        return safe
    text, sites = arrow.large_strings(paragraphs["text"]), _one(sites)
    safe[matched(text, rules.kept, sites).rows] = True
    lines = _lines(text, np.flatnonzero(_multiline(text)), sites)
    hits = matched(lines.text, rules.kept, lines.sites).rows
    safe[lines.rows[np.searchsorted(lines.starts, hits, side="right") - 1]] = True
    return safe


def _one(sites: pa.Array | pa.ChunkedArray | None) -> pa.Array | None:
    return None if sites is None else arrow.one_chunk(sites)


def _candidates(text: pa.Array, rules: Rules, sites: pa.Array | None) -> tuple[Ints, Ints]:
    """Return (rows that some rule drops, first rule for each of the three windows, shape (n, 3))."""
    whole, firsts = _firsts(matched(text, rules, sites), rules)
    blocks, of_blocks = _blocks(text, whole, rules, sites)
    rows = np.concatenate([whole, blocks])
    order = np.argsort(rows, kind="stable")
    return rows[order], np.concatenate([firsts, of_blocks])[order]


def _blocks(text: pa.Array, whole: Ints, rules: Rules, sites: pa.Array | None) -> tuple[Ints, Ints]:
    """Return like `_candidates` the paragraphs of several lines of which every line is dropped by some rule."""
    rows = np.setdiff1d(np.flatnonzero(_multiline(text)), whole)
    rows = rows[arrow.string_lengths(text.take(pa.array(rows))) <= MAX_CHARS]
    if not len(rows):
        return rows, np.zeros((0, 3), dtype=np.int64)
    lines = _lines(text, rows, sites)
    none = len(rules.paragraphs)
    firsts = np.full((len(lines.text), 3), none, dtype=np.int64)
    hits, of_hits = _firsts(matched(lines.text, rules, lines.sites), rules)
    firsts[hits] = of_hits
    worst = np.maximum.reduceat(firsts, lines.starts, axis=0)
    of_rows: Ints = np.where(worst == none, none, firsts[lines.starts])
    found = (of_rows < none).any(axis=1)
    return rows[found], of_rows[found]


def _multiline(text: pa.Array) -> Mask:
    data, offsets = arrow.text_view(text)
    breaks = np.flatnonzero(data[offsets[0] : offsets[-1]] == ord("\n")) + offsets[0]
    found = np.zeros(len(text), dtype=bool)
    found[np.searchsorted(offsets, breaks, side="right") - 1] = True
    return found


def _lines(text: pa.Array, rows: Ints, sites: pa.Array | None) -> _Lines:
    lists = pc.split_pattern(text.take(pa.array(rows)), "\n")
    bounds = lists.offsets.to_numpy() - lists.offsets[0].as_py()
    of_lines = None if sites is None else sites.take(pa.array(np.repeat(rows, np.diff(bounds))))
    return _Lines(lists.flatten(), rows, bounds[:-1], of_lines)


def _firsts(pairs: Pairs, rules: Rules) -> tuple[Ints, Ints]:
    """Return (rows, first matching rule per window, shape (n, 3)); the number of rules means none."""
    rows, at = np.unique(pairs.rows, return_inverse=True)
    firsts = np.full((len(rows), 3), len(rules.paragraphs), dtype=np.int64)
    for window in (ANYWHERE, IN_HEAD, IN_TAIL):
        holds = [rule.action == "drop" and window in _COLUMNS[rule.where] for rule in rules.paragraphs]
        here = np.array(holds or [False])[pairs.rules]
        np.minimum.at(firsts[:, window], at[here], pairs.rules[here])
    dropped = (firsts < len(rules.paragraphs)).any(axis=1)
    return rows[dropped], firsts[dropped]


def _settle(paragraphs: pa.Table, text: pa.Array, rows: Ints, firsts: Ints, none: int) -> Ints:
    """Return the rule of each candidate row, `none` where it stands outside its rule's window.

    A paragraph that goes may bring another into a window, so this repeats until nothing changes;
    windows only grow, and few documents need a second round.
    """
    open_rows = rows[(firsts != firsts[:, :1]).any(axis=1)]
    if not len(open_rows):
        return firsts[:, ANYWHERE]
    which = firsts[:, ANYWHERE]
    lines, ends = _documents_of(paragraphs, open_rows)
    body = is_body(text.take(pa.array(lines)))
    at = np.searchsorted(lines, rows)
    here = (at < len(lines)) & (lines[np.minimum(at, len(lines) - 1)] == rows)
    while True:
        live = body.copy()
        live[at[here & (which < none)]] = False
        head, tail = _windows(live, ends)
        new = which.copy()
        new[here] = _in_window(firsts[here], head[at[here]], tail[at[here]])
        if np.array_equal(new < none, which < none):
            return new
        which = new


def _documents_of(paragraphs: pa.Table, rows: Ints) -> tuple[Ints, Ints]:
    """Return (all rows of the documents that `rows` belong to, end of each document among them)."""
    doc = paragraphs["doc"].to_numpy()
    cuts = np.flatnonzero(np.diff(doc)) + 1
    bounds = np.concatenate([[0], cuts, [len(doc)]])
    chosen = np.unique(np.searchsorted(bounds, rows, side="right") - 1)
    sizes = bounds[chosen + 1] - bounds[chosen]
    ends = np.cumsum(sizes)
    return np.arange(ends[-1]) + np.repeat(bounds[chosen] - (ends - sizes), sizes), ends


def _windows(live: Mask, ends: Ints) -> tuple[Mask, Mask]:
    """Tell for each row whether it stands in the head and in the tail of its document."""
    upto = np.concatenate([[0], np.cumsum(live)])
    starts = np.concatenate([[0], ends[:-1]])
    sizes = ends - starts
    before = upto[:-1] - np.repeat(upto[starts], sizes)
    after = np.repeat(upto[ends], sizes) - upto[1:]
    return before < HEAD, after < TAIL


def _in_window(firsts: Ints, head: Mask, tail: Mask) -> Ints:
    which = firsts[:, ANYWHERE].copy()
    which[head] = np.minimum(which[head], firsts[head, IN_HEAD])
    which[tail] = np.minimum(which[tail], firsts[tail, IN_TAIL])
    return which
