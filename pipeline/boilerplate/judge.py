"""Judging paragraphs by rules: whole lines by hash table, prefixes and patterns by RE2."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.boilerplate.body import Mask, folded, is_body
from pipeline.boilerplate.rules import Rules

Ints = npt.NDArray[np.int64]

#: Longer paragraphs are never judged. The longest caption with a credit seen has 420 characters.
MAX_CHARS = 600
#: `head`: fewer than this many paragraphs of running text stand before. A byline stands under the
#: headline or under the standfirst, which may be a sentence. Labels between them do not count.
HEAD = 2
#: `tail`: fewer than this many paragraphs of running text follow. A reader's comment or an
#: author's biography may.
TAIL = 3
#: Marks that a line may carry around what a `line` rule says: `>>> Source link <<<`.
MARKS_CHARS = 16
#: Columns of the array of first rules.
ANYWHERE, IN_HEAD, IN_TAIL = 0, 1, 2

_COLUMNS = {"anywhere": [ANYWHERE, IN_HEAD, IN_TAIL], "head": [IN_HEAD], "tail": [IN_TAIL], "edge": [IN_HEAD, IN_TAIL]}


def judge(paragraphs: pa.Table, rules: Rules) -> pa.Table:
    """Return the paragraphs that are boilerplate.

    paragraphs: schema PARAGRAPHS, ordered by `doc`, `position`, every document whole.
    Verdicts: `row` int64 (index into `paragraphs`, ascending, each at most once), `rule` string
    (the first rule in pack order that matches). A paragraph of several lines also goes where every
    line for itself would. Paragraphs that go do not count for `head` and `tail`: judging what is
    left finds nothing more.
    """
    text = _one_array(paragraphs["text"])
    lengths = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    short = np.flatnonzero(lengths <= MAX_CHARS)
    rows, firsts = _candidates(text.take(pa.array(short)), rules)
    rows = short[rows]
    which = _settle(paragraphs, text, rows, firsts, len(rules.paragraphs))
    gone = which < len(rules.paragraphs)
    ids = np.array([rule.id for rule in rules.paragraphs] or [""], dtype=object)
    names = ids[which[gone]] if gone.any() else np.array([], dtype=object)
    return pa.table({"row": pa.array(rows[gone], pa.int64()), "rule": pa.array(names, pa.string())})


def _one_array(column: Any) -> pa.Array:
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _candidates(text: pa.Array, rules: Rules) -> tuple[Ints, Ints]:
    """Return (rows that some rule matches, first rule for each of the three windows)."""
    whole, firsts = _matched(text, rules)
    rest = np.setdiff1d(np.flatnonzero(_match(text, "\n")), whole)
    blocks, of_blocks = _blocks(text, rest, rules)
    rows = np.concatenate([whole, blocks])
    order = np.argsort(rows, kind="stable")
    return rows[order], np.concatenate([firsts, of_blocks])[order]


def _blocks(text: pa.Array, rows: Ints, rules: Rules) -> tuple[Ints, Ints]:
    """Like `_matched`, for paragraphs of several lines of which every line matches some rule."""
    if not len(rows):
        return rows, np.zeros((0, 3), dtype=np.int64)
    lines = pc.split_pattern(text.take(pa.array(rows)), "\n")
    starts = lines.offsets.to_numpy()[:-1] - lines.offsets[0].as_py()
    flat = lines.flatten()
    firsts = np.full((len(flat), 3), len(rules.paragraphs), dtype=np.int64)
    hits, of_hits = _matched(flat, rules)
    firsts[hits] = of_hits
    worst = np.maximum.reduceat(firsts, starts, axis=0)
    of_rows: Ints = np.where(worst == len(rules.paragraphs), worst, firsts[starts])
    found = _any_rule(of_rows, rules)
    return rows[found], of_rows[found]


def _matched(text: pa.Array, rules: Rules) -> tuple[Ints, Ints]:
    """Return (rows, first matching rule per window, shape (n, 3)); the number of rules means none."""
    firsts = np.full((len(text), 3), len(rules.paragraphs), dtype=np.int64)
    _match_lines(text, rules, firsts)
    _match_patterns(text, rules, firsts)
    rows = np.flatnonzero(_any_rule(firsts, rules))
    return rows, firsts[rows]


def _match_lines(text: pa.Array, rules: Rules, firsts: Ints) -> None:
    if not rules.lines:
        return
    longest = max(len(value) for value, _ in rules.lines) + MARKS_CHARS
    short = np.flatnonzero(pc.utf8_length(text).to_numpy(zero_copy_only=False) <= longest)
    known: dict[str, list[int]] = {}
    for value, number in rules.lines:
        known.setdefault(value, []).append(number)
    values = pa.array(list(known), pa.large_string())
    found = pc.index_in(folded(text.take(pa.array(short))).cast(pa.large_string()), values)
    found = found.fill_null(-1).to_numpy(zero_copy_only=False)
    numbers = list(known.values())
    hits = np.flatnonzero(found >= 0)
    for which in np.unique(found[hits]).tolist():
        firsts[short[hits[found[hits] == which]]] = _window_minima(numbers[which], rules)


def _window_minima(numbers: list[int], rules: Rules) -> list[int]:
    none = len(rules.paragraphs)
    windows = (ANYWHERE, IN_HEAD, IN_TAIL)
    allowed = [[n for n in numbers if window in _COLUMNS[rules.paragraphs[n].where]] for window in windows]
    return [min(some, default=none) for some in allowed]


def _match_patterns(text: pa.Array, rules: Rules, firsts: Ints) -> None:
    """Try each pattern on every text.

    One alternation of all patterns, as a screen, was measured and left: it took six times as long
    (1,120 ms against 200 ms for 39 rules on 20 MB of English), for its automaton no longer fits
    RE2's cache. Alone, each is anchored and gives up after a few characters.
    """
    for number, pattern in rules.patterns:
        rule = rules.paragraphs[number]
        hits = np.flatnonzero(_match(text, pattern))
        if not len(hits):
            continue
        words = pc.count_substring_regex(text.take(pa.array(hits)), r"\S+").to_numpy(zero_copy_only=False)
        hits = hits[words <= rule.max_words]
        for column in _COLUMNS[rule.where]:
            firsts[hits, column] = np.minimum(firsts[hits, column], number)


def _any_rule(firsts: Ints, rules: Rules) -> Mask:
    return np.asarray((firsts < len(rules.paragraphs)).any(axis=1), dtype=bool)


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


def _match(text: pa.Array, pattern: str) -> Mask:
    return np.asarray(pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False), dtype=bool)
