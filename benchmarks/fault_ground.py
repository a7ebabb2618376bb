"""What each fault of `benchmarks.faults` starts from, and what must hold after it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.dataset as ds

HOUSE = Path(__file__).parent.parent
TABLES = ("documents", "paragraphs", "ledger", "quarantine")
#: Small shards, so that there is something to go on with.
SETTINGS = ("--set", "run.workers=1", "--set", "run.shard_bytes=20000", "--set", "alarms.accept=true")
Table = list[tuple[object, ...]]


class LostError(AssertionError):
    """A fault left something that it must not."""


class Place:
    """A folder with two inputs, a dataset of the first, and what an undisturbed run makes of the second."""

    def __init__(self, root: Path, draw: random.Random) -> None:
        self.root, self.draw = root, draw
        for name in ("old", "new"):
            (root / name).mkdir()
            for number in range(12):
                _write(root / name / f"{number:02}.jsonl", name, number)
        require(clean(root, "old", "wanted-old").returncode == 0, "the first run fails")
        require(clean(root, "new", "wanted-new").returncode == 0, "the first run fails")
        began = time.perf_counter()
        require(clean(root, "old", "out").returncode == 0, "the first run fails")
        self.seconds = time.perf_counter() - began
        self.steps: dict[str, Step] = {}
        self.old, self.new = tables(root / "wanted-old"), tables(root / "wanted-new")

    def restore(self) -> Path:
        """Return OUT as it was before the fault."""
        for name in ("out", ".out.work"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        shutil.copytree(self.root / "wanted-old", self.root / "out", symlinks=True)
        return self.root / "out"

    def moment(self) -> float:
        """Return a moment of a run, in seconds from its start."""
        return self.draw.uniform(0, 1.1 * self.seconds)


def _write(path: Path, salt: str, number: int) -> None:
    rows = [
        f'{{"id": "{salt}{number}-{row}", "text": "The {salt} ferry {number * 40 + row - row % 3} waited for the tide '
        f'in Vell harbour, and on day {row} of the rain nobody went on board before noon."}}\n'
        for row in range(40)
    ]
    path.write_text("".join(rows))


def command(source: str, out: str | Path) -> list[str]:
    """Return the command that makes the dataset `out`."""
    return [sys.executable, "-m", "pipeline.cli", "clean", source, "--out", str(out), "--overwrite", *SETTINGS]


def started(place: Path, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start a command in the folder `place`."""
    environment = os.environ | {"PYTHONPATH": str(HOUSE)} | options.pop("env", {})
    pipe = subprocess.PIPE
    return subprocess.Popen(arguments, cwd=place, env=environment, stdout=pipe, stderr=pipe, text=True, **options)


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a command, five minutes at most."""
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def clean(place: Path, source: str, out: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `corpusmill clean`."""
    return ended(started(place, *command(source, out), **options))


def tables(out: Path) -> dict[str, Table]:
    """Return all rows of a dataset, sorted; of the sources only the names."""
    return {name: sorted(map(repr, ds.dataset(out / name).to_table().to_pylist())) for name in TABLES}


def require(true: object, what: str) -> None:
    if not true:
        raise LostError(what)


def whole(place: Place, out: Path) -> bool:
    """Return whether the new dataset is published; raise LostError when neither it nor the old one is, whole."""
    found = tables(out)
    require(found in (place.old, place.new), "the dataset is neither the old one nor the new one")
    return found == place.new


def told(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Require that a run that failed said why in one sentence."""
    last = done.stderr.strip().splitlines()[-1:] or [""]
    require(done.returncode == 1 and last[0].startswith("corpusmill: "), f"no sentence: {done.stderr[-1500:]}")
    require("Traceback" not in done.stderr, f"a traceback: {done.stderr[-1500:]}")
    require(not words or any(word in done.stderr for word in words), f"another reason: {last[0]}")


def repaired(place: Place, out: Path) -> None:
    """Require that the same command again ends well, with the rows of an undisturbed run, and leaves nothing."""
    again = clean(place.root, "new", out)
    require(again.returncode == 0, f"the next run fails: {again.stderr[-1500:]}")
    require(tables(out) == place.new, "the next run gives other rows")
    left = [path.name for path in out.parent.iterdir() if path.name.endswith(".work")]
    require(not left, f"left behind: {left}")


class Step(NamedTuple):
    """A command on a dataset that `before` is a copy of: rows it finds and rows it makes, seconds it takes."""

    before: Path
    command: list[str]
    old: dict[str, Table]
    new: dict[str, Table]
    seconds: float
