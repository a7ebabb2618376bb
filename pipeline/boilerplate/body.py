"""What counts as a paragraph of running text, and how text is compared regardless of form."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow
from pipeline.kernels import prefixes

Mask = npt.NDArray[np.bool_]

#: A longer paragraph is running text whatever its end. Headlines stay below: the longest of the
#: five articles this was made on has 100 characters.
BODY_CHARS = 200
#: A shorter sentence may as well be a label: `Posted in News.`
SENTENCE_CHARS = 20

#: Names of months and of weekdays (en, de, fr, es, it, pt, nl, pl; Polish in both cases it writes dates in).
_MONTHS = """
january february april june july august september october november december
januar jänner jän februar feber märz juni juli oktober okt dezember
janvier février avril juin juillet août septembre octobre novembre décembre févr juil
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
januari februari maart augustus
styczeń luty marzec kwiecień czerwiec lipiec sierpień wrzesień październik listopad grudzień
stycznia lutego marca kwietnia czerwca lipca sierpnia września października listopada grudnia
feb aug sept oct nov dec nov déc févr paź wrz
"""
_DAYS = """
monday tuesday wednesday thursday friday saturday sunday tues thurs
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miércoles jueves viernes sábado domingo
lunedì martedì mercoledì giovedì venerdì sabato domenica
feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
poniedziałek wtorek środa czwartek piątek sobota niedziela środę sobotę niedzielę
"""
#: Words of their own as well (`may`, `march`, `sun`, French `mon`, German `so`, first names): they count
#: as names only beside a number or another name.
_MAYBE_MONTHS = """
jan mar mär mrz apr may jun jul sep march mars mai mayo mei maj maja janv avr ene abr ago set dic gen mag giu lug
ott fev out dez mrt sty lut kwi cze lip sie lis gru
"""
_MAYBE_DAYS = """
mon tue wed thu thur fri sat sun mo di mi do fr sa so lun mar mer jeu ven sam dim mié mie jue vie sáb sab dom gio
seg segunda ter terça qua quarta qui quinta sex sexta ma wo vr za zo pon wt śr czw pt sob ndz niedz
"""
CALENDAR = {
    **dict.fromkeys(_MAYBE_DAYS.split(), "day"),
    **dict.fromkeys(_MAYBE_MONTHS.split(), "month"),
    **dict.fromkeys(_DAYS.split(), "day"),
    **dict.fromkeys(_MONTHS.split(), "month"),
}
_MAYBE = frozenset(_MAYBE_MONTHS.split()) | frozenset(_MAYBE_DAYS.split())
#: Where none of these stands, no name counts as one.
_DATED = f"0|(?:^| )(?:month|day|{'|'.join(sorted(CALENDAR.keys() - _MAYBE))})(?: |$)"

#: Characters that may stand behind the stop of a sentence.
_CLOSING = "\"'“”‘’«»)]」』）】*_ "
_CLOSERS = f"[{re.escape(_CLOSING)}]*"
_FULL_STOP = f"[.…。．｡।॥።։۔။។]{_CLOSERS}$"
_SENTENCE = f"[.…!?。．｡！？।॥።։۔؟။។]{_CLOSERS}$"
#: What `… in the U.S.` ends with; RE2 takes 3 ms to read `\pL` thrice, however few texts there are.
_ABBREVIATION = f"\\.[^.\\s]\\.{_CLOSERS}$"


def is_body(text: pa.Array) -> Mask:
    """Tell which paragraphs are running text: over 200 characters, or a sentence with a full stop.

    text: string or large_string, n rows. Questions and exclamations do not count, for headlines
    are often either. Bool, shape (n,).
    """
    lengths = arrow.string_lengths(text)
    short = np.flatnonzero((lengths <= BODY_CHARS) & (lengths >= SENTENCE_CHARS))
    body = lengths > BODY_CHARS
    some = text.take(pa.array(short))
    body[short] = _ends(some, _FULL_STOP)
    return np.asarray(body, dtype=bool)


def ends_sentence(text: pa.Array) -> Mask:
    """Tell which texts end as a sentence does, in any script. Bool, shape (n,)."""
    return _ends(text, _SENTENCE)


def _ends(text: pa.Array, stop: str) -> Mask:
    """Tell which texts end with the stop, and not with an abbreviation, as `… in the U.S.` does."""
    ends = _matches(text, stop)
    some = np.flatnonzero(_matches(text, _ABBREVIATION))
    ends[some[[_abbreviated(one) for one in text.take(pa.array(some)).to_pylist()]]] = False
    return ends


def _abbreviated(text: str) -> bool:
    """Tell whether the text ends with two letters or more, each with a stop; not behind a letter or a figure."""
    end = text.rstrip(_CLOSING)[-5:]
    kinds = [unicodedata.category(char)[0] for char in end]
    pairs = len(end) >= 4 and end[-3] == end[-1] == "." and kinds[-4] == kinds[-2] == "L"
    return pairs and (len(end) == 4 or kinds[0] not in "LN")


def folded(text: pa.Array) -> pa.Array:
    """Return text for comparison: the case-folded words of `kernels.unicode`, one space between them.

    text: string or large_string; the result has its type, nulls stay. No space stands beside a
    character of a script without spaces. Its own result folds to itself.
    """
    return _of_words(text, digits=True)


def masked(text: pa.Array) -> pa.Array:
    """Return `folded` text in which dates and numbers look alike: the form in which recurring lines are counted.

    Every run of digits becomes `0`, every name of a month `month`, of a weekday `day`; names that are
    words of their own (`may`, `sun`) only beside a number or another name. Its own result is masked
    to itself.
    """
    plain = _of_words(text, digits=False)
    some = _matches(plain.fill_null(""), _DATED)
    named = pc.split_pattern(plain.filter(pa.array(some)), " ")
    words, offsets = named.flatten(), pc.subtract(named.offsets, named.offsets[0].as_py())
    found = _names(words, offsets.to_numpy())
    hidden = pc.if_else(pc.is_valid(found), found, words)
    space = pa.scalar(" ", words.type)
    return pc.replace_with_mask(plain, pa.array(some), pc.binary_join(pa.ListArray.from_arrays(offsets, hidden), space))


def _of_words(text: pa.Array, digits: bool) -> pa.Array:
    data, offsets = arrow.text_view(arrow.large_strings(text).fill_null(""))
    words, starts = prefixes.fold(data, offsets[:-1], offsets[1:], digits)
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(words)]
    plain = pa.Array.from_buffers(pa.large_string(), len(text), buffers).cast(text.type)
    return pc.if_else(text.is_valid(), plain, pa.scalar(None, text.type)) if text.null_count else plain


def _names(words: pa.Array, offsets: npt.NDArray[np.int32]) -> pa.Array:
    """Return `month` or `day` for each word that is such a name where it stands, else null."""
    found = pc.index_in(words, pa.array(list(CALENDAR), words.type))
    name = found.is_valid().to_numpy(zero_copy_only=False)
    maybe = pc.is_in(words, pa.array(sorted(_MAYBE), words.type)).to_numpy(zero_copy_only=False)
    sure = (name & ~maybe) | _matches(words, "0|^month$|^day$")
    # A run of names and numbers that has a sure one among them is a date.
    cuts = ~(name | sure)
    cuts[1:] |= cuts[:-1]
    cuts[offsets[:-1][offsets[:-1] < len(cuts)]] = True
    run = np.cumsum(cuts)
    dated = np.bincount(run, sure, minlength=int(run[-1]) + 1 if len(run) else 0) > 0
    names = pa.array(list(CALENDAR.values()), words.type).take(found)
    return pc.if_else(pa.array(name & dated[run]), names, pa.scalar(None, words.type))


def _matches(text: Any, pattern: str) -> Mask:
    return np.asarray(pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False), dtype=bool)
