"""The text of each JSON line by a kernel, and the little that is left of the line for the full parser.

A line is mostly text. To parse it, and to bring the text into Arrow by way of a string of Python, takes five
times as long as to copy the text where it belongs and to parse the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.kernels.json_strings import PAD
from pipeline.kernels.objects import READ, Room, read_lines
from pipeline.read.lines import Line


class Cut(NamedTuple):
    """Lines cut in two. Line `i` of the batch has the text `texts[place[i]]`; where `place[i]` is -1 it is whole.

    rest: of each line what is left without the text, which is "" in it; the line itself where it is whole.
    """

    texts: pa.Array
    place: list[int]
    rest: list[bytes]


class Space:
    """Arrays that the batches of an input use one after the other: fresh ones cost more than what is done in them."""

    def __init__(self) -> None:
        """Nothing is allocated before it is needed."""
        self.room = Room()
        self._buffer = np.empty(0, np.uint8)

    def filled(self, data: bytes) -> NDArray[np.uint8]:
        """Return an array that begins with the data and has PAD bytes behind it, good until the next call."""
        if len(self._buffer) < len(data) + PAD:
            self._buffer = np.empty(len(data) + PAD, np.uint8)
        self._buffer[: len(data)] = np.frombuffer(data, np.uint8)
        return self._buffer


def cut(lines: Sequence[Line], key: str, longest: int, space: Space) -> Cut:
    """Cut the lines in which `key` has a text, and of which the kernel is sure that they are valid JSON.

    longest: bytes of the longest line that is cut. texts: large_string.
    """
    data = b"\n".join([line.data if line.whole else b"" for line in lines])
    found = read_lines(space.filled(data), len(data), key.encode(), b"", longest, space.room)
    read = np.flatnonzero(found.kind == READ)
    begins, ends = (found.raw - found.begin[read, None]).T
    place, rest = [-1] * len(lines), [line.data for line in lines]
    for number, (at, begin, end) in enumerate(zip(read.tolist(), begins.tolist(), ends.tolist(), strict=True)):
        if begin >= 0:  # else the text is null or missing
            place[at] = number
            rest[at] = rest[at][:begin] + rest[at][end:]
    bounds = found.text_offsets
    buffers = [None, pa.py_buffer(bounds.tobytes()), pa.py_buffer(found.texts[: bounds[-1]].tobytes())]
    return Cut(pa.Array.from_buffers(pa.large_string(), len(bounds) - 1, buffers), place, rest)
