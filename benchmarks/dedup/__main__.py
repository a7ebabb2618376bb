"""Near-duplicate search against the peers, on one corpus, in one run; see `python -m benchmarks.dedup --help`.

    python -m benchmarks.dedup --pool texts.jsonl.zst --megabytes 20 --peers gaoya,daft

Writes a corpus with planted copies, joins all pairs exactly, runs every contender as a whole process on the
same file, and prints one Markdown table. Ratios are to our fastest row of the same run.
"""

from __future__ import annotations

import argparse
import math
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.dedup import contenders, corpus, environments, truth
from benchmarks.dedup.contenders import Contender, Task
from benchmarks.dedup.run import FailedError, Run, measure
from benchmarks.dedup.score import Score, by_kind, least_named, score

CACHE = Path.home() / ".cache" / "corpusmill" / "peers"
#: Text of the corpus that each contender is first run on, so that nobody pays for a cold disk or a cold cache of
#: compiled code.
WARM = 300_000
#: Pairs below this similarity are of no interest to any figure.
LEAST = 0.5


class Row(NamedTuple):
    """One line of the table."""

    name: str
    run: Run
    score: Score
    kinds: dict[str, tuple[int, float]]
    #: Removals that name the copy that stays, and the least similarity of such two.
    named: int
    least: float


def main() -> None:
    """Make the corpus, find the truth, run everybody, print the table."""
    given = _given()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="corpusmill-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        task = _task(given, folder)
        ids, pairs = truth.of_corpus(task.corpus, task.ngram, LEAST)
        rows = []
        for contender in _contenders(given, task):
            row = _row(contender, task, folder, ids, pairs, given)
            rows += [row] if row else []
        print(table(rows, task, len(ids), given.threshold))
    finally:
        if not given.folder:
            shutil.rmtree(folder)


def optimum(threshold: float, permutations: int) -> tuple[int, int]:
    """Return datasketch's (bands, rows): false positives and misses balanced as areas under the S-curve."""
    below, above = np.linspace(0, threshold, 801), np.linspace(threshold, 1, 801)
    best, choice = math.inf, (1, 1)
    for bands in range(1, permutations + 1):
        for rows in range(1, permutations // bands + 1):
            wrong = threshold * np.mean(1 - (1 - below**rows) ** bands)
            missed = (1 - threshold) * np.mean((1 - above**rows) ** bands)
            if wrong + missed < best:
                best, choice = wrong + missed, (bands, rows)
    return choice


def table(rows: list[Row], task: Task, documents: int, threshold: float) -> str:
    """Return the table as Markdown, and below it what became of each kind of planted copy."""
    size = task.corpus.stat().st_size
    ours = min((row.run.wall for row in rows if row.name.startswith("corpusmill")), default=math.nan)
    work = min((row.run.cpu for row in rows if row.name.startswith("corpusmill")), default=math.nan)
    lines = [
        f"{size / 1e6:.1f} MB, {documents:,} documents, {task.workers} processors, {task.permutations} permutations, "
        f"word {task.ngram}-grams, threshold {threshold}; peers cut {task.bands} × {task.rows} unless they choose.",
        "",
        "| | s | MB/s | × ours | CPU s | × ours | peak MB "
        "| near recall | recall | precision | at a tenth less | groups lost | kept |",
        "|---|" + "---:|" * 12,
    ]
    for row in rows:
        run, found = row.run, row.score
        cells = [
            f"{run.wall:.2f}", f"{size / 1e6 / run.wall:.1f}", f"{run.wall / ours:.2f}",
            f"{run.cpu:.1f}", f"{run.cpu / work:.2f}", f"{run.peak / 1e6:.0f}",
            f"{found.near_recall:.4f}", f"{found.recall:.4f}", f"{found.precision:.4f}",
            f"{found.near_precision:.4f}", str(found.lost), str(found.kept),
        ]  # fmt: skip
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    kinds = {kind: number for row in rows for kind, (number, _) in row.kinds.items()}
    heads = [f"{kind} ({number})" for kind, number in kinds.items()]
    lines += ["", f"| planted copies at the threshold found | {' | '.join(heads)} |", "|---|" + "---:|" * len(kinds)]
    lines += [f"| {row.name} | {' | '.join(f'{row.kinds[kind][1]:.3f}' for kind in kinds)} |" for row in rows]
    lines += [
        f"\n{row.name} names the copy that stays for {row.named:,} removals; the least similarity is {row.least:.4f}."
        for row in rows
        if row.named
    ]
    return "\n".join(lines)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.dedup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pool", type=Path, help="JSONL with `text` (also gz, zst, bz2); default: invented words")
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--forms", type=float, default=0.25, help="share of documents that end with a comment form")
    parser.add_argument("--damaged", type=float, default=0.03, help="share of documents that are mojibake")
    parser.add_argument("--peers", default=",".join(environments.PEERS), help="by comma; `none` for ourselves alone")
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--ngram", type=int, default=5)
    parser.add_argument("--permutations", type=int, default=128)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=1, help="the fastest of so many counts")
    parser.add_argument("--limit", type=float, default=1800, help="seconds after which a contender is stopped")
    parser.add_argument("--settings", action="append", default=[], metavar="KEY=VALUE", help="for corpusmill")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the environments of the peers are kept")
    parser.add_argument("--folder", type=Path, help="where corpus, truth and logs are kept; default: nowhere")
    return parser.parse_args()


def _task(given: argparse.Namespace, folder: Path) -> Task:
    source = given.pool.resolve() if given.pool else None
    name = f"corpus-{given.megabytes:g}-{given.seed}-{given.forms:g}-{given.damaged:g}-{source.name if source else ''}"
    path = folder / f"{name}.jsonl"
    if not path.exists():
        corpus.write(path, int(given.megabytes * 1e6), given.seed, source, given.forms, given.damaged)
    bands, rows = optimum(given.threshold, given.permutations)
    return Task(path, given.threshold, given.ngram, given.permutations, given.workers, bands, rows)


def _contenders(given: argparse.Namespace, task: Task) -> list[Contender]:
    """Return ourselves and all peers that install; say which do not."""
    environments.compile_all(Path(sys.executable), contenders.HOUSE / "pipeline")
    found = contenders.ourselves(task, given.settings)
    for name in given.peers.split(",") if given.peers != "none" else []:
        if name not in environments.PEERS:
            raise SystemExit(f"there is no peer {name!r}; known are {', '.join(environments.PEERS)}")
        try:
            found.append(contenders.peer(name, task, given.cache))
        except environments.AbsentError as error:
            print(f"{name}: left out, {error}", file=sys.stderr)
    return found


def _row(
    contender: Contender, task: Task, folder: Path, ids: list[str], pairs: truth.Pairs, given: argparse.Namespace
) -> Row | None:
    """Return the line of a contender, or None when it fails, which is said."""
    log = folder / (re.sub(r"\W+", "-", contender.name) + ".log")
    try:
        _once(contender, _head(task.corpus, folder), folder, log, given)
        done = [_once(contender, task.corpus, folder, log, given) for _ in range(given.runs)]
    except FailedError as error:
        print(f"{contender.name}: left out, {error}", file=sys.stderr)
        return None
    names, named = done[0][1:]
    kept = np.array([name in names for name in ids])
    kinds = by_kind(kept, pairs, ids, Path(f"{task.corpus}.planted"), task.threshold)
    best = min(run for run, *_ in done)
    found = score(kept, pairs, task.threshold)
    row = Row(contender.name, best, found, kinds, len(named), least_named(named, pairs, ids))
    print(f"{contender.name}: {row.run.wall:.2f} s", file=sys.stderr)
    return row


def _once(
    contender: Contender, path: Path, folder: Path, log: Path, given: argparse.Namespace
) -> tuple[Run, set[str], list[tuple[str, str]]]:
    """Run a contender in a folder of its own; return how that went and what it said, and remove the folder."""
    scratch = Path(tempfile.mkdtemp(dir=folder))
    try:
        run = measure(contender.command(path, scratch), log, contender.settings, given.workers, given.limit)
        return run, contender.kept(scratch), contender.named(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _head(path: Path, folder: Path) -> Path:
    """Return a corpus of the first lines of another."""
    head = folder / "head.jsonl"
    with path.open("rb") as file:
        head.write_bytes(b"".join(file.readlines(WARM)))
    return head


if __name__ == "__main__":
    main()
