"""The slow twin of `pipeline.read.lines`: the whole input in memory, cut by bytes.split."""

from __future__ import annotations


def lines(data: bytes, limit: int, kept: int) -> list[tuple[int, bytes, bool]]:
    """Return (number, line or its start, whole) of each line."""
    mark = b"\r" if b"\n" not in data and b"\r" in data else b"\n"
    pieces = data.removeprefix(b"\xef\xbb\xbf").split(mark)
    if not pieces[-1]:
        pieces.pop()
    return [
        (number, piece if len(piece) <= limit else piece[:kept], len(piece) <= limit)
        for number, piece in enumerate(pieces, 1)
    ]
