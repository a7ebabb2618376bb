"""Batch after batch into one dataset: does a batch cost more when there is more of a past?

    python -m benchmarks.ingest --batches 30 --megabytes 2

Articles of `corpora`, a fifth of them copies of earlier ones, also of earlier batches. Prints the CPU time of each
batch in one process, and the line that fits best through them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpora
from pipeline.configuration import load
from pipeline.dataset import Dataset
from pipeline.ingest.run import ingest


def main() -> None:
    """Write the batches, ingest them one after the other, print a line each and the slope."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=30)
    parser.add_argument("--megabytes", type=float, default=2.0)
    parser.add_argument("--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    settings = load(None, ["run.workers=1", *given.assignments])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = int(given.megabytes * 1e6)
        stream = corpora.articles(given.batches * size, 7, None)
        ingest([str(_warm(folder))], folder / "warm", settings)  # compiled kernels are loaded
        took = [_batch(folder, number, stream, size, settings) for number in range(given.batches)]
    slope, start = np.polyfit(np.arange(len(took)), took, 1)
    print(f"CPU seconds a batch: {start:.2f} + {slope:.4f} a batch before it")


def _warm(folder: Path) -> Path:
    path = folder / "warm.jsonl"
    corpora.write(path, 100_000, 1)
    return path


def _batch(folder: Path, number: int, stream: Any, size: int, settings: Any) -> float:
    path = folder / f"{number:03d}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for row in _until(stream, size):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    began, wall = time.process_time(), time.perf_counter()
    manifest = ingest([str(path)], folder / "out", settings)
    cpu, wall = time.process_time() - began, time.perf_counter() - wall
    segments = Dataset(folder / "out").folder(manifest["version"]) / "index" / "segments"
    disk = sum(file.stat().st_size for file in segments.rglob("*") if file.is_file())
    print(
        f"batch {number + 1:3}: {cpu:6.2f} s CPU, {wall:6.2f} s; {manifest['counts']['documents']['in']:7,} documents, "
        f"index {disk / 1e6:7.1f} MB in {len(list(segments.iterdir()))} segments",
        flush=True,
    )
    path.unlink()
    return cpu


def _until(stream: Any, size: int) -> Any:
    done = 0
    for row in stream:
        done += len(row["text"].encode())
        yield row
        if done >= size:
            return


if __name__ == "__main__":
    main()
