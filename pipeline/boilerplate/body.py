"""What counts as a paragraph of running text, and how text is compared regardless of form."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]

#: A longer paragraph is running text whatever its end. Headlines stay below: the longest of the
#: five articles this was made on has 100 characters.
BODY_CHARS = 200
#: A shorter sentence may as well be a label: `Posted in News.`
SENTENCE_CHARS = 20

_CLOSERS = "[\"'“”‘’«»)\\]」』）】*_ ]*"
_FULL_STOP = f"[.…。．｡।॥։።۔။។]{_CLOSERS}$"
_SENTENCE = f"[.…!?。．｡！？।॥։።۔؟။។]{_CLOSERS}$"
#: `… in the U.S.` does not end a sentence.
_ABBREVIATION = f"(?:^|[^\\pL\\pN])(?:\\pL\\.){{2,}}{_CLOSERS}$"


def is_body(text: pa.Array) -> Mask:
    """Tell which paragraphs are running text: over 200 characters, or a sentence with a full stop.

    text: string or large_string, n rows. Questions and exclamations do not count, for headlines
    are often either. Bool, shape (n,).
    """
    lengths = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    short = np.flatnonzero((lengths <= BODY_CHARS) & (lengths >= SENTENCE_CHARS))
    body = lengths > BODY_CHARS
    some = text.take(pa.array(short))
    body[short] = _matches(some, _FULL_STOP) & ~_matches(some, _ABBREVIATION)
    return np.asarray(body, dtype=bool)


def ends_sentence(text: pa.Array) -> Mask:
    """Tell which texts end as a sentence does, in any script. Bool, shape (n,)."""
    return _matches(text, _SENTENCE) & ~_matches(text, _ABBREVIATION)


def folded(text: pa.Array) -> pa.Array:
    """Return text for comparison: NFKC, lower case, letters, marks and digits in one-space words."""
    lower = pc.utf8_lower(pc.utf8_normalize(text, "NFKC"))
    return pc.utf8_trim(pc.replace_substring_regex(lower, r"[^\pL\pM\pN]+", " "), " ")


def _matches(text: Any, pattern: str) -> Mask:
    return np.asarray(pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False), dtype=bool)
