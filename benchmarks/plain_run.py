"""The plain run as its users start it: `corpusmill clean` on a JSONL of English articles.

    python -m benchmarks.plain_run --megabytes 200
    python -m benchmarks.plain_run --short 250000 --runs 1

Prints megabytes of input a second of the whole process, start and end included, its processor time (user and system),
and the peak memory of all its processes together, sampled twenty times a second. `--short`: so many documents of twenty
short paragraphs instead; the rows must reconcile and all that is planted must be found.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from benchmarks import corpora

PAGE = 4096


def main() -> None:
    """Write the corpus, run, print a line a run and the median."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pool", type=Path, help="JSONL with `text` to draw articles from")
    parser.add_argument("--short", type=int, default=0, metavar="N", help="N documents of twenty short paragraphs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "articles.jsonl"
        planted = write_short(corpus, given.short) if given.short else None
        if not given.short:
            corpora.write(corpus, given.megabytes * 10**6, pool=given.pool)
        speeds = [_run(corpus, Path(folder) / f"out{n}") for n in range(given.runs)]
        if planted:
            print(reconciled(Path(folder) / "out0", planted))
    print(f"median {statistics.median(speeds):.1f} MB/s")


def write_short(path: Path, documents: int, seed: int = 7) -> Counter[str]:
    """Write `corpora.short` as JSONL; return how many documents have each plant."""
    planted: Counter[str] = Counter()
    with path.open("w", encoding="utf-8") as file:
        for row in corpora.short(documents, seed):
            planted[row["plant"]] += 1
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return planted


def reconciled(out: Path, planted: Counter[str]) -> str:
    """Return the counts of a run on `write_short`. Raises SystemExit where rows are missing or a copy was kept."""
    counts: dict[str, Any] = json.loads((out / "manifest.json").read_text("utf-8"))["counts"]
    rows = {name: ds.dataset(out / name).count_rows() for name in ("documents", "paragraphs")}
    for name, count in counts.items():
        if count["in"] != count["kept"] + count["removed"] + count["quarantined"] or rows[name] != count["kept"]:
            raise SystemExit(f"{name} do not reconcile: {count}, {rows[name]} rows written")
    copies = planted["exact"] + planted["near"]
    if counts["documents"]["in"] != planted.total() or counts["documents"]["removed"] < copies:
        raise SystemExit(f"planted {dict(planted)}, found {counts['documents']}")
    return f"{counts}; planted {dict(planted)}"


def _run(corpus: Path, out: Path) -> float:
    command = [sys.executable, "-m", "pipeline.cli", "clean", str(corpus), "--out", str(out)]
    began, peak = time.perf_counter(), 0
    used: dict[int, float] = {}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            family = _family(process.pid)
            peak = max(peak, sum(_resident(pid) for pid in family))
            used |= {pid: seconds for pid in family if (seconds := _processor(pid))}
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"corpusmill ended with {process.returncode}")
    took, size = time.perf_counter() - began, corpus.stat().st_size
    print(
        f"{size / 1e6:.0f} MB in {took:.1f} s: {size / 1e6 / took:.1f} MB/s, {sum(used.values()):.1f} s of processor "
        f"time, peak memory {peak / 1e6:.0f} MB"
    )
    return size / 1e6 / took


def _processor(pid: int) -> float:
    """Return the seconds of processor time, user and system, that a process has taken so far; 0 if it has ended."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
