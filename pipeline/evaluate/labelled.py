"""Labelled lines: JSONL in which every row is a document, its lines, and which of them are article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from pipeline.errors import InputError, RunError
from pipeline.schema import PARAGRAPHS, RAW

Labels = npt.NDArray[np.int8]

#: What `keep` says of a line: boilerplate, article, or the labellers could not tell.
BOILERPLATE, ARTICLE, UNSURE = 0, 1, -1
#: Language of documents that name none, by ISO 639-2.
UNDETERMINED = "und"

_MOST_SHOWN = 60


class Labelled(NamedTuple):
    """Labelled documents as the tables that the pipeline's own steps take."""

    #: schema RAW, one row a document; `doc_id` is the row's `id` or `doc_id`, else file and line.
    documents: pa.Table
    #: schema PARAGRAPHS, one row a line that is not blank; `position` counts blank lines too.
    paragraphs: pa.Table
    #: ARTICLE, BOILERPLATE or UNSURE, int8, one a paragraph.
    labels: Labels
    #: language of each document
    languages: list[str]


def read(paths: Sequence[str | Path]) -> Labelled:
    """Return the documents of JSONL files: `lines`, `keep` (1, 0, -1), optional `lang`, `url`, `title`, `id`.

    Raises InputError, with file and line, for a file that cannot be read, a row that is no JSON object, and
    `lines` and `keep` of unlike length or wrong type; RunError where there is no row at all.
    """
    rows = [(f"{path}:{number}", row) for path in paths for number, row in _rows(Path(path))]
    if not rows:
        names = ", ".join(map(str, paths)) or "no file given"
        raise RunError(f"there are no labelled lines ({names}); give JSONL with `lines` and `keep` a row")
    return Labelled(
        _documents(rows), _paragraphs(rows), _labels(rows), [row.get("lang") or UNDETERMINED for _, row in rows]
    )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give a JSONL file of labelled lines") from error
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            yield number, _row(line, f"{path} line {number}")


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{where} is not valid JSON ({error}); correct it") from error
    if not isinstance(row, dict):
        raise InputError(f"{where} is no JSON object; write {{'lines': [...], 'keep': [...]}}")
    _check(row, where)
    return row


def _check(row: dict[str, Any], where: str) -> None:
    lines, keep = row.get("lines"), row.get("keep")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InputError(f"{where} has no list of strings in `lines`; write one string a line of the page")
    if not isinstance(keep, list) or not all(type(label) is int and -1 <= label <= 1 for label in keep):
        raise InputError(f"{where} has no list of 1, 0 and -1 in `keep`; write 1 for article, 0 for boilerplate")
    if len(lines) != len(keep):
        raise InputError(f"{where} has {len(lines)} lines but {len(keep)} labels in `keep`; write one a line")
    for name in ("lang", "url", "title"):
        if row.get(name) is not None and not isinstance(row[name], str):
            raise InputError(
                f"{where} has {str(row[name])[:_MOST_SHOWN]!r} in `{name}`; write a string or leave it out"
            )


def _documents(rows: Sequence[tuple[str, dict[str, Any]]]) -> pa.Table:
    made = [
        {
            "doc": number,
            "doc_id": str(row.get("id") or row.get("doc_id") or place),
            "source": place.rpartition(":")[0],
            "position": int(place.rpartition(":")[2]),
            "title": row.get("title"),
            "url": row.get("url"),
            "text": "\n".join(row["lines"]),
        }
        for number, (place, row) in enumerate(rows)
    ]
    return pa.Table.from_pylist(made, schema=RAW)


def _paragraphs(rows: Sequence[tuple[str, dict[str, Any]]]) -> pa.Table:
    docs, positions = _places(rows)
    texts = [rows[doc][1]["lines"][position] for doc, position in zip(docs, positions, strict=True)]
    columns = [docs, [str(doc) for doc in docs], positions, texts]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, PARAGRAPHS, strict=True)], schema=PARAGRAPHS)


def _labels(rows: Sequence[tuple[str, dict[str, Any]]]) -> Labels:
    docs, positions = _places(rows)
    labels = [rows[doc][1]["keep"][position] for doc, position in zip(docs, positions, strict=True)]
    return np.array(labels, dtype=np.int8)


def _places(rows: Sequence[tuple[str, dict[str, Any]]]) -> tuple[list[int], list[int]]:
    """Return document and position of every line that is not blank."""
    places = [(n, i) for n, (_, row) in enumerate(rows) for i, line in enumerate(row["lines"]) if line.strip()]
    return [doc for doc, _ in places], [position for _, position in places]
