"""Paragraphs that are direct speech: different articles may quote the same words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.arrow import string_lengths

#: More than this share of a paragraph's letters and figures must stand in quotation marks. “…,” she said on Monday
#: of 12 words with a speaker of 10 is still a quotation; a report with a phrase in marks is none.
MOSTLY = 0.5
#: What stands between marks of one kind: English and Spanish, German and Polish, Swedish, French and Russian (their
#: mirror in German and Danish books), Chinese and Japanese, typewriter.
_CLOSED = "|".join(
    ("“[^“”]*”", "„[^“”„]*[“”]", "”[^”“„]*”", "«[^«»]*»", "»[^«»]*«", "「[^「」]*」", "『[^『』]*』", '"[^"]*"')
)
#: A speech of several paragraphs opens each and closes the last only.
_OPEN = r"^\s*(?:“[^“”]*|„[^“”„]*|«[^«»]*|「[^「」]*|『[^『』]*|\"[^\"]*)$"
_SPEECH = f"{_CLOSED}|{_OPEN}"
_SILENT = r"[^\pL\pM\pN]+"


def mostly_quoted(texts: pa.Array) -> NDArray[np.bool_]:
    """Return for each text (large_string without nulls) whether more than MOSTLY of its letters are quoted.

    Marks: “ ” „ “ ” ” « » » « 「 」 『 』 " ". Single marks are not looked at: they are apostrophes, too.
    """
    outside = pc.replace_substring_regex(texts, pattern=_SPEECH, replacement="")
    whole, rest = _letters(texts), _letters(outside)
    quoted: NDArray[np.bool_] = whole - rest > MOSTLY * whole
    return quoted


def _letters(texts: pa.Array) -> NDArray[np.int64]:
    return string_lengths(pc.replace_substring_regex(texts, pattern=_SILENT, replacement=""))
