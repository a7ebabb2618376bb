"""Labelled duplicates: JSONL of texts in clusters, or of pairs of texts, told apart by their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.errors import InputError, RunError

Ints = NDArray[np.int64]
Row = dict[str, Any]

#: Columns that hold the two texts of a pair, in the order in which they are looked for.
PAIR_COLUMNS = (
    ("a", "b"),
    ("text_a", "text_b"),
    ("text1", "text2"),
    ("text_1", "text_2"),
    ("sentence1", "sentence2"),
    ("left", "right"),
)
_WHAT = "write rows with `text` and `cluster`, or with two texts `a`, `b` and `label`"


class Clusters(NamedTuple):
    """Texts of which those of one cluster are copies of each other."""

    ids: list[str]
    texts: pa.Array  #: large_string
    cluster: Ints  #: number of the cluster of each text
    groups: list[str]  #: of each text, "" where no group was asked for
    skipped: dict[str, int]  #: rows left out, by the reason


class Pairs(NamedTuple):
    """Pairs of texts that are copies of each other (label 1) or are not (0)."""

    ids: list[str]  #: of each pair
    texts: pa.Array  #: large_string, each text once
    left: Ints  #: row of `texts`, of each pair
    right: Ints
    label: NDArray[np.bool_]
    groups: list[str]  #: of each pair
    skipped: dict[str, int]


def read(
    paths: Sequence[str | Path], texts: str | Path | None = None, skip: Sequence[str] = (), by: str = ""
) -> Clusters | Pairs:
    """Return the labelled rows of JSONL files.

    texts: JSONL with `id` and `text`, where the two columns of pairs hold ids instead of texts. skip: columns; a
    row in which one of them is true is left out. by: column whose value is the row's group. Pairs whose
    `label` is null are left out.

    Raises InputError, with file and line, for what cannot be read; RunError where nothing is left to measure, and
    SettingsError never.
    """
    rows = [found for path in paths for found in _rows(Path(path))]
    if not rows:
        raise RunError(f"there are no labelled rows ({', '.join(map(str, paths)) or 'no file given'}); {_WHAT}")
    for column in (*skip, *([by] if by else [])):
        if not any(column in row for _, row in rows):
            raise InputError(f"no row has a column {column!r}; there are {', '.join(map(repr, rows[0][1]))}")
    names = _pair_columns(rows[0][1])
    skipped = {column: sum(bool(row.get(column)) for _, row in rows) for column in skip}
    rows = [(where, row) for where, row in rows if not any(row.get(column) for column in skip)]
    if names:
        return _pairs(rows, names, _texts(texts), by, skipped)
    return _clusters(rows, by, skipped)


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give a JSONL file of labelled texts") from error
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            where = f"{path} line {number}"
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise InputError(f"{where} is not valid JSON ({error}); correct it") from error
            if not isinstance(row, dict):
                raise InputError(f"{where} is no JSON object; {_WHAT}")
            yield where, row


def _pair_columns(row: Row) -> tuple[str, str] | None:
    """Return the names of the columns with the two texts; None: the rows are texts in clusters."""
    for names in PAIR_COLUMNS if "label" in row else ():
        if all(name in row for name in names):
            return names
    if "text" in row and "cluster" in row:
        return None
    raise InputError(f"the columns {', '.join(map(repr, row))} are no labels of duplicates; {_WHAT}")


def _clusters(rows: Sequence[tuple[str, Row]], by: str, skipped: dict[str, int]) -> Clusters:
    numbers: dict[Any, int] = {}
    cluster = [numbers.setdefault(_cluster(row, where), len(numbers)) for where, row in rows]
    if len(rows) < 2:
        raise RunError("fewer than two labelled texts are left; skip less")
    texts = [_string(row, "text", where) for where, row in rows]
    ids = [str(row.get("id") or row.get("doc_id") or where) for where, row in rows]
    groups = [_group(row, by) for _, row in rows]
    return Clusters(ids, pa.array(texts, pa.large_string()), np.array(cluster, np.int64), groups, skipped)


def _cluster(row: Row, where: str) -> str | int:
    value = row.get("cluster")
    if not isinstance(value, (str, int)):
        raise InputError(f"{where} has no text or number in `cluster`; write the name of its cluster")
    return value


def _pairs(
    rows: Sequence[tuple[str, Row]], names: tuple[str, str], texts: dict[str, str], by: str, skipped: dict[str, int]
) -> Pairs:
    unlabelled = sum(row.get("label") is None for _, row in rows)
    rows = [(where, row) for where, row in rows if row.get("label") is not None]
    if not rows:
        raise RunError("no labelled pair is left; skip less, or label more")
    numbers: dict[str, int] = {}
    sides = [
        [numbers.setdefault(_side(row, name, where, texts), len(numbers)) for where, row in rows] for name in names
    ]
    left, right = (np.array(side, dtype=np.int64) for side in sides)
    label = np.array([_label(row, where) for where, row in rows], dtype=bool)
    ids = [str(row.get("id") or where) for where, row in rows]
    skipped = skipped | ({"label is null": unlabelled} if unlabelled else {})
    array = pa.array(list(numbers), pa.large_string())
    return Pairs(ids, array, left, right, label, [_group(row, by) for _, row in rows], skipped)


def _side(row: Row, name: str, where: str, texts: dict[str, str]) -> str:
    value = _string(row, name, where)
    if texts and value not in texts:
        raise InputError(f"{where} names {value!r} in `{name}`, which is no id of the texts given; check --texts")
    return texts[value] if texts else value


def _texts(path: str | Path | None) -> dict[str, str]:
    rows = _rows(Path(path)) if path is not None else iter(())
    return {str(row.get("id") or row.get("doc_id") or where): _string(row, "text", where) for where, row in rows}


def _label(row: Row, where: str) -> bool:
    if row["label"] not in (0, 1):
        raise InputError(f"{where} has {str(row['label'])[:60]!r} in `label`; write 1, 0 or null")
    return bool(row["label"])


def _string(row: Row, name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise InputError(f"{where} has no text in `{name}`; write a string")
    return value


def _group(row: Row, by: str) -> str:
    value = row.get(by) if by else ""
    return "" if value is None else str(value)
