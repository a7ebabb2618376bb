"""Do the tests notice faults in what drops, verifies and publishes?

    python -m benchmarks.mutants
    python -m benchmarks.mutants --only leaders

Puts the faults of `tests/mutants.toml` one at a time into a copy of the checkout, runs the tests that should notice,
and prints those that survived and the share that was killed. Half an hour of processor time for all.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HOUSE = Path(__file__).parents[1]
LIST = HOUSE / "tests" / "mutants.toml"
#: A fault that makes a test run without end counts as noticed.
LIMIT_SECONDS = 600
LEFT_OUT = (".git", ".venv", ".hypothesis", ".mypy_cache", ".ruff_cache", "out")


def main() -> None:
    """Apply each mutant, run its tests, print what survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="mutants of files with this in their path")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    listed = tomllib.loads(LIST.read_text("utf-8"))
    chosen = [mutant for mutant in listed["mutant"] if given.only in mutant["file"]]
    with tempfile.TemporaryDirectory(prefix="corpusmill-mutants-") as name:
        copies: Queue[Path] = Queue()
        for number in range(given.workers):
            copies.put(Path(shutil.copytree(HOUSE, Path(name, str(number)), ignore=shutil.ignore_patterns(*LEFT_OUT))))

        def tried(mutant: dict[str, Any]) -> bool:
            copy = copies.get()
            try:
                return killed(copy, mutant, listed["tests"][mutant["file"]])
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(given.workers) as pool:
            verdicts = list(pool.map(tried, chosen))
    for mutant, dead in zip(chosen, verdicts, strict=True):
        if not dead:
            print(f"survived: {mutant['file']}\n- {mutant['old']}\n+ {mutant['new']}")
    print(f"{sum(verdicts)} of {len(chosen)} killed")


def killed(copy: Path, mutant: dict[str, Any], tests: list[str]) -> bool:
    """Return whether the tests notice the mutant in this copy of the checkout, which is whole again afterwards."""
    path = copy / mutant["file"]
    whole = path.read_text("utf-8")
    if whole.count(mutant["old"]) != 1:
        raise SystemExit(f"{mutant['file']} does not hold exactly once: {mutant['old']}")
    path.write_text(whole.replace(mutant["old"], mutant["new"]), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
    try:
        done = subprocess.run(command, cwd=copy, capture_output=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(whole, "utf-8")
    print("killed" if done.returncode == 1 else f"exit {done.returncode}", mutant["file"], flush=True)
    return done.returncode == 1


if __name__ == "__main__":
    main()
