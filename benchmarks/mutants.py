"""Do the tests notice faults in what drops, verifies and publishes?

    python -m benchmarks.mutants
    python -m benchmarks.mutants --only leaders

Puts the faults of `tests/mutants.toml` one at a time into a copy of the checkout, runs the tests that should notice
until the first that fails, and prints those that survived and the share that was killed. Before, all these tests run
without a fault: where one fails then, nothing would be shown by its failing later.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import NamedTuple

import tomli

HOUSE = Path(__file__).parents[1]
LIST = HOUSE / "tests" / "mutants.toml"
#: A fault that makes a test run without end counts as noticed, and is said.
LIMIT_SECONDS = 300
_ENDLESS = "no end"
LEFT_OUT = (".git", ".venv", ".hypothesis", ".mypy_cache", ".ruff_cache", "*.egg-info")


class Mutant(NamedTuple):
    """`new` in the place of `old` in `file`; `tests` should fail then."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, source: str) -> str:
        """Return the source with the fault. Raises ValueError where `old` does not stand in it exactly once."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.file} does not hold exactly once: {self.old}")
        return source.replace(self.old, self.new)


class Verdict(NamedTuple):
    """What the tests said: `by` is the first that failed, or what else ended them; empty: none did."""

    mutant: Mutant
    by: str
    seconds: float


def mutants() -> list[Mutant]:
    """Return all of `tests/mutants.toml`."""
    listed = tomli.loads(LIST.read_text("utf-8"))
    return [Mutant(**one, tests=tuple(listed["tests"][one["file"]])) for one in listed["mutant"]]


def main() -> None:
    """Apply each mutant, run its tests, print what survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="mutants of files with this in their path, or in the fault itself")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    chosen = [mutant for mutant in mutants() if any(given.only in text for text in mutant[:3])]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        verdicts = tried(chosen, [copied(Path(name, str(number))) for number in range(given.workers)])
    survived = [verdict.mutant for verdict in verdicts if not verdict.by]
    for mutant in survived:
        print(f"survived: {mutant.file}\n- {mutant.old}\n+ {mutant.new}")
    endless = sum(verdict.by == _ENDLESS for verdict in verdicts)
    killed = f"{len(chosen) - len(survived)} of {len(chosen)} killed, {endless} of them by the limit"
    print(f"{killed} of {LIMIT_SECONDS} s; {(time.monotonic() - began) / 60:.0f} minutes, {given.workers} at a time")


def tried(chosen: Sequence[Mutant], copies: Sequence[Path]) -> list[Verdict]:
    """Return the verdicts on all, as many at a time as there are copies of the checkout."""
    free: Queue[Path] = Queue()
    for copy in copies:
        free.put(copy)

    def one(mutant: Mutant) -> Verdict:
        copy = free.get()
        try:
            return judged(copy, mutant)
        finally:
            free.put(copy)

    tests = sorted({test for mutant in chosen for test in mutant.tests})
    parts = [tests[number :: len(copies)] for number in range(len(copies))]
    with ThreadPoolExecutor(len(copies)) as pool:
        said = list(pool.map(lambda copy, part: failure(copy, part) if part else "", copies, parts))
        if any(said):
            raise SystemExit(f"without a fault, too, there fails {' '.join(said)}")
        print(f"without a fault all of {len(tests)} files and tests pass", flush=True)
        return list(pool.map(one, chosen))


def judged(copy: Path, mutant: Mutant) -> Verdict:
    """Return what the tests say of the mutant in this copy of the checkout, which is whole again afterwards."""
    path = copy / mutant.file
    path.write_text(mutant.applied(path.read_text("utf-8")), "utf-8")
    forget_callers(copy, mutant.file)
    began = time.monotonic()
    verdict = Verdict(mutant, failure(copy, mutant.tests, LIMIT_SECONDS), time.monotonic() - began)
    # With the compiled kernels, for which time stamps count.
    shutil.rmtree(copy / "pipeline")
    shutil.copytree(HOUSE / "pipeline", copy / "pipeline")
    print(
        f"{verdict.by or 'SURVIVED'}  {verdict.seconds:.0f} s  {mutant.file}  {mutant.old!r} -> {mutant.new!r}",
        flush=True,
    )
    return verdict


def failure(copy: Path, tests: Sequence[str], limit: float | None = None) -> str:
    """Return the first test that fails, or what else ended them; empty where all pass. limit: seconds."""
    command = [sys.executable, "-m", "pytest", "-x", "-rfE", "--tb=no", f"--basetemp={copy}.tmp", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_PROFILE": "any"}
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(
            command, cwd=copy, env=environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            code = running.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # with the servers and processes that the tests have started
            running.wait()
            return _ENDLESS
        said.seek(0)
        found = re.findall(r"^(?:FAILED|ERROR) (\S+)", said.read(), re.MULTILINE)
    return "" if code == 0 else found[0] if found else f"exit {code}"


def copied(place: Path) -> Path:
    """Copy the checkout, with what is compiled, to `place`."""
    return Path(shutil.copytree(HOUSE, place, ignore=shutil.ignore_patterns(*LEFT_OUT)))


def forget_callers(copy: Path, file: str) -> None:
    """Remove compiled kernels that have those of `file` in them: numba looks at their own source only."""
    module = file.removesuffix(".py").replace("/", ".")
    for caller in (copy / "pipeline" / "kernels").glob("*.py"):
        if f"from {module} import" in caller.read_text("utf-8"):
            for compiled in (caller.parent / "__pycache__").glob(f"{caller.stem}.*.nb?"):
                compiled.unlink()


if __name__ == "__main__":
    main()
