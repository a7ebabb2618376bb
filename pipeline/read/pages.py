"""Pages: how large a value of a Parquet file may be, told by what is read before it is unpacked.

A dictionary holds a long text once, and a run of a million rows that have it takes three bytes. The size of a row
group in the footer is that of the dictionary and the run, so a batch by that size would be a million long texts.
"""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

#: Bytes of text that one batch may be in memory, at worst.
AT_ONCE = 32 * 2**20
_DICTIONARY_PAGE = 2
#: A Thrift field that follows the one before, of type i32.
_NEXT_I32 = 0x15
#: What begins a page: three bytes, and two numbers of at most five.
_HEAD = 16


def rows_at_once(file: pq.FileMetaData, group: int, raw: Any) -> int:
    """Return how many rows of a row group can be read at once within `AT_ONCE`.

    raw: the file, to be read anywhere.
    """
    meta = file.row_group(group)
    longest = 0
    for index in range(meta.num_columns):
        column = meta.column(index)
        if column.physical_type == "BYTE_ARRAY":
            longest = max(longest, _longest(column, raw))
    return max(1, AT_ONCE // longest) if longest else max(meta.num_rows, 1)


def _longest(column: Any, raw: Any) -> int:
    """Return a bound for the values that many rows may share; 0 where each is written out."""
    if "DELTA_BYTE_ARRAY" in column.encodings:  # of values alike only the ends are written
        return int(column.total_uncompressed_size)
    raw.seek(column.dictionary_page_offset or column.data_page_offset)
    kind, size = _page(raw.read(_HEAD))
    return size if kind == _DICTIONARY_PAGE else 0


def _page(head: bytes) -> tuple[int, int]:
    """Return (type, bytes unpacked) of the page that begins so; (-1, 0) where it does not: Arrow refuses it too."""
    numbers = []
    at = 0
    for _ in range(2):
        value, shift = 0, 0
        if at >= len(head) or head[at] != _NEXT_I32:
            return -1, 0
        while True:
            at += 1
            if at >= len(head):
                return -1, 0
            value |= (head[at] & 0x7F) << shift
            shift += 7
            if head[at] < 0x80:
                break
        at += 1
        numbers.append((value >> 1) ^ -(value & 1))
    return numbers[0], max(numbers[1], 0)
