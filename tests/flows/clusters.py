"""A real Dask scheduler and two workers, each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

HOUSE = Path(__file__).parent.parent.parent


class Cluster(NamedTuple):
    address: str
    workers: list[subprocess.Popen[bytes]]
    scheduler: subprocess.Popen[bytes]


@contextmanager
def clustered(folder: Path) -> Iterator[Cluster]:
    """A scheduler and two workers that no nanny starts again."""
    file = folder / "scheduler.json"

    def started(what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--scheduler-file", file, "--no-dashboard"]
        with (folder / f"{what}.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, *options],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(HOUSE)},
                stdout=log,
                stderr=log,
            )
        stack.callback(process.wait)
        stack.callback(process.kill)
        return process

    with ExitStack() as stack:
        scheduler = started("scheduler", "--host", "127.0.0.1", "--port", "0")
        two = [started("worker", "--nthreads", "1", "--no-nanny") for _ in range(2)]
        for _ in range(300):
            if file.exists() and file.read_text().endswith("}"):
                break
            time.sleep(0.1)
        yield Cluster(json.loads(file.read_text())["address"], two, scheduler)
