"""Tables that the tests of this room judge."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pipeline.schema import PARAGRAPHS, RAW


def paragraphs(documents: Sequence[Sequence[str]], first: int = 0) -> pa.Table:
    rows = [(first + n, f"d{first + n}", i, text) for n, texts in enumerate(documents) for i, text in enumerate(texts)]
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, PARAGRAPHS, strict=True)], schema=PARAGRAPHS)


def documents(rows: Sequence[dict[str, str | None]]) -> pa.Table:
    made = [
        {"doc": n, "doc_id": f"d{n}", "source": "test", "position": n + 1, "text": "", **row}
        for n, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(made, schema=RAW)
