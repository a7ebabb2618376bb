"""A JSONL corpus with planted copies, drawn from any pool of texts; the same seed gives the same bytes.

Ten in a hundred documents are exact copies, ten are near copies of seven kinds in equal parts, one in
two hundred belongs to a hot cluster of 25. Copies are always of originals, and come after them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks import corpora

EXACT, NEAR, HOT, HOT_SIZE = 0.10, 0.10, 0.005, 25
#: Originals that copies are made of: memory stays bounded whatever the size of the corpus.
REMEMBERED = 5000
#: Texts of the pool that are in memory to be shuffled: pools are sorted by source.
SHUFFLED = 50_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write(path: Path, size: int, seed: int, pool: Path | None, forms: float, damaged: float) -> None:
    """Write a corpus of about `size` bytes of text to `path`, and what was planted to `path.planted`.

    pool: JSONL (also gz, zst, bz2) with `text`; None: invented words. forms: share of originals that end
    with a comment form. damaged: share of originals that are mojibake themselves.
    A row of the planted file is `id`, `kind`, `of` (the id of the original).
    """
    maker = Maker(seed, pool, forms, damaged)
    done = number = 0
    with path.open("w", encoding="utf-8") as corpus, Path(f"{path}.planted").open("w", encoding="utf-8") as planted:
        while done < size:
            kind, of, text = maker.document(number)
            corpus.write(json.dumps({"id": f"d{number}", "text": text}, ensure_ascii=False) + "\n")
            if of is not None:
                planted.write(json.dumps({"id": f"d{number}", "kind": kind, "of": f"d{of}"}) + "\n")
            done += len(text.encode())
            number += 1


class Maker:
    """Draws one document after the other."""

    def __init__(self, seed: int, pool: Path | None, forms: float, damaged: float) -> None:
        self._random = random.Random(seed)
        self._fresh = _pool(pool, random.Random(seed)) if pool else corpora._written(np.random.default_rng(seed))
        self._forms, self._damaged = forms, damaged
        self._originals: list[tuple[int, str]] = []
        self._hot: list[tuple[int, str]] = []

    def document(self, number: int) -> tuple[str, int | None, str]:
        """Return (kind, number of the original or None, text) of the next document."""
        dice = self._random.random()
        if self._originals and dice < EXACT + NEAR + HOT:
            if dice < HOT:
                kind, (of, text) = "hot", self._template()
            else:
                kind = "exact" if dice < HOT + EXACT else self._random.choice(sorted(NEAR_KINDS))
                of, text = self._random.choice(self._originals)
            return kind, of, text if kind == "exact" else KINDS[kind](self._random, text, self._other)
        text = self._original()
        self._remember(number, text)
        return "original", None, text

    def _original(self) -> str:
        text = next(self._fresh)
        if self._random.random() < self._forms:
            text = f"{text}\n\n{corpora.FORM}"
        return mojibake(text) if self._random.random() < self._damaged else text

    def _remember(self, number: int, text: str) -> None:
        if len(self._originals) < REMEMBERED:
            self._originals.append((number, text))
        else:
            self._originals[self._random.randrange(REMEMBERED)] = (number, text)

    def _template(self) -> tuple[int, str]:
        if not self._hot:
            self._hot = [self._random.choice(self._originals)] * (HOT_SIZE - 1)
        return self._hot.pop()

    def _other(self) -> str:
        return self._random.choice(self._originals)[1]


def edited(share: float) -> Callable[..., str]:
    """Return a copier that replaces that share of the words by words of another text."""

    def copy(rng: random.Random, text: str, other: Callable[[], str]) -> str:
        parts = re.split(r"(\s+)", text)
        words = [i for i in range(0, len(parts), 2) if parts[i]]
        foreign = other().split() or ["elsewhere"]
        for place in rng.sample(words, min(len(words), max(1, round(share * len(words))))):
            parts[place] = rng.choice(foreign)
        return "".join(parts)

    return copy


def tailed(rng: random.Random, text: str, other: Callable[[], str]) -> str:
    """Append 5 to 30 % as many words of another text."""
    words = other().split()
    return f"{text}\n\n{' '.join(words[: max(1, round(len(text.split()) * rng.uniform(0.05, 0.3)))])}"


def truncated(rng: random.Random, text: str, other: Callable[[], str]) -> str:
    """Cut 5 to 30 % off the end."""
    return text[: round(len(text) * rng.uniform(0.7, 0.95))]


def mojibake(text: str, *_: Any) -> str:
    """Return the text with typographic quotes, read with the wrong charset."""
    return text.replace("'", "’").replace('"', "”").encode().decode("cp1252", errors="replace")


def mistaken(rng: random.Random, text: str, other: Callable[[], str]) -> str:
    """Return a mojibake copy."""
    return mojibake(text)


NEAR_KINDS: dict[str, Callable[..., str]] = {
    "edit2": edited(0.02),
    "edit5": edited(0.05),
    "edit10": edited(0.10),
    "edit20": edited(0.20),
    "tail": tailed,
    "truncated": truncated,
    "mojibake": mistaken,
}
KINDS = NEAR_KINDS | {"hot": edited(0.005)}


def _pool(path: Path, rng: random.Random) -> Iterator[str]:
    """Yield the texts of the pool, shuffled; from the second time on in an alphabet of their own, so all are new."""
    alphabet = LETTERS
    while True:
        cipher = str.maketrans(LETTERS + LETTERS.upper(), alphabet + alphabet.upper())
        texts = _texts(path)
        while block := list(islice(texts, SHUFFLED)):
            rng.shuffle(block)
            yield from (text if alphabet == LETTERS else text.translate(cipher) for text in block)
        alphabet = "".join(rng.sample(LETTERS, len(LETTERS)))


def _texts(path: Path) -> Iterator[str]:
    with pa.input_stream(str(path), compression="detect") as file:
        rest = b""
        while block := file.read(1 << 22):
            *lines, rest = (rest + block).split(b"\n")
            yield from (json.loads(line)["text"] for line in lines)
        if rest.strip():
            yield json.loads(rest)["text"]
