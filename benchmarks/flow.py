"""What the flow `clean` costs beside `corpusmill clean`: wall and processor time of whole process trees, by turns.

    nice -n -5 python -m benchmarks.flow --megabytes 200 --pairs 5

Once with Prefect's temporary server, whose time counts, once with a server that runs already, whose time is
told beside.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import corpora
from tests.flows.servers import environment, free_port, server

HOUSE = Path(__file__).parent.parent
MODULES = {"plain": ("pipeline.cli", "clean"), "flow": ("flows.clean",)}
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, of prctl(2)


class Took(NamedTuple):
    """Seconds of a run."""

    wall: float
    cpu: float
    #: of the server that was there before
    server: float = 0.0


def main() -> None:
    """Write the corpus, run by turns, print a line a pair and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--input", type=Path, help="this file instead of a corpus that is generated")
    parser.add_argument("--only", choices=("running", "temporary"), help="this server alone")
    given = parser.parse_args()
    adopt()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        corpus = given.input or place / "articles.jsonl"
        if not given.input:
            corpora.write(corpus, given.megabytes * 10**6)
        for kind in [given.only] if given.only else ["running", "temporary"]:
            with environments(kind, place) as (variables, pid):
                compared(kind, [pair(corpus.resolve(), place, variables, pid) for _ in range(given.pairs)])


def adopt() -> None:
    """Let processes whose parents end become children of this one: their time is to be counted."""
    ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


@contextmanager
def environments(kind: str, place: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Yield the environment of a flow, and the process of the server that is there already, or 0."""
    home = place / kind
    home.mkdir()
    if kind == "running":
        with server(home) as here:
            yield here.environment, here.process.pid
        return
    variables = environment(home, free_port())
    del variables["PREFECT_API_URL"]
    yield variables, 0


def pair(corpus: Path, place: Path, variables: dict[str, str], server: int) -> dict[str, Took]:
    """Return what a plain run and a flow take, one after the other."""
    found = {what: run(module, corpus, place / "out", variables, server) for what, module in MODULES.items()}
    print("  ".join(f"{what} {took.wall:.2f} s, cpu {took.cpu:.2f} s" for what, took in found.items()), flush=True)
    return found


def run(module: tuple[str, ...], corpus: Path, out: Path, variables: dict[str, str], server: int) -> Took:
    """Run the command, wait for all that it has started, and remove its result."""
    command = [sys.executable, "-m", *module, str(corpus), "--out", str(out)]
    before, theirs, began = os.times(), spent(server), time.perf_counter()
    with (out.parent / "log").open("w") as log:
        done = subprocess.run(command, cwd=HOUSE, env=variables, stdout=log, stderr=log, check=False)
    wall = time.perf_counter() - began
    if done.returncode:
        raise SystemExit((out.parent / "log").read_text())
    for orphan in set(children(os.getpid())) - {server}:
        os.waitpid(orphan, 0)
    after = os.times()
    shutil.rmtree(out)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(wall, cpu, spent(server) - theirs)


def children(pid: int) -> list[int]:
    """Return the processes that the process has started."""
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]


def spent(pid: int) -> float:
    """Return the processor time of a process and of all that it has started, in seconds; 0 for none."""
    if not pid:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + sum(map(spent, children(pid)))


def compared(kind: str, pairs: list[dict[str, Took]]) -> None:
    """Print the medians and what the flow costs more."""
    print(f"{kind} server, medians of {len(pairs)} pairs:")
    for figure in ("wall", "cpu"):
        plain, flow = (statistics.median(getattr(pair[what], figure) for pair in pairs) for what in MODULES)
        more = statistics.median(getattr(pair["flow"], figure) / getattr(pair["plain"], figure) for pair in pairs) - 1
        print(f"  {figure}: plain {plain:.2f} s, flow {flow:.2f} s, {more:+.1%} (median of the pairs' ratios)")
    print(
        f"  cpu of the server meanwhile: {statistics.median(pair['flow'].server for pair in pairs):.2f} s", flush=True
    )


if __name__ == "__main__":
    main()
