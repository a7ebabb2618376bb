"""Streams: the bytes of an input, decompressed, in blocks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import IO

import pyarrow as pa

from pipeline import stores
from pipeline.errors import InputError
from pipeline.read import storage
from pipeline.read.inputs import Input
from pipeline.settings import ReadSettings

BLOCK = 1 << 20


def blocks(item: Input, settings: ReadSettings) -> Iterator[bytes]:
    """Yield the bytes of the input in blocks of at most 1 MiB.

    Raises InputError, a clause that says why, where the stream cannot be opened, breaks off, or unpacks to more than
    the settings allow; all bytes before that have been yielded then. RunError where an object store fails.
    """
    given = 0
    try:
        most = _most(item, settings)
        with _opened(item) as stream:
            while block := stream.read(BLOCK):
                given += len(block)
                yield block
                if given > most:
                    raise InputError(expands(most, settings))
    except OSError as error:
        if item.compression and item.path != "-":
            yield from _rest(item, given)
        raise InputError(_reason(error)) from error


def expands(most: int, settings: ReadSettings) -> str:
    """Return why an input is not read beyond `most` bytes, as a clause."""
    if most < settings.max_unpacked_bytes:
        times = f"{settings.max_expansion} times as large"
        return f"it is over {times} when it is unpacked: raise read.max_expansion if it is sound"
    return f"it unpacks to more than {most:,} bytes: raise read.max_unpacked_bytes if it is sound"


def _most(item: Input, settings: ReadSettings) -> int:
    """Return how many bytes of an input are read: of a compressed one no more than the settings allow."""
    return unpacked(item, settings) if item.compression and item.path != "-" else sys.maxsize


def unpacked(item: Input, settings: ReadSettings) -> int:
    """Return how many bytes a file that compresses may unpack to. Raises OSError or RunError."""
    size = storage.state(item.path)[0] if stores.is_remote(item.path) else os.stat(item.path).st_size  # noqa: PTH116
    return min(max(settings.max_expansion * size, settings.max_document_bytes), settings.max_unpacked_bytes)


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
