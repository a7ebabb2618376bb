"""What every adapter is given and gives back. Imports nothing that a bare Python does not have.

    python adapter.py --input FILE.jsonl --kept FILE --threshold 0.8 --bands 9 --rows 13 …

The corpus has one object a line, `id` and `text`. The ids of the documents that stay go to --kept, one a
line. Nothing else counts; what is printed is shown when the adapter fails.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

try:
    from orjson import loads
except ImportError:
    from json import loads

WORD = re.compile(r"\w+")


def given() -> argparse.Namespace:
    """Return what the adapter was started with."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", required=True)
    parser.add_argument("--kept", required=True)
    parser.add_argument("--scratch", required=True, help="an empty folder for what lies in between")
    parser.add_argument("--threshold", type=float, required=True)
    parser.add_argument("--permutations", type=int, required=True)
    parser.add_argument("--bands", type=int, required=True, help="datasketch's optimum for the threshold")
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--ngram", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    return parser.parse_args()


def documents(path: str) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of each document."""
    with Path(path).open("rb") as file:
        for line in file:
            row = loads(line)
            yield row["id"], row["text"]


def batches(path: str, size: int) -> Iterator[tuple[list[str], list[str]]]:
    """Yield (ids, texts) of `size` documents at a time."""
    ids: list[str] = []
    texts: list[str] = []
    for name, text in documents(path):
        ids.append(name)
        texts.append(text)
        if len(ids) == size:
            yield ids, texts
            ids, texts = [], []
    if ids:
        yield ids, texts


def shingles(text: str, n: int) -> set[str]:
    """Return the n-word shingles of a text: lower case, words are runs of letters, digits and `_`."""
    words = WORD.findall(text.lower())
    return {" ".join(words[i : i + n]) for i in range(len(words) - n + 1)}


def keep(path: str, ids: Iterable[str]) -> None:
    """Write the ids of the documents that stay."""
    with Path(path).open("w", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in ids)


def write_rows(path: str, rows: Iterable[tuple[str, str]]) -> None:
    """Write documents as JSONL, for tools that want them cut into several files."""
    with Path(path).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n" for name, text in rows)
