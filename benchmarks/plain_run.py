"""The plain run as its users start it: `corpusmill clean` on a JSONL of English articles.

    python -m benchmarks.plain_run --megabytes 200

Prints megabytes of input a second of the whole process, start and end included, and the peak memory of
all its processes together, sampled twenty times a second.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import corpora

PAGE = 4096


def main() -> None:
    """Write the corpus, run, print a line a run and the median."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pool", type=Path, help="JSONL with `text` to draw articles from")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "articles.jsonl"
        size = corpora.write(corpus, given.megabytes * 10**6, pool=given.pool)
        speeds = [_run(corpus, size, Path(folder) / f"out{n}") for n in range(given.runs)]
    print(f"median {statistics.median(speeds):.1f} MB/s")


def _run(corpus: Path, size: int, out: Path) -> float:
    command = [sys.executable, "-m", "pipeline.cli", "clean", str(corpus), "--out", str(out)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(_resident(pid) for pid in _family(process.pid)))
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"corpusmill ended with {process.returncode}")
    took = time.perf_counter() - began
    print(f"{size / 1e6:.0f} MB in {took:.1f} s: {size / 1e6 / took:.1f} MB/s, peak memory {peak / 1e6:.0f} MB")
    return size / 1e6 / took


def _family(pid: int) -> list[int]:
    """Return the process and all its descendants."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        for file in Path("/proc", str(found[-1]), "task").glob("*/children"):
            try:
                todo += [int(child) for child in file.read_text().split()]
            except OSError:  # it ended meanwhile
                continue
    return found


def _resident(pid: int) -> int:
    """Return the anonymous memory of a process in bytes: mapped work files are page cache, not its own."""
    try:
        resident, shared = Path("/proc", str(pid), "statm").read_text().split()[1:3]
    except OSError:
        return 0
    return (int(resident) - int(shared)) * PAGE


if __name__ == "__main__":
    main()
