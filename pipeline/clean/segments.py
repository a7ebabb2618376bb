"""Segments: the pieces that ftfy looks at as a whole, repaired many at once.

`ftfy.fix_and_explain` repeats its fixers on one segment until nothing changes, and asks after each round
whether the text still looks like mojibake: a search at 2.6 MB/s that takes most of its time. Here each
step is done for all segments before the next, so that RE2 answers that question for all of them at
several hundred MB/s, and a fixer sees only the segments that it could change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from operator import add
from typing import NamedTuple

import ftfy
import numpy as np
import pyarrow as pa
from ftfy import ExplanationStep, TextFixerConfig
from numpy.typing import NDArray

from pipeline import arrow
from pipeline.clean import classes
from pipeline.clean.screen import FIXERS, acted_on, may_be_bad, suspects, unnormalised, unusual
from pipeline.kernels.sequences import sequences

Ints = NDArray[np.int64]

LINE_FEED = ord("\n")
_MARKUP = sequences(classes.parsed("<"))

#: ASCII more than ten characters from anything else: none of ftfy's patterns reaches there from what could be mojibake,
#: and in all its encodings it is the same. ftfy sees one character instead, that nothing becomes: 19 µs a line, not 44.
_PLAIN = re.compile(r"(?<=[ -~]{10})[ -~]{10,}(?=[ -~]{10})")
_CUT = "\x01"


class Segment(NamedTuple):
    """A piece of text, and whether entities are decoded in it."""

    text: str
    unescape: bool


class Fixed(NamedTuple):
    """The repaired segment, and the steps as ftfy names them."""

    text: str
    steps: list[ExplanationStep]


class Cut(NamedTuple):
    """The segments of texts, one behind the other, none of them empty."""

    texts: pa.Array  #: large_string
    starts: Ints  #: the first segment of each text, and their number at the end
    line: Ints  #: in which line of its text each begins
    unescape: NDArray[np.bool_]


def cut(texts: pa.Array, config: TextFixerConfig) -> Cut:
    """Return the segments as `ftfy.fix_text` cuts them: lines, or pieces of `max_decode_length`.

    texts: large_string without nulls. From the first segment of a text with a `<` on, the text counts as markup, and
    entities are left alone.
    """
    data, offsets = arrow.text_view(texts)
    feeds = np.flatnonzero(data[offsets[0] : offsets[-1]] == LINE_FEED) + offsets[0]
    borders = np.union1d(offsets, feeds + 1)
    borders = np.insert(borders, *_within(data, borders, config.max_decode_length))
    starts = np.searchsorted(borders, offsets)
    begins, owner = borders[:-1], np.repeat(np.arange(len(texts)), np.diff(starts))
    line = np.searchsorted(feeds, begins) - np.searchsorted(feeds, offsets[:-1])[owner]
    pieces = arrow.of_view(data, borders)
    escaped: NDArray[np.bool_] = np.full(len(pieces), not config.unescape_html)
    if config.unescape_html == "auto":
        escaped = _from_first(classes.matches(pieces, _MARKUP)[0], owner)
    return Cut(pieces, starts, line, ~escaped)


def _within(data: NDArray[np.uint8], borders: Ints, most: int) -> tuple[Ints, Ints]:
    """Return (index of the border before which, byte at which) lines of more than `most` characters are cut."""
    found: list[tuple[int, int]] = []
    for at in np.flatnonzero(np.diff(borders) > most).tolist():
        line = data[borders[at] : borders[at + 1]]
        characters = np.flatnonzero((line & 0xC0) != 0x80)
        found += [(at + 1, int(borders[at] + place)) for place in characters[most::most]]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _from_first(marked: NDArray[np.bool_], owner: Ints) -> NDArray[np.bool_]:
    """Return which segments stand at or behind the first of their text that is marked."""
    place = np.flatnonzero(marked)
    first = np.full(int(owner[-1]) + 1 if len(owner) else 0, len(owner))
    first[owner[place[::-1]]] = place[::-1]
    return np.asarray(np.arange(len(owner)) >= first[owner], bool)


def fix(segments: Sequence[Segment], config: TextFixerConfig) -> list[Fixed]:
    """Return for each segment what `ftfy.fix_and_explain` gives, text and steps."""
    batch = _Batch(segments, config)
    todo = list(range(len(segments)))
    while todo:
        before = [batch.texts[i] for i in todo]
        batch.unescape(todo)
        batch.decode(todo)
        batch.fix_characters(todo)
        batch.normalise(todo)
        changed = [i for i, text in zip(todo, before, strict=True) if batch.texts[i] != text]
        todo = batch.chosen(changed, lambda texts: suspects(texts, config))
    return list(map(Fixed, batch.texts, batch.steps))


class _Batch:
    """The texts as they are by now, and the steps that made them so."""

    def __init__(self, segments: Sequence[Segment], config: TextFixerConfig) -> None:
        self.texts = [segment.text for segment in segments]
        self.steps: list[list[ExplanationStep]] = [[] for _ in segments]
        self._unescaped = [segment.unescape for segment in segments]
        self._config = config

    def chosen(self, rows: list[int], screen: Callable[[pa.Array], NDArray[np.bool_]]) -> list[int]:
        """Return those of the rows whose text the screen picks, and those that Arrow cannot hold (surrogates)."""
        try:
            texts = pa.array([self.texts[i] for i in rows], pa.large_string())
        except UnicodeEncodeError:
            return rows
        return [rows[i] for i in np.flatnonzero(screen(texts)).tolist()]

    def unescape(self, rows: list[int]) -> None:
        for i in rows:
            if self._unescaped[i] and "&" in self.texts[i]:
                self._apply(i, "unescape_html")

    def decode(self, rows: list[int]) -> None:
        """Undo mojibake, layer by layer."""
        while rows and self._config.fix_encoding:
            rows = self.chosen(rows, may_be_bad)
            rows = [i for i in rows if self._decode_once(i)]

    def fix_characters(self, rows: list[int]) -> None:
        rows = self.chosen(rows, lambda texts: unusual(texts, self._config))
        for fixer in FIXERS:
            if getattr(self._config, fixer):
                for i in self.chosen(rows, partial(acted_on, fixer=fixer)):
                    self._apply(i, fixer)

    def normalise(self, rows: list[int]) -> None:
        form = self._config.normalization
        if form is None:
            return
        for i in self.chosen(rows, lambda texts: unnormalised(texts, form)):
            self._set(i, unicodedata.normalize(form, self.texts[i]), ExplanationStep("normalize", form))

    def _apply(self, i: int, fixer: str) -> None:
        self._set(i, ftfy.FIXERS[fixer](self.texts[i]), ExplanationStep("apply", fixer))

    def _decode_once(self, i: int) -> bool:
        # ftfy has no public name for one layer: `fix_encoding_and_explain` looks at the outcome again, and slowly.
        before = self.texts[i]
        plain = [] if _CUT in before else _PLAIN.findall(before)
        short = _PLAIN.sub(_CUT, before) if plain else before
        decoded, steps = ftfy._fix_encoding_one_step_and_explain(short, self._config)
        self.texts[i] = "".join(map(add, decoded.split(_CUT), [*plain, ""])) if plain else decoded
        self.steps[i] += steps or []  # ftfy may name a step that changed nothing: U+009D read as Windows-1252
        return self.texts[i] != before

    def _set(self, i: int, text: str, step: ExplanationStep) -> None:
        if text != self.texts[i]:
            self.texts[i] = text
            self.steps[i].append(step)
