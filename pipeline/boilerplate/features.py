"""Features of lines: what a line is made of, and what stands around it.

Only candidates get features; of the other lines it is enough to know that they are prose. All counts leave
out the paragraphs that are gone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import tomli

from pipeline import arrow
from pipeline.boilerplate.body import Mask
from pipeline.boilerplate.core import CLOSE, core, cores
from pipeline.boilerplate.feature_names import ENDINGS, LENGTHS, NAMES
from pipeline.boilerplate.live import BEYOND_CHARS, Ints, Live, Numbers, candidates, live_lines
from pipeline.boilerplate.neighbours import neighbours
from pipeline.boilerplate.surroundings import places, runs
from pipeline.kernels import lines as chars
from pipeline.kernels.tokens import text_hashes, tokenise
from pipeline.kernels.vocabulary import Words, known_words

Floats = npt.NDArray[np.float32]

WORDS = Path(__file__).with_name("words.toml")
#: Kinds of words.toml that are words of interfaces, all together "interface".
_INTERFACE = ("comment", "account", "legal", "shop", "onward", "interface")
#: What `lines.counts` counts and is a feature as it is.
_PLAIN = ("chars", "words", "longest", "commas", "separators", "inner_stops", "dots", "at", "joined", "quotes",
          "dashes", "clocks", "first", "end")  # fmt: skip
#: Features that take longer than all others, for all prose is looked through: a sixth of the time of `strip`.
DEAR = ("known", "unknown")


class Features(NamedTuple):
    """Features of the candidates among the paragraphs that are not gone."""

    rows: Ints  #: index into the paragraph table, ascending, shape (n,)
    values: Floats  #: shape (n, len(NAMES)), columns in the order of NAMES


NOTHING = Features(np.zeros(0, np.int64), np.zeros((0, len(NAMES)), np.float32))


class _Text(NamedTuple):
    """Bytes of all paragraphs."""

    data: npt.NDArray[np.uint8]
    offsets: Ints

    def words(self, rows: Ints) -> tuple[npt.NDArray[np.uint64], Ints]:
        """Return the words of some of the paragraphs, as `tokenise` does."""
        return tokenise(*self.some(rows))

    def some(self, rows: Ints) -> tuple[npt.NDArray[np.uint8], Ints]:
        """Return the bytes of some of the paragraphs."""
        buffers = [None, pa.py_buffer(self.offsets), pa.py_buffer(self.data)]
        texts = pa.Array.from_buffers(pa.large_string(), len(self.offsets) - 1, buffers)
        return arrow.text_view(texts.take(pa.array(rows)))


def features(
    paragraphs: pa.Table,
    gone: Mask,
    least_prose: int = 0,
    wanted: Callable[[Ints, Floats], Mask] | None = None,
) -> Features:
    """Return the features of every candidate in documents with at least so many paragraphs of prose beside it.

    paragraphs: schema PARAGRAPHS, ordered by `doc`, `position`, every document whole, n rows.
    gone: bool, shape (n,): paragraphs that certain rules take; their neighbours are told so.
    wanted: tells by rows and values, in which DEAR ones are 0, which lines are; None: all of them.
    """
    text = _Text(*arrow.text_view(arrow.large_strings(paragraphs["text"])))
    live = live_lines(paragraphs, gone)
    if not len(live.rows):
        return NOTHING
    close = core(live, CLOSE)
    may = candidates(live.chars, live.sentence) | (close.outside & (live.chars <= BEYOND_CHARS))
    at = np.flatnonzero(may & _articles(live, least_prose))
    if not len(at):
        return NOTHING
    rows = live.rows[at]
    made_of = chars.counts(text.data, text.offsets, rows)
    words = Words(*text.words(rows), live.doc[at])
    kinds = _kinds(words)
    columns = _own(made_of, kinds)
    columns |= places(live, at, gone)
    columns |= cores(live, at, close)
    columns |= runs(live, at, gone, made_of, kinds)
    columns |= neighbours(live, at, made_of, kinds)
    columns["repeated"] = _repeated(text, rows, live.start[at])
    columns |= _crossed(columns)
    columns |= dict.fromkeys(DEAR, np.zeros(len(rows)))
    values = np.stack([columns[name].astype(np.float32) for name in NAMES], axis=1)
    if wanted is not None:
        some = wanted(rows, values)
        at, rows, values = at[some], rows[some], values[some]
    for name, column in _known(text, live, at).items():
        values[:, list(NAMES).index(name)] = column
    return Features(rows, values)


def _articles(live: Live, least_prose: int) -> Mask:
    """Tell which lines stand in documents with at least so many paragraphs of prose, themselves aside."""
    prose = np.concatenate([[0], np.cumsum(live.prose)])
    return np.asarray(prose[live.end] - prose[live.start] - live.prose >= least_prose, bool)


@cache
def _lexicon() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8], tuple[str, ...]]:
    """Return the table of known words and the names of the kinds."""
    kinds = tomli.loads(WORDS.read_text(encoding="utf-8"))
    hashes, numbers = [], []
    for number, languages in enumerate(kinds.values()):
        text = arrow.large_strings(pa.array([" ".join(languages.values())]))
        found, _ = tokenise(*arrow.text_view(text))
        hashes.append(found)
        numbers.append(np.full(len(found), number, np.uint8))
    return *chars.slots(np.concatenate(hashes), np.concatenate(numbers)), tuple(kinds)


def _kinds(words: Words) -> dict[str, Numbers]:
    """Return known words by kind, and all words, each shape (texts,)."""
    known, numbers, names = _lexicon()
    found = chars.classed(words.hashes, words.starts, known, numbers, len(names)).T.astype(np.float64)
    kinds = dict(zip(names, found, strict=True))
    kinds["interface"] = sum((kinds[name] for name in _INTERFACE), np.zeros(len(words.docs)))
    kinds["function"] = kinds["function"] + kinds["address"]
    return kinds | {"words": np.diff(words.starts).astype(np.float64)}


def _own(made_of: npt.NDArray[np.int32], kinds: dict[str, Numbers]) -> dict[str, Numbers]:
    """What the line itself is made of."""
    c = dict(zip(chars.COLUMNS, made_of.T.astype(np.float64), strict=True))
    words, letters, length = (np.maximum(c[name], 1) for name in ("words", "letters", "chars"))
    tokens = np.maximum(kinds["words"], 1)
    shares = {name: c[name] / words for name in ("capitalised", "small", "numeric")}
    shares |= {"upper": c["upper"] / letters, "digits": c["digits"] / length, "symbols": c["symbols"] / length}
    named = {name: count for name, count in kinds.items() if name != "words"}
    named |= {"function": kinds["function"] / tokens, "interface_share": kinds["interface"] / tokens}
    return {name: c[name] for name in _PLAIN} | shares | named


def _known(text: _Text, live: Live, at: Ints) -> dict[str, Numbers]:
    """How many of the line's words also stand in the prose of its document."""
    words = Words(*text.words(live.rows[at]), live.doc[at])
    rows = live.rows[np.flatnonzero(live.prose & np.isin(live.doc, words.docs))]
    prose = Words(*text.words(rows), live.doc_of(rows))
    known = known_words(prose, words, live.prose[at]).astype(np.float64)
    all_words = np.diff(words.starts)
    return {"known": known / np.maximum(all_words, 1), "unknown": all_words - known}


def _repeated(text: _Text, rows: Ints, document: Ints) -> Numbers:
    """How often each line stands in its document, as it is."""
    keys = text_hashes(*text.some(rows)) ^ (document.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    _, inverse, count = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(count[inverse], np.float64)


def _crossed(columns: dict[str, Numbers]) -> dict[str, Numbers]:
    """Zone of the document, crossed with length and with how the line ends."""
    before, after, run = columns["prose_before"], columns["prose_after"], columns["run"]
    zone = np.where(run <= 1, 2, np.where(run <= 3, 3, 4))
    zone = np.where(after == 0, 5, np.where(before == 0, 1, zone))
    zone = np.where((before == 0) & (after == 0), 0, zone)
    length = np.searchsorted(np.array([2.5, 5.5, 9.5, 16.5]), columns["words"])
    kind = columns["end"]
    ending = np.where((kind == chars.STOP) | (kind == chars.ASKS), 1, np.where(kind == chars.COLON, 2, 0))
    return {"zone_length": zone * len(LENGTHS) + length, "zone_end": zone * len(ENDINGS) + ending}
