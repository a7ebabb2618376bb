"""Sites of our own writing: the parts of a case around articles of drawn words."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pyarrow as pa

from pipeline.schema import RAW

# fmt: off
WORDS = [
    "river", "mayor", "council", "bridge", "school", "market", "winter", "harvest",
    "road", "train", "paper", "night", "morning", "boat", "light", "garden",
    "harbour", "field", "window", "story", "letter", "engine", "valley", "tower",
    "baker", "farmer", "orchard", "quarry", "chapel", "meadow", "ferry", "kiln",
]
# fmt: on
PEOPLE = ["Jane Roe", "Tom Berg", "Ada Lind", "Karl Moss", "Nils Ohm", "Eva Rain"]
BEATS = ["the courts", "the harbour", "the schools", "the council"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]


def sentence(rng: random.Random, words: int = 12) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + "."


def article(rng: random.Random, case: dict[str, Any]) -> list[str]:
    if case.get("short"):
        return [sentence(rng, 8)]
    if case.get("poem"):
        return [sentence(rng, 6)[:-1] for _ in range(8)]
    return [" ".join(sentence(rng) for _ in range(4)) for _ in range(6)]


def filled(text: str, rng: random.Random) -> str:
    month, beat, person = rng.choice(MONTHS), rng.choice(BEATS), rng.choice(PEOPLE)
    text = text.replace("{month}", month).replace("{beat}", beat).replace("{person}", person)
    text = text.replace("{headline}", " ".join(rng.choice(WORDS) for _ in range(5)).capitalize())
    while "{word}" in text:
        text = text.replace("{word}", rng.choice(WORDS), 1)
    while "{number}" in text:
        text = text.replace("{number}", str(rng.randrange(10_000)), 1)
    return text.replace("{day}", str(rng.randrange(1, 29)))


def site(case: dict[str, Any], seed: int = 3) -> tuple[list[list[tuple[str, int]]], list[datetime]]:
    """Return documents of (text, number of the part or -1) and their dates."""
    rng = random.Random(f"{seed} {case['label']}")
    same = article(rng, case)
    week = [filled("{headline}", rng) for _ in range(case.get("headlines", 6))]
    documents = []
    for number in range(case["documents"]):
        body = list(same) if case.get("copies") else article(rng, case)
        if case.get("edited"):
            body[number % len(body)] = sentence(rng, 50)
        documents.append(_with_parts(case, body, number, rng, week))
    days = [1 if case.get("one_day") and n % 2 == 0 else 1 + n % 28 for n in range(case["documents"])]
    return documents, [datetime(2031, 5, day, n % 24) for n, day in enumerate(days)]


def _with_parts(
    case: dict[str, Any], body: list[str], number: int, rng: random.Random, week: list[str]
) -> list[tuple[str, int]]:
    head: list[tuple[str, int]] = []
    tail: list[tuple[str, int]] = []
    middle = [(text, -1) for text in body]
    for index, part in enumerate(case["parts"]):
        if number % part.get("every", 1):
            continue
        for time in range(part.get("times", 1)):
            if part["text"] == "{headline}":
                tail += [(text, index) for text in rng.sample(week, 3)]
            elif part["place"] == "within":
                middle.insert(min(2 + 2 * time, len(middle) - 2), (filled(part["text"], rng), index))
            else:
                (head if part["place"] == "head" else tail).append((filled(part["text"], rng), index))
    return head + middle + tail


def raw(ids: list[int], dates: list[datetime], site: list[str]) -> pa.Table:
    rows = [
        {"doc": i, "doc_id": f"d{i}", "source": "test", "position": i + 1, "site": name, "date": date}
        for i, date, name in zip(ids, dates, site, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=RAW)
