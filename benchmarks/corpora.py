"""Corpora to measure on: English articles of about 4 KB, with the damage of scraped pages planted.

The words are drawn from a vocabulary with Zipf's frequencies, so that no text of others is needed; give
`--pool` (JSONL, `text`) to draw from real texts instead. `short` has documents of many short paragraphs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SYLLABLES = [
    "ba",
    "con",
    "de",
    "fer",
    "gi",
    "hol",
    "in",
    "jur",
    "ka",
    "lo",
    "men",
    "nor",
    "ou",
    "pre",
    "qui",
    "ra",
    "sta",
    "ti",
    "ul",
    "ver",
    "wes",
    "yo",
    "zen",
    "thr",
    "ing",
    "ed",
]
#: Planted in every corpus, as shares of the documents.
EXACT, NEAR, FORMS, MOJIBAKE = 0.10, 0.10, 0.25, 0.03
#: Of `short`: shares of the documents, and of the paragraphs of the others.
SHORT_EXACT, SHORT_NEAR, SHORT_PARAGRAPHS = 0.10, 0.05, 0.05
#: Documents that are drawn at once, and that later ones copy from.
DRAWN = 1000
FORM = "Leave a Reply\n\nYour email address will not be published. Required fields are marked *"


def articles(size: int, seed: int, pool: Path | None) -> Iterator[dict[str, str]]:
    """Yield documents with `id` and `text` until their text is `size` bytes."""
    random = np.random.default_rng(seed)
    fresh = _pool(pool) if pool else _written(random)
    texts: list[str] = []
    done = 0
    while done < size:
        text = _planted(random, texts, fresh)
        texts.append(text)
        if len(texts) > 5000:
            texts.pop(int(random.integers(0, 5000)))
        done += len(text.encode())
        yield {"id": f"a{done}", "text": text}


def write(path: Path, size: int, seed: int = 7, pool: Path | None = None) -> int:
    """Write a JSONL corpus of about `size` bytes of text; return its size on disk."""
    with path.open("w", encoding="utf-8") as file:
        for row in articles(size, seed, pool):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path.stat().st_size


def short(documents: int, seed: int, paragraphs: int = 20) -> Iterator[dict[str, str]]:
    """Yield documents of short paragraphs, of 8 to 15 words each, with what is planted in them in `plant`.

    `exact`: a copy of an earlier document; `near`: one with its last word exchanged; else `new`, in which a share of
    the paragraphs is taken from earlier documents.
    """
    random = np.random.default_rng(seed)
    vocabulary, frequencies = _vocabulary(random)
    earlier: list[list[str]] = []
    for first in range(0, documents, DRAWN):
        lengths = random.integers(8, 16, (min(DRAWN, documents - first), paragraphs))
        words = vocabulary[random.choice(len(vocabulary), int(lengths.sum()), p=frequencies)]
        ends = np.cumsum(lengths)
        texts = np.array([" ".join(part) for part in np.split(words, ends[:-1])], object).reshape(lengths.shape)
        drawn: list[list[str]] = []
        for number, text in enumerate(texts.tolist(), first):
            plant, made = _short(random, text, earlier)
            drawn.append(made)
            yield {"id": f"s{number}", "text": "\n\n".join(made), "plant": plant}
        earlier = drawn


def _short(random: np.random.Generator, text: list[str], earlier: list[list[str]]) -> tuple[str, list[str]]:
    """Return what is planted, and the paragraphs."""
    dice = random.random()
    if not earlier or dice >= SHORT_EXACT + SHORT_NEAR:
        taken = np.flatnonzero(random.random(len(text)) < SHORT_PARAGRAPHS) if earlier else ()
        for place in taken:
            text[place] = _one(random, earlier)[place]
        return "new", text
    copied = _one(random, earlier)
    if dice < SHORT_EXACT:
        return "exact", copied
    return "near", [*copied[:-1], f"{copied[-1].rpartition(' ')[0]} elsewhere"]


def _one(random: np.random.Generator, earlier: list[list[str]]) -> list[str]:
    return earlier[int(random.integers(0, len(earlier)))]


def _planted(random: np.random.Generator, earlier: list[str], fresh: Iterator[str]) -> str:
    dice = random.random()
    if earlier and dice < EXACT:
        return earlier[int(random.integers(0, len(earlier)))]
    if earlier and dice < EXACT + NEAR:
        return _edited(random, earlier[int(random.integers(0, len(earlier)))])
    text = next(fresh)
    if random.random() < FORMS:
        text = f"{text}\n\n{FORM}"
    if random.random() < MOJIBAKE:
        text = text.encode("utf-8").decode("cp1252", errors="replace")
    return text


def _edited(random: np.random.Generator, text: str) -> str:
    """Return the text with every 50th word or so replaced."""
    words = text.split(" ")
    for place in random.integers(0, len(words), max(1, len(words) // 50)):
        words[int(place)] = "elsewhere"
    return " ".join(words)


def _pool(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)["text"]


def _written(random: np.random.Generator) -> Iterator[str]:
    vocabulary, frequencies = _vocabulary(random)
    while True:
        words = [vocabulary[i] for i in random.choice(len(vocabulary), 700, p=frequencies)]
        sentences = [" ".join(words[i : i + 14]).capitalize() for i in range(0, 700, 14)]
        closed = [f"“{s},” the mayor’s office said." if i % 9 == 4 else f"{s}." for i, s in enumerate(sentences)]
        yield "\n\n".join(" ".join(closed[i : i + 4]) for i in range(0, len(closed), 4))


def _vocabulary(random: np.random.Generator) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return 20,000 words and their frequencies by Zipf's law, in sum 1."""
    vocabulary = ["".join(random.choice(SYLLABLES, random.integers(1, 4))) for _ in range(20_000)]
    frequencies = 1 / np.arange(1, len(vocabulary) + 1)
    return np.array(vocabulary, object), frequencies / frequencies.sum()
