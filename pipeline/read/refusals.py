"""Refusals: what could not be read, and why, as rows of quarantine."""

from __future__ import annotations

import pyarrow as pa

from pipeline.read.inputs import Input
from pipeline.schema import QUARANTINE
from pipeline.shown import shown


class Refusals:
    """Rows of quarantine of one input, gathered until the next batch leaves."""

    def __init__(self, item: Input, raw_bytes: int) -> None:
        """`raw_bytes`: how many of the first bytes of each refused thing are kept."""
        self._item = item
        self._raw_bytes = raw_bytes
        self._rows: list[dict[str, object]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def line(self, number: int, why: str, raw: bytes) -> None:
        """Refuse one line; `why` completes the sentence "NAME line N …"."""
        self._add(number, f"{self._item.name} line {number} {why}; it went to quarantine/", raw)

    def row(self, number: int, why: str, raw: bytes = b"") -> None:
        """Refuse one row; `why` completes the sentence "NAME row N …"."""
        self._add(number, f"{self._item.name} row {number} {why}; it went to quarantine/", raw)

    def rest(self, last: int, unit: str, why: str, raw: bytes = b"") -> None:
        """Refuse what follows the last sound line or row, or the whole input when `last` is 0."""
        if last:
            where = f"is cut off after {unit} {last} ({why}): the {unit}s before it were kept"
            self._add(last, f"{self._item.name} {where}", raw)
        else:
            self.whole(f"cannot be read ({why}): check the file", raw)

    def whole(self, why: str, raw: bytes = b"") -> None:
        """Refuse the whole input; `why` completes the sentence that starts with its name."""
        self._add(None, f"{self._item.name} {why}", raw)

    def flush(self) -> pa.Table:
        """Return the rows gathered so far (schema QUARANTINE), by position, and forget them."""
        self._rows.sort(key=_place)
        table = pa.Table.from_pylist(self._rows, schema=QUARANTINE)
        self._rows = []
        return table

    def _add(self, position: int | None, error: str, raw: bytes) -> None:
        row: dict[str, object] = {
            "source": self._item.source,
            "position": position,
            "error": shown(error),  # names of columns and what libraries say may hold terminal escapes
            "raw": raw[: self._raw_bytes],
        }
        self._rows.append(row)


def _place(row: dict[str, object]) -> int:
    position = row["position"]
    return position if isinstance(position, int) else 0
