"""Are the rows the same, however a run is cut and wherever it works?

    python -m benchmarks.determinism --megabytes 20
    python -m benchmarks.determinism --python ../py310/bin/python --python ../py313/bin/python [--later]

Cleans one corpus of several files in many ways, each as a process of its own, and compares the tables of the
results, sorted, byte by byte with those of the first way. `--python`: interpreters of environments that have
Corpusmill installed. `--later`: compares these alone, with texts in characters that Unicode got after version 13,
that of Python 3.10, in which they must differ. Ends with 1 when a way differs, in whose texts it says.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks import corpora

TABLES = ("documents", "paragraphs", "ledger", "quarantine")
FILES = 6
#: Letters with case (Vithkuqi, 14.0), without (Nag Mundari, 15.0), ideographs (15.0 and 15.1), a combining mark (14.0).
LATER = [*map(chr, range(0x10570, 0x1057B)), *map(chr, range(0x1E4D0, 0x1E4EB)), "\U00031350", "\U0002ebf0", "e\u1dfa"]


class Way(NamedTuple):
    """A way to make the same run."""

    name: str
    arguments: tuple[str, ...] = ()
    shuffled: bool = False
    python: str = sys.executable


def main() -> None:
    """Clean in all ways, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--python", action="append", default=[], metavar="PATH")
    parser.add_argument("--later", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="corpusmill-ways-") as name, cluster(Path(name)) as address:
        folder = Path(name)
        inputs = written(folder / "in", int(given.megabytes * 1e6))
        if given.later:
            inputs.append(later(folder / "in" / "later.jsonl"))
        digests, first = {}, folder / "first"
        every = ways(address, given.python)
        for way in [every[0], *every[-len(given.python) :]] if given.later else every:
            digests[way.name] = tried(way, inputs, folder / "out" if first.exists() else first)
            same = digests[way.name] == next(iter(digests.values()))
            print(
                "same  " if same else "OTHER ", way.name, "" if same else differing(first, folder / "out"), flush=True
            )
    if len({tuple(each.items()) for each in digests.values()}) > 1:
        sys.exit(1)


def ways(address: str, pythons: list[str]) -> list[Way]:
    """Return all ways; the first is that which the others are compared with."""
    found = [Way("one worker", ("--workers", "1"))]
    found += [Way(f"{n} processes", ("--workers", str(n))) for n in (2, 4)]
    found += [Way(f"{n} threads", ("--workers", str(n), "--executor", "threads")) for n in (2, 4)]
    found += [Way("Dask, two workers", ("--dask", address))]
    found += [Way(f"shards of {n} MB", ("--set", f"run.shard_bytes={n * 2**20}")) for n in (1, 64)]
    found += [Way("inputs in another order", shuffled=True)]
    found += [Way("memory for duplicates 16 MiB", ("--memory", "16MiB"))]
    return found + [Way(f"{Path(python).parents[1].name}", python=python) for python in pythons]


def written(folder: Path, size: int) -> list[str]:
    """Write a corpus of about `size` bytes with copies, as several files; return their paths."""
    folder.mkdir()
    whole = folder.with_suffix(".jsonl")
    corpora.write(whole, size, 7)
    lines = whole.read_bytes().splitlines(keepends=True)
    paths = [folder / f"{number}.jsonl" for number in range(FILES)]
    for number, path in enumerate(paths):
        path.write_bytes(b"".join(lines[number::FILES]) + b'{"text": broken}\n')
    return [str(path) for path in paths]


def later(path: Path, documents: int = 60) -> str:
    """Write texts in characters of LATER, each third a copy of one before it but for a word; return the path."""
    random, texts = np.random.default_rng(7), []
    for number in range(documents):
        fresh = ["".join(random.choice(LATER, random.integers(2, 7))) for _ in range(80)]
        texts.append([*texts[-1][:-1], "elsewhere"] if number % 3 == 2 else fresh)
    rows = [{"id": f"later-{number}", "text": " ".join(text)} for number, text in enumerate(texts)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "ascii")
    return str(path)


def differing(first: Path, other: Path) -> str:
    """Return how many documents two results differ in, and in how many of them that are not from `later`."""
    ids = {row[1] for row in _rows(first) ^ _rows(other)}
    plain = sum(not str(name).startswith("later-") for name in ids)
    return f"{len(ids)} documents differ, {plain} of them without later characters"


def _rows(out: Path) -> set[tuple[str, str | None, str]]:
    tables = {name: pq.read_table(out / name).to_pylist() for name in TABLES}
    return {(name, row.get("doc_id"), repr(row)) for name, rows in tables.items() for row in rows}


def tried(way: Way, inputs: list[str], out: Path) -> dict[str, str]:
    """Clean in this way; return the digest of each table."""
    named = inputs[::-1] if way.shuffled else inputs
    command = [way.python, "-m", "pipeline.cli", "clean", *named, "--out", str(out), "--overwrite", *way.arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
    return {name: digest(out / name) for name in TABLES}


def digest(folder: Path) -> str:
    """Return a digest of the rows of a table in sorted order: their bytes as an Arrow stream, types included."""
    table = pq.read_table(folder)
    plain = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
    keys = [(name, "ascending") for name in plain]
    rows = table.take(pc.sort_indices(table, sort_keys=keys)).combine_chunks().replace_schema_metadata()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows, max_chunksize=10_000)
    return hashlib.blake2b(sink.getvalue(), digest_size=16).hexdigest()


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Yield the address of a Dask scheduler with two workers, as processes of their own."""
    file = folder / "scheduler.json"
    running: list[subprocess.Popen[bytes]] = []

    def start(what: str, *more: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--scheduler-file", str(file)]
        with (folder / "dask.log").open("ab") as log:
            house = Path(__file__).parents[1]
            running.append(
                subprocess.Popen([*command, "--no-dashboard", *more], stdout=log, stderr=log, cwd=house, env=os.environ)
            )

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", "0")
        while not file.exists():
            time.sleep(0.1)
        for _ in range(2):
            start("worker", "--nthreads", "1", "--no-nanny")
        yield json.loads(file.read_text())["address"]
    finally:
        for process in running[::-1]:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main()
