"""Duplicate documents alone, as a whole process: JSONL in, ids of what stays out.

    python -m benchmarks.distinct --megabytes 200 --pool articles.jsonl

Prints megabytes of input a second of the whole process, imports included, its processor time and its peak memory
(resident set, mapped files included), best of `--runs`, then where the seconds went.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import corpora

RUN = """
import sys
from pipeline.kernels.start import start
start()
from pathlib import Path
from pipeline.distinct.run import distinct, summary
out = Path(sys.argv[2])
print(*summary(distinct([sys.argv[1]], out, workers=int(sys.argv[3]) or None), out), sep="\\n")
"""


def main() -> None:
    """Write the corpus unless it is there, run, print a line a run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--pool", type=Path, help="JSONL with `text` to draw articles from")
    parser.add_argument("--corpus", type=Path, help="where the corpus is kept, or lies already")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = given.corpus or Path(folder) / "articles.jsonl"
        if not corpus.exists():
            write(corpus, given.megabytes * 10**6, given.pool)
        runs = [measure(corpus, Path(folder) / f"out{n}", given.workers) for n in range(given.runs)]
        size = corpus.stat().st_size / 1e6
        for wall, processor, memory in runs:
            print(
                f"{size:.0f} MB in {wall:.2f} s: {size / wall:.0f} MB/s; {processor:.2f} s of processor time; "
                f"peak memory {memory / 1e6:.0f} MB; load {os.getloadavg()[0]:.1f}"
            )
        wall, processor, _ = (min(column) for column in zip(*runs, strict=True))
        print(f"best: {size / wall:.0f} MB/s, {processor:.2f} s of processor time")
        print(json.loads((Path(folder) / "out0/manifest.json").read_text("utf-8"))["seconds"])


def measure(corpus: Path, out: Path, workers: int) -> tuple[float, float, int]:
    """Return (seconds, seconds of processor time, peak resident bytes) of one process."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(corpus), str(out), str(workers)], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the run ended with {status}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def write(path: Path, size: int, pool: Path | None) -> None:
    """Write a corpus of about `size` bytes of text."""
    with path.open("w", encoding="utf-8") as file:
        done, texts = 0, list[str]()
        random = np.random.default_rng(7)
        fresh = _fresh(pool) if pool else corpora._written(random)
        for number in itertools.count():
            text = corpora._planted(random, texts, fresh)
            texts = [*texts, text] if len(texts) < 5000 else texts
            texts[int(random.integers(0, len(texts)))] = text
            file.write(json.dumps({"id": f"a{number}", "text": text}, ensure_ascii=False) + "\n")
            done += len(text.encode())
            if done >= size:
                return


def _fresh(pool: Path) -> Iterator[str]:
    """Yield the texts of the pool; then again with every k-th word first, which leaves no shingle as it was."""
    for stride in itertools.count(1):
        for text in corpora._pool(pool):
            if stride == 1:
                yield text
            else:
                words = text.split(" ")
                yield " ".join(itertools.chain.from_iterable(words[k::stride] for k in range(stride)))


if __name__ == "__main__":
    main()
