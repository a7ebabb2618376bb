from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.texts import Texts

documents = st.lists(st.lists(st.text(max_size=5), min_size=1, max_size=4), min_size=1, max_size=9)


@given(documents, st.data())
def test_documents_and_paragraphs_come_in_the_order_asked_for(docs: list[list[str]], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(docs)))
    halves = [[p for doc in part for p in doc] for part in (docs[:cut], docs[cut:])]
    columns = [pa.chunked_array([pa.array(["x", *half], pa.large_string())[1:]]) for half in halves]
    shards = [columns[0], lambda: columns[1]]
    texts = Texts(shards, np.concatenate([[0], np.cumsum([len(doc) for doc in docs])]))
    rows = data.draw(st.lists(st.integers(0, len(docs) - 1), max_size=12))
    assert texts.documents(np.array(rows, np.int64)).to_pylist() == ["\n\n".join(docs[row]) for row in rows]
    flat = halves[0] + halves[1]
    rows = data.draw(st.lists(st.integers(0, len(flat) - 1), max_size=12))
    assert texts.paragraphs(np.array(rows, np.int64)).to_pylist() == [flat[row] for row in rows]
