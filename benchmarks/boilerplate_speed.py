"""Megabytes a second of judging by rules, part by part, beside one RE2 pass a rule.

    python -m benchmarks.boilerplate_speed --megabytes 40

One process, processor time, the best of three runs. `RE2 a rule` is the approach of version 0.1: `line`
values by a lookup of normalised texts, the values of each `prefix` rule and each `pattern` rule as one RE2
pattern over all texts of at most 600 characters.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import corpora
from pipeline import arrow
from pipeline.boilerplate import matching
from pipeline.boilerplate.judge import judge
from pipeline.boilerplate.rules import Rules, load, pattern
from pipeline.kernels import prefixes
from pipeline.schema import PARAGRAPHS
from pipeline.settings import BoilerplateSettings

MARKS = "[\\s*·•●■▪»«›‹|:;,.…!#_~+=/→←↑↓▶►▸▼▲✓✔✕×()\\[\\]{}<>–—-]*"


def main() -> None:
    """Print a line a part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=40)
    parser.add_argument("--pool", type=Path, help="JSONL with `text` to draw articles from")
    given = parser.parse_args()
    rules = load(BoilerplateSettings())
    table = _paragraphs(given.megabytes * 10**6, given.pool)
    size = table["text"].nbytes
    values = len(rules.lines) + len(rules.prefixes)
    print(
        f"{size / 1e6:.0f} MB, {table.num_rows} paragraphs, {len(rules.paragraphs)} rules, "
        f"{values} values of words, {len(rules.patterns)} patterns"
    )
    took = {name: _seconds(part) for name, part in _parts(table, rules).items()}
    for name, seconds in took.items():
        print(f"{name:32}{size / 1e6 / seconds:8.0f} MB/s{seconds * 1000:8.0f} ms")
    print(f"judge is {took['RE2 a rule'] / took['judge']:.1f} times as fast as RE2 a rule")


def _parts(table: pa.Table, rules: Rules) -> dict[str, Callable[[], object]]:
    text = arrow.large_strings(table["text"])
    chars = arrow.string_lengths(text)
    short = np.flatnonzero(chars <= matching.MAX_CHARS)
    data, offsets = arrow.text_view(text)

    def words() -> np.ndarray:
        found = np.zeros(len(text), np.int64)
        found[short] = prefixes.count_words(data, offsets[short], offsets[short + 1])
        return found

    counted = words()
    return {
        "judge": lambda: judge(table, rules),
        "  words counted": words,
        "  line and prefix values": lambda: matching._by_words(text, rules, chars, counted),
        "  patterns": lambda: matching._by_pattern(text, rules, short, counted),
        "RE2 a rule": lambda: _each(text.take(pa.array(short)), rules),
    }


def _seconds(part: Callable[[], object]) -> float:
    part()
    took = []
    for _ in range(3):
        began = time.process_time()
        part()
        took.append(time.process_time() - began)
    return min(took)


def _paragraphs(size: int, pool: Path | None) -> pa.Table:
    rows = [
        (doc, f"d{doc}", position, text)
        for doc, article in enumerate(corpora.articles(size, 7, pool))
        for position, text in enumerate(filter(None, re.split(r"\n\s*\n", article["text"])))
    ]
    columns = zip(*rows, strict=True)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, PARAGRAPHS, strict=True)], schema=PARAGRAPHS)


def _each(text: pa.Array, rules: Rules) -> int:
    """Return how many matches one pass a rule finds."""
    lower = pc.utf8_lower(pc.utf8_normalize(text, "NFKC"))
    plain = pc.utf8_trim(pc.replace_substring_regex(lower, r"[^\pL\pM\pN]+", " "), " ")
    lines = pa.array([value.words for value in rules.lines], pa.large_string())
    found = int(pc.sum(pc.is_in(plain, lines)).as_py())
    by_rule: dict[int, list[str]] = {}
    for number, rule in enumerate(rules.paragraphs):
        if rule.match == "prefix":
            by_rule[number] = ["\\s+".join(map(re.escape, value.split())) for value in rule.values]
    patterns = [f"^(?i:{MARKS}(?:{'|'.join(values)}))" for values in by_rule.values()]
    patterns += [pattern(rule).anchored for rule in rules.paragraphs if rule.match == "pattern"]
    for each in patterns:
        found += int(pc.sum(pc.match_substring_regex(text, each)).as_py())
    return found


if __name__ == "__main__":
    main()
