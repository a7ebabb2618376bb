"""Encoding repair beside `ftfy.fix_text`: same configuration, same texts, same run, one thread.

    python -m benchmarks.encoding
    python -m benchmarks.encoding --texts pool=articles.jsonl

Every result is compared with ftfy's. Where plsfix, a port of ftfy to Rust, is installed, it is timed and
compared as well, with ftfy's defaults: its configuration cannot be set from Python. The texts are sentences
of drawn words in which hardly a line comes twice, for a line that repeats is repaired once; `--texts` adds
real ones (JSONL, `text`). Each fixer takes and gives texts in its own form: an Arrow column here, Python
strings there.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ftfy
import numpy as np
import pyarrow as pa
import tomli

from pipeline.clean import segments
from pipeline.clean.repair import configuration, repair
from pipeline.clean.screen import suspects
from pipeline.settings import EncodingSettings

TONGUES = tomli.loads(Path(__file__).with_name("tongues.toml").read_text("utf-8"))["tongue"]
SETTINGS = EncodingSettings()
#: What UTF-8 is mistaken for; not every text can be mistaken for each.
MANGLED = ("sloppy-windows-1252", "macroman", "sloppy-windows-1251", "latin-1")


class Row(NamedTuple):
    """One line of the table: MB/s of each, and how many texts plsfix gave otherwise than ftfy."""

    name: str
    megabytes: float
    screened: float
    ours: float
    ftfy: float
    plsfix: float | None
    unequal: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=4)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--texts", action="append", default=[], metavar="NAME=FILE")
    given = parser.parse_args()
    size = int(given.megabytes * 1e6)
    corpora = {
        "English news": written(["English"], size, mangled=0),
        f"{len(TONGUES)} languages": written([t["name"] for t in TONGUES], size, mangled=0),
        "3% of documents mojibake": written(["English"], size, mangled=0.03),
        "all mojibake": written(["English", "German", "French", "Spanish", "Russian"], size // 4, mangled=1),
    }
    for text in given.texts:
        name, _, path = text.partition("=")
        corpora[name] = taken(Path(path), size)
    repair(pa.array(["â€™ é\u0301"], pa.large_string()), SETTINGS)  # tables are made once a process
    print("| texts | MB | lines to ftfy | ours MB/s | ftfy MB/s | ratio | plsfix MB/s | plsfix unequal |")
    print("|---|---|---|---|---|---|---|---|")
    for name, texts in corpora.items():
        print(told(measured(name, texts, given.runs)), flush=True)


def measured(name: str, texts: list[str], runs: int) -> Row:
    """Time all fixers on the texts, in turn; raise SystemExit where ours is not ftfy's answer."""
    config = configuration(SETTINGS)
    size = sum(len(text.encode()) for text in texts) / 1e6
    column = pa.array(texts, pa.large_string())
    took: dict[str, list[float]] = {"ours": [], "ftfy": [], "plsfix": []}
    fixers: dict[str, Callable[[], Any]] = {
        "ours": lambda: repair(column, SETTINGS)[0],
        "ftfy": lambda: [ftfy.fix_text(text, config) for text in texts],
    }
    if importlib.util.find_spec("plsfix"):
        import plsfix

        fixers["plsfix"] = lambda: [plsfix.fix_text(text) for text in texts]
    results = {}
    for _ in range(runs):
        for who, fixer in fixers.items():
            began = time.perf_counter()
            results[who] = fixer()
            took[who].append(time.perf_counter() - began)
    if results["ours"].to_pylist() != results["ftfy"]:
        raise SystemExit(f"{name}: the repair is not what ftfy gives")
    speed = {who: size / statistics.median(seconds) for who, seconds in took.items() if seconds}
    unequal = sum(a != ftfy.fix_text(text) for a, text in zip(results.get("plsfix", []), texts, strict=False))
    return Row(name, size, screened(texts), speed["ours"], speed["ftfy"], speed.get("plsfix"), unequal)


def told(row: Row) -> str:
    theirs = ("–", "–") if row.plsfix is None else (f"{row.plsfix:.1f}", f"{row.unequal}")
    return (
        f"| {row.name} | {row.megabytes:.1f} | {row.screened:.2%} | {row.ours:.1f} | {row.ftfy:.2f} "
        f"| **{row.ours / row.ftfy:.0f}×** | {theirs[0]} | {theirs[1]} |"
    )


def screened(texts: list[str]) -> float:
    """Return the share of lines that the screen hands to ftfy."""
    config = configuration(SETTINGS)
    return float(suspects(segments.cut(pa.array(texts, pa.large_string()), config).texts, config).mean())


def written(tongues: Sequence[str], size: int, mangled: float) -> list[str]:
    """Return documents of about 4 KB, each in one of the tongues, in all of about `size` bytes."""
    random = np.random.default_rng(11)
    known = [tongue for tongue in TONGUES if tongue["name"] in tongues]
    texts: list[str] = []
    done = 0
    while done < size:
        text = _article(known[len(texts) % len(known)], random)
        if random.random() < mangled:
            text = _mangled(text, random)
        texts.append(text)
        done += len(text.encode())
    return texts


def taken(path: Path, size: int) -> list[str]:
    """Return the first texts of a JSONL file, of about `size` bytes."""
    texts: list[str] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            texts.append(json.loads(line)["text"])
            size -= len(line)
            if size < 0:
                break
    return texts


def _article(tongue: dict[str, str], random: np.random.Generator) -> str:
    words = tongue["words"].split()
    paragraphs = []
    for _ in range(10):
        drawn = random.choice(words, (4, 16))
        sentences = [f"{tongue['join'].join(sentence)}{tongue['stop']}" for sentence in drawn]
        paragraphs.append(f"{' '.join(sentences)} — {random.integers(0, 10**6)}")
    return "\n\n".join(paragraphs)


def _mangled(text: str, random: np.random.Generator) -> str:
    for i in random.permutation(len(MANGLED)):
        try:
            return text.encode().decode(MANGLED[i])
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 reads everything")


if __name__ == "__main__":
    main()
