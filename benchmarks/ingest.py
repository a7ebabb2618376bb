"""Batch after batch into one dataset: does a batch cost more when there is more of a past?

    python -m benchmarks.ingest --batches 30 --megabytes 2
    python -m benchmarks.ingest --batches 200 --megabytes 0.2 --mean 20

Articles of `corpora`, a fifth of them copies of earlier ones, also of earlier batches. Prints of each batch the CPU
time and the peak of resident memory of the one process, the documents, and the files and bytes of the dataset; then
their means over every `--mean` batches, and the line that fits best through the times. `--profile` writes where the
time of the last batches goes.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import corpora
from pipeline.configuration import load
from pipeline.dataset import Dataset
from pipeline.ingest.run import ingest
from pipeline.settings import Settings


class Took(NamedTuple):
    """Figures of one batch, and of the dataset after it."""

    cpu: float  #: seconds, user and system
    peak: float  #: resident memory, MB
    documents: int
    segments: int
    files: int  #: of the current version
    size: float  #: of these, MB
    written: float  #: of these, MB that no earlier version has


def main() -> None:
    """Write the batches, ingest them one after the other, print a line each, the means and the slope."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=30)
    parser.add_argument("--megabytes", type=float, default=2.0)
    parser.add_argument("--mean", type=int, default=0, metavar="N", help="also print means of N batches")
    parser.add_argument("--profile", type=int, default=0, metavar="N", help="profile the first and the last N batches")
    parser.add_argument("--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    settings = load(None, ["run.workers=1", *given.assignments])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = list(written(folder, given.batches, int(given.megabytes * 1e6)))
        ingest([str(_warm(folder))], folder / "warm", settings)  # compiled kernels are loaded
        took = list(soak(paths, folder / "out", settings, given.profile))
    if given.mean:
        means(took, given.mean)
    slope, start = np.polyfit(np.arange(len(took)), [each.cpu for each in took], 1)
    print(f"CPU seconds a batch: {start:.2f} + {slope:.4f} a batch before it")


def written(folder: Path, batches: int, size: int) -> Any:
    """Write each batch to a file of its own; yield the paths. All before the first ingest, so memory is that of it."""
    stream = corpora.articles(batches * size, 7, None)
    for number in range(batches):
        path = folder / f"{number:03d}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for row in _until(stream, size):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        yield path


def soak(paths: list[Path], out: Path, settings: Settings, profiled: int) -> Any:
    """Ingest the files one after the other; yield the figures of each."""
    profile = cProfile.Profile()
    for number, path in enumerate(paths, 1):
        look = profiled and (number <= profiled or number > len(paths) - profiled)
        if look:
            profile.enable()
        took = batch(path, out, settings)
        if look:
            profile.disable()
        if profiled and number in (profiled, len(paths)):
            pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(60)
            profile = cProfile.Profile()
        print(
            f"batch {number:3}: {took.cpu:6.2f} s CPU, {took.peak:5.0f} MB; {took.documents:7,} documents, "
            f"{took.segments:2} segments, {took.files:4} files, {took.size:7.1f} MB, {took.written:6.2f} MB new",
            flush=True,
        )
        yield took


def batch(path: Path, out: Path, settings: Settings) -> Took:
    """Ingest one file; return its figures."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak of resident memory begins anew, proc(5)
    began = time.process_time()
    manifest = ingest([str(path)], out, settings)
    cpu = time.process_time() - began
    data = Dataset(out)
    version = data.folder(manifest["version"])
    files = [file.stat() for file in version.rglob("*") if file.is_file()]
    return Took(
        cpu,
        peak(),
        manifest["counts"]["documents"]["in"],
        len(list((version / "index" / "segments").iterdir())),
        len(files),
        sum(file.st_size for file in files) / 1e6,
        sum(file.st_size for file in files if file.st_nlink == 1) / 1e6,
    )


def peak() -> float:
    """Return the peak of resident memory of this process since `clear_refs`, in MB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def means(took: list[Took], number: int) -> None:
    """Print a row of a table for every `number` batches."""
    print("\n| batches | CPU seconds a batch | peak MB | files | MB | MB written a batch |")
    print("|---|---:|---:|---:|---:|---:|")
    for first in range(0, len(took), number):
        part = took[first : first + number]
        cpu, written_ = (np.mean([getattr(each, name) for each in part]) for name in ("cpu", "written"))
        most, files = (max(getattr(each, name) for each in part) for name in ("peak", "files"))
        print(
            f"| {first + 1} to {first + len(part)} | {cpu:.2f} | {most:.0f} | {files} | {part[-1].size:.1f} "
            f"| {written_:.2f} |"
        )
    print()


def _warm(folder: Path) -> Path:
    path = folder / "warm.jsonl"
    corpora.write(path, 100_000, 1)
    return path


def _until(stream: Any, size: int) -> Any:
    done = 0
    for row in stream:
        done += len(row["text"].encode())
        yield row
        if done >= size:
            return


if __name__ == "__main__":
    main()
