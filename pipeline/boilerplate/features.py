"""Features of lines: what a line is made of, and what stands around it.

A *candidate* is a paragraph that may be boilerplate by its form: at most CANDIDATE_CHARS characters,
and no sentence of SURE_CHARS or more. *Prose* is a paragraph of over 200 characters, or of at least
80 that ends as a sentence does. Only candidates get features; of the others it is enough to know
that they are prose. All counts leave out the paragraphs that are gone.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline import arrow
from pipeline.boilerplate.body import BODY_CHARS, Mask
from pipeline.kernels import lines as chars
from pipeline.kernels.tokens import text_hashes, tokenise

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

WORDS = Path(__file__).with_name("words.toml")
#: Of 2,366 lines to be dropped on 115 pages 22 are longer than 300 characters, of those to be kept 571.
CANDIDATE_CHARS = 300
#: A sentence of so many characters is never judged: 951 of those are to be kept there, 53 not.
SURE_CHARS = 120
#: Shortest sentence that counts as prose, and that makes its surroundings an article.
PROSE_CHARS = 80
#: How many lines before and after count as the surroundings.
NEAR, WIDE = 3, 8
#: Lines have the same shape when they begin and end alike and their words differ by at most so many.
SHAPE_WORDS = 2
#: What `features` gives where there is no line, or nothing to find.
NONE, FAR = -1.0, 99.0

#: Name of each feature and how to say it; `{}` is the value, a tuple has a phrase for each value.
ZONES = ("in a text without prose", "before the text", "alone in the text", "in a short gap of the text",
         "in a long gap of the text", "after the text")  # fmt: skip
_KINDS = ("symbol", "capital", "small letter", "letter", "mark", "digit", "space", "full stop",
          "question or exclamation mark", "comma", "colon", "closing mark", "dash", "separator", "at sign")  # fmt: skip
_LENGTHS = ("up to 2 words", "up to 5 words", "up to 9 words", "up to 16 words", "many words")
_ENDINGS = ("no sentence end", "a sentence end", "a colon at the end")
NAMES: dict[str, str | tuple[str, ...]] = {
    "zone_length": tuple(f"{length} {zone}" for zone in ZONES for length in _LENGTHS),
    "zone_end": tuple(f"{end} {zone}" for zone in ZONES for end in _ENDINGS),
    "first": tuple(f"begins with a {kind}" for kind in _KINDS),
    "end": tuple(f"ends with a {kind}" for kind in _KINDS),
    "chars": "{:.0f} characters",
    "words": "{:.0f} words",
    "longest": "longest word of {:.0f} characters",
    "capitalised": "{:.0%} of words capitalised",
    "small": "{:.0%} of words in small letters",
    "numeric": "{:.0%} of words are numbers",
    "upper": "{:.0%} of letters are capitals",
    "digits": "{:.0%} digits",
    "symbols": "{:.0%} symbols",
    "function": "{:.0%} function words",
    "interface": "{:.0f} words of interfaces",
    "interface_share": "{:.0%} words of interfaces",
    "calendar": "{:.0f} words of dates",
    "credit": "{:.0f} words of credits",
    "commas": "{:.0f} commas",
    "separators": "{:.0f} separators",
    "inner_stops": "{:.0f} sentence ends inside",
    "dots": "{:.0f} web addresses",
    "at": "{:.0f} at signs",
    "joined": "{:.0f} words run together",
    "quotes": "{:.0f} quotation marks or brackets",
    "dashes": "{:.0f} dashes",
    "clocks": "{:.0f} times of day",
    "repeated": "{:.0f} times in the document",
    "position": "line {:.0f} of the document",
    "from_end": "{:.0f} lines from the end",
    "prose_before": "{:.0f} paragraphs of prose before",
    "prose_after": "{:.0f} paragraphs of prose after",
    "to_prose_before": "{:.0f} lines behind prose",
    "to_prose_after": "{:.0f} lines before prose",
    "run": "in a run of {:.0f} lines without prose",
    "prose_share": "{:.0%} of the document's characters are prose",
    "prose_near": "{:.0f} prose paragraphs within 3 lines",
    "prose_wide": "{:.0f} prose paragraphs within 8 lines",
    "prose_share_before": "{:.0%} of the prose stands before",
    "prose_chars_wide": "{:.0f} characters of prose within 8 lines",
    "previous_interface": "line before has {:.0f} words of interfaces",
    "next_interface": "line after has {:.0f} words of interfaces",
    "previous_chars": "line before has {:.0f} characters",
    "next_chars": "line after has {:.0f} characters",
    "mean_chars_near": "lines around have {:.0f} characters",
    "previous_ends": "line before ends a sentence: {:.0f}",
    "next_ends": "line after ends a sentence: {:.0f}",
    "alike": "{:.0f} neighbours of the same shape",
    "interface_near": "{:.0f} words of interfaces in the lines around",
    "calendar_near": "{:.0f} words of dates in the lines around",
    "gone_before": "{:.0f} lines just before are gone",
    "gone_after": "{:.0f} lines just after are gone",
    "gone_wide": "{:.0f} of the lines around are gone",
    "sentences_near": "{:.0f} of the lines around are sentences",
    "capitalised_near": "{:.0%} of words capitalised in the lines around",
    "function_near": "{:.0%} function words in the lines around",
}


class Features(NamedTuple):
    """Features of the candidates among the paragraphs that are not gone."""

    rows: Ints  #: index into the paragraph table, ascending, shape (n,)
    values: Floats  #: shape (n, len(NAMES)), columns in the order of NAMES


class Live(NamedTuple):
    """The paragraphs that are not gone, document by document."""

    rows: Ints  #: index into the paragraph table
    start: Ints  #: of each paragraph's document, as index into these arrays
    end: Ints
    chars: Ints
    sentence: Mask  #: ends as a sentence does
    prose: Mask
    docs: Ints  #: `doc` of every paragraph, gone or not

    @property
    def doc(self) -> Ints:
        """`doc` of each paragraph that is left."""
        return self.docs[self.rows]

    def doc_of(self, rows: Ints) -> Ints:
        """Return the `doc` of rows of the paragraph table."""
        return self.docs[rows]


def features(paragraphs: pa.Table, gone: Mask) -> Features:
    """Return the features of every candidate.

    paragraphs: schema PARAGRAPHS, ordered by `doc`, `position`, every document whole, n rows.
    gone: bool, shape (n,): paragraphs that certain rules take; their neighbours are told so.
    """
    data, offsets = arrow.text_view(arrow.large_strings(paragraphs["text"]))
    live = live_lines(paragraphs, gone)
    at = np.flatnonzero(candidates(live.chars, live.sentence))
    if not len(at):
        return Features(np.zeros(0, np.int64), np.zeros((0, len(NAMES)), np.float32))
    rows = live.rows[at]
    made_of = chars.counts(data, offsets, rows)
    kinds = _kinds(data, offsets, rows)
    columns = _own(made_of, kinds)
    columns |= _around(live, at, gone)
    columns |= _shapes(live, at, made_of, kinds)
    columns["repeated"] = _repeated(data, offsets, rows, live.start[at])
    columns |= _crossed(columns, made_of)
    return Features(rows, np.stack([columns[name].astype(np.float32) for name in NAMES], axis=1))


def candidates(lengths: Ints, sentence: Mask) -> Mask:
    """Tell which paragraphs may be boilerplate by their form; lengths in characters."""
    return np.asarray((lengths <= CANDIDATE_CHARS) & ~(sentence & (lengths >= SURE_CHARS)), dtype=bool)


def is_prose(lengths: Ints, sentence: Mask) -> Mask:
    """Tell which paragraphs are prose; lengths in characters."""
    return np.asarray((lengths > BODY_CHARS) | (sentence & (lengths >= PROSE_CHARS)), dtype=bool)


def forms(paragraphs: pa.Table) -> tuple[Ints, Mask]:
    """Return (length in characters, whether it ends as a sentence does) of each paragraph, shape (n,)."""
    text = arrow.large_strings(paragraphs["text"])
    end = chars.ends(*arrow.text_view(text))
    return arrow.string_lengths(text), (end == chars.STOP) | (end == chars.ASKS)


def live_lines(paragraphs: pa.Table, gone: Mask) -> Live:
    """Return the paragraphs that are not gone; see `features`."""
    lengths, sentence = forms(paragraphs)
    rows = np.flatnonzero(~gone)
    docs = arrow.numbers(paragraphs["doc"])
    starts = arrow.run_starts(docs[rows])
    sizes = np.diff(starts)
    lengths, sentence = lengths[rows], sentence[rows]
    start, end = np.repeat(starts[:-1], sizes), np.repeat(starts[1:], sizes)
    return Live(rows, start, end, lengths, sentence, is_prose(lengths, sentence), docs)


@cache
def _known() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8], int]:
    """Return the table of known words and the number of kinds."""
    kinds = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    hashes, numbers = [], []
    for number, languages in enumerate(kinds.values()):
        text = arrow.large_strings(pa.array([" ".join(languages.values())]))
        found, _ = tokenise(*arrow.text_view(text))
        hashes.append(found)
        numbers.append(np.full(len(found), number, np.uint8))
    return *chars.slots(np.concatenate(hashes), np.concatenate(numbers)), len(kinds)


def _kinds(data: npt.NDArray[np.uint8], offsets: Ints, rows: Ints) -> npt.NDArray[np.float64]:
    """Return known words by kind, and all words, shape (len(rows), kinds + 1)."""
    text = _some(data, offsets, rows)
    hashes, starts = tokenise(*text)
    known, kinds, n = _known()
    found = chars.classed(hashes, starts, known, kinds, n)
    return np.column_stack([found, np.diff(starts)]).astype(np.float64)


def _some(data: npt.NDArray[np.uint8], offsets: Ints, rows: Ints) -> tuple[npt.NDArray[np.uint8], Ints]:
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    texts = pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers)
    return arrow.text_view(texts.take(pa.array(rows)))


def _own(made_of: npt.NDArray[np.int32], kinds: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    """What the line itself is made of."""
    c = dict(zip(chars.COLUMNS, made_of.T.astype(np.float64), strict=True))
    words, letters, length = (np.maximum(c[name], 1) for name in ("words", "letters", "chars"))
    tokens = np.maximum(kinds[:, -1], 1)
    shares = {name: c[name] / words for name in ("capitalised", "small", "numeric")}
    shares |= {"upper": c["upper"] / letters, "digits": c["digits"] / length, "symbols": c["symbols"] / length}
    named = {"function": kinds[:, 0] / tokens, "interface": kinds[:, 1], "interface_share": kinds[:, 1] / tokens,
             "calendar": kinds[:, 2], "credit": kinds[:, 3]}  # fmt: skip
    plain = ("chars", "words", "longest", "commas", "separators", "inner_stops", "dots", "at", "joined", "quotes",
             "dashes", "clocks", "first", "end")  # fmt: skip
    return {name: c[name] for name in plain} | shares | named


def _around(live: Live, at: Ints, gone: Mask) -> dict[str, npt.NDArray[np.float64]]:
    """Where the line stands: in the document, to its prose, to what is gone."""
    start, end = live.start[at], live.end[at]
    upto = np.concatenate([[0], np.cumsum(live.prose)])
    last, following = _prose_beside(live)
    before = np.where(last[at] >= start, at - last[at], FAR)
    after = np.where(following[at] < end, following[at] - at, FAR)
    first_of_run, end_of_run = np.maximum(last[at] + 1, start), np.minimum(following[at], end)
    of_prose = np.concatenate([[0], np.cumsum(live.chars * live.prose)])
    of_all = np.concatenate([[0], np.cumsum(live.chars)])
    near, wide = (upto[np.minimum(at + reach + 1, end)] - upto[np.maximum(at - reach, start)] for reach in (NEAR, WIDE))
    columns = {
        "position": at - start,
        "from_end": end - 1 - at,
        "prose_before": upto[at] - upto[start],
        "prose_after": upto[end] - upto[at + 1],
        "to_prose_before": np.minimum(before, FAR),
        "to_prose_after": np.minimum(after, FAR),
        "run": end_of_run - first_of_run,
        "prose_share": (of_prose[end] - of_prose[start]) / np.maximum(of_all[end] - of_all[start], 1),
        "prose_share_before": (of_prose[at] - of_prose[start]) / np.maximum(of_prose[end] - of_prose[start], 1),
        "prose_chars_wide": of_prose[np.minimum(at + WIDE + 1, end)] - of_prose[np.maximum(at - WIDE, start)],
        "prose_near": near,
        "prose_wide": wide,
    }
    return {name: np.asarray(value, np.float64) for name, value in columns.items()} | _gone_around(live, at, gone)


def _prose_beside(live: Live) -> tuple[Ints, Ints]:
    """Return the index of the last prose at or before, and of the next at or after, each line."""
    index = np.arange(len(live.rows))
    last = np.maximum.accumulate(np.where(live.prose, index, -1))
    following = np.minimum.accumulate(np.where(live.prose, index, len(index))[::-1])[::-1]
    return last, following


def _gone_around(live: Live, at: Ints, gone: Mask) -> dict[str, npt.NDArray[np.float64]]:
    """How many of the lines beside, and within WIDE lines, are gone; not beyond the document's other lines."""
    rows = live.rows[at]
    upto = np.concatenate([[0], np.cumsum(gone)])
    previous = np.where(at > live.start[at], live.rows[np.maximum(at - 1, 0)], rows)
    following = np.where(at + 1 < live.end[at], live.rows[np.minimum(at + 1, len(live.rows) - 1)], rows)
    first, last = live.rows[live.start[at]], live.rows[live.end[at] - 1]
    low, high = np.maximum(rows - WIDE, first), np.minimum(rows + WIDE, last)
    columns = {
        "gone_before": rows - previous - 1,
        "gone_after": following - rows - 1,
        "gone_wide": upto[high + 1] - upto[low],
    }
    return {name: np.maximum(value, 0).astype(np.float64) for name, value in columns.items()}


def _shapes(
    live: Live, at: Ints, made_of: npt.NDArray[np.int32], kinds: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[np.float64]]:
    """What the lines beside are made of, and whether they have the same shape."""
    c = dict(zip(chars.COLUMNS, made_of.T.astype(np.float64), strict=True))
    added = {"interface": kinds[:, 1], "calendar": kinds[:, 2], "function": kinds[:, 0], "tokens": kinds[:, -1],
             "capitalised": c["capitalised"], "words": c["words"]}  # fmt: skip
    total = {name: np.zeros(len(at)) for name in (*added, "alike", "sentences", "chars", "seen")}
    beside: dict[int, npt.NDArray[np.float64]] = {}
    of = np.full(len(live.rows), -1)
    of[at] = np.arange(len(at))
    for step in (step for step in range(-NEAR, NEAR + 1) if step):
        there, inside = _steps_away(live, at, step)
        other, known = np.maximum(of[there], 0), inside & (of[there] >= 0)
        same = known & (np.abs(c["words"] - c["words"][other]) <= SHAPE_WORDS)
        total["alike"] += same & (c["end"] == c["end"][other]) & (c["first"] == c["first"][other])
        for name, value in added.items():
            total[name] += np.where(known, value[other], 0)
        total["sentences"] += inside & live.sentence[there]
        total["chars"] += np.where(inside, np.minimum(live.chars[there], CANDIDATE_CHARS), 0)
        total["seen"] += inside
        beside[step] = np.where(known, added["interface"][other], NONE)
    columns = {"alike": total["alike"], "previous_interface": beside[-1], "next_interface": beside[1]}
    columns |= {f"{name}_near": total[name] for name in ("interface", "calendar", "sentences")}
    columns["mean_chars_near"] = total["chars"] / np.maximum(total["seen"], 1)
    columns["capitalised_near"] = total["capitalised"] / np.maximum(total["words"], 1)
    columns["function_near"] = total["function"] / np.maximum(total["tokens"], 1)
    return columns | _beside(live, at)


def _steps_away(live: Live, at: Ints, step: int) -> tuple[Ints, Mask]:
    """Return (index of the line `step` lines on, whether there is one in the same document)."""
    there = at + step
    inside = (there >= live.start[at]) & (there < live.end[at])
    return np.clip(there, 0, len(live.rows) - 1), inside


def _beside(live: Live, at: Ints) -> dict[str, npt.NDArray[np.float64]]:
    columns = {}
    for name, step in (("previous", -1), ("next", 1)):
        there, inside = _steps_away(live, at, step)
        columns[f"{name}_chars"] = np.where(inside, live.chars[there], NONE)
        columns[f"{name}_ends"] = np.where(inside, live.sentence[there], NONE)
    return columns


def _repeated(data: npt.NDArray[np.uint8], offsets: Ints, rows: Ints, document: Ints) -> npt.NDArray[np.float64]:
    """How often each line stands in its document, as it is."""
    keys = text_hashes(*_some(data, offsets, rows)) ^ (document.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    _, inverse, count = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(count[inverse], np.float64)


def _crossed(
    columns: dict[str, npt.NDArray[np.float64]], made_of: npt.NDArray[np.int32]
) -> dict[str, npt.NDArray[np.float64]]:
    """Zone of the document, crossed with length and with how the line ends."""
    before, after, run = columns["prose_before"], columns["prose_after"], columns["run"]
    zone = np.where(run <= 1, 2, np.where(run <= 3, 3, 4))
    zone = np.where(after == 0, 5, np.where(before == 0, 1, zone))
    zone = np.where((before == 0) & (after == 0), 0, zone)
    length = np.searchsorted(np.array([2.5, 5.5, 9.5, 16.5]), columns["words"])
    kind = columns["end"]
    ending = np.where((kind == chars.STOP) | (kind == chars.ASKS), 1, np.where(kind == chars.COLON, 2, 0))
    return {"zone_length": zone * len(_LENGTHS) + length, "zone_end": zone * len(_ENDINGS) + ending}
