"""Streams: the bytes of an input, decompressed, in blocks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import IO

import pyarrow as pa

from pipeline import stores
from pipeline.errors import InputError
from pipeline.read import storage
from pipeline.read.inputs import Input

BLOCK = 1 << 20


def blocks(item: Input) -> Iterator[bytes]:
    """Yield the bytes of the input in blocks of at most 1 MiB.

    Raises InputError, a clause that says why, where the stream cannot be opened or breaks off; all
    bytes before the break have been yielded then. RunError where an object store fails.
    """
    given = 0
    try:
        with _opened(item) as stream:
            while block := stream.read(BLOCK):
                given += len(block)
                yield block
    except OSError as error:
        if item.compression and item.path != "-":
            yield from _rest(item, given)
        raise InputError(_reason(error)) from error


def _opened(item: Input) -> IO[bytes]:
    if item.path == "-":
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    file = storage.opened(item.path) if stores.is_remote(item.path) else item.path
    stream: IO[bytes] = pa.input_stream(file, compression=item.compression or None)
    return stream


def _rest(item: Input, given: int) -> Iterator[bytes]:
    """Yield what can still be read after the first `given` bytes of a broken stream.

    pyarrow drops what it has decompressed when a read fails, so a truncated file below 1 MiB would
    give nothing at all. Reading byte by byte gives all that came before the break.
    """
    kept = bytearray()
    with _opened(item) as stream:
        while given > 0:
            given -= len(stream.read(min(BLOCK, given)))
        try:
            while byte := stream.read(1):
                kept += byte
        except OSError:  # the error that brought us here: `blocks` raises it
            pass
    if kept:
        yield bytes(kept)


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    if "Truncated compressed stream" in text:
        return "the compressed stream ends too early"
    return text.removesuffix(".")
