"""Which rules match which texts: words by hash, patterns by RE2 where they can match at all.

The cost does not grow with the number of values: a text is walked through the trie of all `line` and
`prefix` values at once, and is left at the first word that goes on none of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow
from pipeline.boilerplate import openings
from pipeline.boilerplate.body import CALENDAR, Mask, masked
from pipeline.boilerplate.rules import Rules, Value, anchors, marks
from pipeline.kernels import edges, needles, prefixes, tokens

Ints = npt.NDArray[np.int64]

#: Longer texts are tried with `line` and `masked` rules only. The longest caption with a credit seen
#: has 420 characters.
MAX_CHARS = 600

#: A pattern that more than this share of all beginnings and ends allows is also screened by a string
#: that it needs: to look for the strings of all patterns took ten times as long.
WEAK = 0.02
#: Every so many beginnings and ends are counted for that: an odd number, so that all kinds of characters come in turn.
SAMPLED = 61

#: Speech begins with one of these. » is not among them: it decorates links.
QUOTES = "\"'“”„‟‘’‚‛«「『《〈＂＇"


class Pairs(NamedTuple):
    """Text `rows[i]` is matched by rule `rules[i]`, whatever its `where`; in no order, each pair once or more."""

    rows: Ints
    rules: Ints


class _Values(NamedTuple):
    """All `line` and `prefix` values: `words[i]` is what the values `starts[i]:starts[i + 1]` have in common."""

    trie: prefixes.Trie
    words: pa.Array
    starts: Ints
    rule: Ints
    whole: Mask
    tail: npt.NDArray[np.object_]


def matched(text: pa.Array, rules: Rules, sites: pa.Array | None = None) -> Pairs:
    """Return which rules match which texts.

    text: large_string without nulls. sites: the site of each text, string or dictionary of string;
    rules with `sites` match texts of these only, and none without it.
    """
    chars = arrow.string_lengths(text)
    short = np.flatnonzero(chars <= MAX_CHARS)
    words = np.zeros(len(text), np.int64)
    data, offsets = arrow.text_view(text)
    words[short] = prefixes.count_words(data, offsets[short], offsets[short + 1])
    found = [
        _by_words(text, rules, chars, words),
        _by_mask(text, rules, sites),
        _by_pattern(text, rules, short, words),
    ]
    return _on_site(Pairs(*(np.concatenate(parts) for parts in zip(*found, strict=True))), rules, sites)


@lru_cache(4)
def _values(rules: Rules) -> _Values:
    kinds = [(value, True) for value in rules.lines] + [(value, False) for value in rules.prefixes]
    known: dict[str, list[tuple[Value, bool]]] = {}
    for value, whole in kinds:
        known.setdefault(value.words, []).append((value, whole))
    flat = [pair for pairs in known.values() for pair in pairs]
    words = pa.array(list(known), pa.large_string())
    return _Values(
        prefixes.plant(*tokens.tokenise(*arrow.text_view(words))),
        words,
        np.cumsum([0, *map(len, known.values())]),
        np.array([value.rule for value, _ in flat], np.int64),
        np.array([whole for _, whole in flat], bool),
        np.array([value.tail for value, _ in flat], object),
    )


def _by_words(text: pa.Array, rules: Rules, chars: Ints, words: Ints) -> Pairs:
    values = _values(rules)
    data, offsets = arrow.text_view(text)
    hits = prefixes.walk(data, offsets[:-1], offsets[1:], values.trie)
    hit, value = _spread(hits.sequences, values.starts)
    rows = hits.texts[hit]
    most = np.array([rule.max_words for rule in rules.paragraphs] or [0])
    fits = (chars[rows] <= MAX_CHARS) & (words[rows] <= most[values.rule[value]])
    fits = np.where(values.whole[value], hits.whole[hit], fits)
    hit, value, rows = hit[fits], value[fits], rows[fits]
    same = _same_words(text, rows, hits.stops[hit], values.words.take(pa.array(hits.sequences[hit])))
    prefix = ~values.whole[value]
    same[prefix] &= ~_quoted(text, rows[prefix])
    for at in np.flatnonzero(same & (values.tail[value] != "")).tolist():
        behind = data[hits.stops[hit[at]] : offsets[rows[at] + 1]].tobytes().decode()
        same[at] = marks(behind).startswith(values.tail[value[at]])
    return Pairs(rows[same], values.rule[value[same]])


def _spread(groups: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """Return (index into `groups`, member) for each member `starts[g]:starts[g + 1]` of each group."""
    sizes = starts[groups + 1] - starts[groups]
    which = np.repeat(np.arange(len(groups)), sizes)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    return which, starts[groups[which]] + np.arange(len(which)) - first


def _same_words(text: pa.Array, rows: Ints, stops: Ints, words: pa.Array) -> Mask:
    """Tell whether the texts up to `stops` have these words: no hash decides."""
    data, offsets = arrow.text_view(text)
    begun, starts = prefixes.fold(data, offsets[rows], stops)
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(begun)]
    return _true(pc.equal(pa.Array.from_buffers(pa.large_string(), len(rows), buffers), words))


def _quoted(text: pa.Array, rows: Ints) -> Mask:
    return _true(pc.match_substring_regex(text.take(pa.array(rows)), f"^[^\\pL\\pM\\pN\\p{{Pc}}]*[{QUOTES}]"))


class _Masked(NamedTuple):
    """All `masked` values: `words[i]` is that of the rules `rules[starts[i]:starts[i + 1]]`."""

    words: pa.Array
    starts: Ints
    rules: Ints
    lengths: Ints  #: in words, each once
    firsts: prefixes.Trie  #: of the first words that a text of such words may have


@lru_cache(4)
def _masked(rules: Rules) -> _Masked:
    known: dict[str, list[int]] = {}
    for value in rules.masked:
        known.setdefault(value.words, []).append(value.rule)
    words = pa.array(list(known), pa.large_string())
    hashes, starts = tokens.tokenise(*arrow.text_view(words))
    # Where words begin with a date, a text may begin with any name of a month or day.
    names, _ = tokens.tokenise(*arrow.text_view(pa.array(list(CALENDAR), pa.large_string())))
    firsts = np.concatenate([hashes[starts[:-1][np.diff(starts) > 0]], names])
    return _Masked(
        words,
        np.cumsum([0, *map(len, known.values())]),
        np.array([number for some in known.values() for number in some], np.int64),
        np.unique(np.diff(starts)),
        prefixes.plant(firsts, np.arange(len(firsts) + 1)),
    )


def _by_mask(text: pa.Array, rules: Rules, sites: pa.Array | None) -> Pairs:
    rows = _of_sites(len(text), rules, sites) if rules.masked else np.zeros(0, np.int64)
    values = _masked(rules)
    # Masking changes words, not how many there are, and counting is a hundred times as fast.
    data, offsets = arrow.text_view(text)
    most = int(values.lengths.max(initial=0))
    counts = prefixes.few_words(data, offsets[rows], offsets[rows + 1], most, values.firsts)
    rows = rows[np.isin(counts, values.lengths)]
    found = pc.index_in(masked(text.take(pa.array(rows))), values.words)
    rows = rows[_true(found.is_valid())]
    hit, member = _spread(found.drop_null().to_numpy().astype(np.int64), values.starts)
    return Pairs(rows[hit], values.rules[member])


def _of_sites(n: int, rules: Rules, sites: pa.Array | None) -> Ints:
    """Return the rows of the sites that `masked` rules are for; all where one is for all."""
    own = [rules.paragraphs[value.rule].sites for value in rules.masked]
    if not all(own):
        return np.arange(n)
    if sites is None:
        return np.zeros(0, np.int64)
    return np.flatnonzero(_in_sites(sites, sorted({site for some in own for site in some})))


class _Screen(NamedTuple):
    """What tells cheaply that a pattern cannot match: a bit for each pattern."""

    begins: npt.NDArray[np.uint64]
    ends: npt.NDArray[np.uint64]
    by_words: npt.NDArray[np.uint64]  #: of texts with so many words, shape (words, columns)
    needles: needles.Needles


@lru_cache(4)
def _screen(rules: Rules) -> _Screen:
    values = [value.words for value in rules.patterns]
    tables = openings.tables(values)
    most = np.array([rules.paragraphs[value.rule].max_words for value in rules.patterns], np.int64)
    some = np.stack([table[::SAMPLED] for table in tables])
    bits = np.unpackbits(some.view(np.uint8), axis=2, bitorder="little").mean(axis=1)[:, : len(values)]
    wanted = [value if weak else "" for value, weak in zip(values, bits.prod(axis=0) > WEAK, strict=True)]
    few = np.zeros((most.max(initial=0) + 2, 64 * tables[0].shape[1]), bool)
    few[:, : len(most)] = np.arange(len(few))[:, None] <= most
    return _Screen(*tables, np.packbits(few, axis=1, bitorder="little").view(np.uint64), openings.words(wanted))


def _by_pattern(text: pa.Array, rules: Rules, short: Ints, words: Ints) -> Pairs:
    """Try each pattern on the texts that `_candidates` leaves.

    One alternation of all patterns, as a screen, was measured and left: it took six times as long as
    all of them one by one, for its automaton no longer fits RE2's cache.
    """
    rows: list[Ints] = [np.zeros(0, np.int64)]
    numbers: list[Ints] = [np.zeros(0, np.int64)]
    if rules.patterns:
        texts, which = _candidates(text, rules, short, words[short])
        texts = texts[np.argsort(which, kind="stable")]
        ends = np.cumsum(np.bincount(which, minlength=len(rules.patterns)))
        for value, tried in zip(rules.patterns, np.split(texts, ends[:-1]), strict=True):
            pattern = anchors(value.words).anchored
            rows.append(tried[_true(pc.match_substring_regex(text.take(pa.array(tried)), pattern))])
            numbers.append(np.full(len(rows[-1]), value.rule))
    return Pairs(np.concatenate(rows), np.concatenate(numbers))


def _candidates(text: pa.Array, rules: Rules, short: Ints, words: Ints) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """Return (texts, patterns) of the pairs with few enough words, the right ends and a needed string."""
    screen = _screen(rules)
    data, offsets = arrow.text_view(text)
    starts, stops = offsets[short], offsets[short + 1]
    masks = edges.allowed(data, starts, stops, screen.begins, screen.ends)
    masks &= screen.by_words[np.minimum(words, len(screen.by_words) - 1)]
    texts, which = edges.pairs(needles.held(data, starts, stops, screen.needles, masks))
    return short[texts], which


def _on_site(pairs: Pairs, rules: Rules, sites: pa.Array | None) -> Pairs:
    """Leave out what a rule with `sites` matches elsewhere."""
    bound = {n: list(rule.sites) for n, rule in enumerate(rules.paragraphs) if rule.sites}
    right = np.ones(len(pairs.rows), bool)
    for number in np.unique(pairs.rules).tolist() if bound else []:
        if number in bound:
            at = np.flatnonzero(pairs.rules == number)
            right[at] = sites is not None and _in_sites(sites.take(pa.array(pairs.rows[at])), bound[number])
    return Pairs(pairs.rows[right], pairs.rules[right])


def _in_sites(sites: pa.Array, wanted: list[str]) -> Mask:
    if pa.types.is_dictionary(sites.type):
        sites = sites.cast(sites.type.value_type)
    return _true(pc.is_in(sites, pa.array(wanted, sites.type)))


def _true(mask: pa.Array) -> Mask:
    return np.array(mask.to_numpy(zero_copy_only=False), dtype=bool)
