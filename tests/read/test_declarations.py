from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read.declarations import labels


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta charset="koi8-r">', ["koi8-r"]),
        ("<META CHARSET = 'koi8-r' />", ["koi8-r"]),
        ("<meta charset=koi8-r>", ["koi8-r"]),
        ("<meta name=x charset=koi8-r>", ["koi8-r"]),
        ('<meta http-equiv="content-type" content="text/html; charset=koi8-r">', ["koi8-r"]),
        ("<meta content='text/html;charset=\"koi8-r\"' http-equiv=Content-Type>", ["koi8-r"]),
        ('<?xml version="1.0" encoding="koi8-r"?><meta charset="cp866">', ["koi8-r", "cp866"]),
        ('\n <?xml version="1.0" encoding="koi8-r"?>', ["koi8-r"]),
        ('text <?xml version="1.0" encoding="koi8-r"?>', []),
        ('<meta name="description" content="charset=koi8-r">', []),
        ('<meta http-equiv="refresh" content="0; url=?charset=koi8-r">', []),
        ('<!-- <meta charset="koi8-r"> --><meta charset="cp866">', ["cp866"]),
        ('<!-- <meta charset="koi8-r">', []),
        ('<metal charset="koi8-r">', []),
        ('<p charset="koi8-r">', []),
        ("charset=koi8-r", []),
        ('<meta charset="">', []),
        (" " * 1010 + '<meta charset="koi8-r">', []),
        ("", []),
    ],
)
def test_labels(head: str, expected: list[str]) -> None:
    assert list(labels(head.encode())) == expected


@given(st.binary(max_size=100))
def test_any_bytes_give_labels_or_none(data: bytes) -> None:
    for label in labels(b"<meta " + data + b"<meta charset='" + data):
        label.encode()
