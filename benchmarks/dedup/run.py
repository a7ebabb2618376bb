"""One whole process: how long it took, how much processor and memory it and its children used."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SAMPLE_SECONDS = 0.05


class Run(NamedTuple):
    """Seconds from start to end, processor seconds (user and system), bytes at the peak; of all processes together."""

    wall: float
    cpu: float
    peak: int


class FailedError(Exception):
    """A process that ended with an error or ran past its limit; the text is its last line."""


def measure(command: Sequence[str], log: Path, settings: Mapping[str, str], cpus: int, limit: float) -> Run:
    """Run `command` on the first `cpus` processors; what it prints goes to `log`.

    Memory is sampled twenty times a second: anonymous and shared memory of the process and all its
    descendants, by their proportional share, so that what workers inherit counts once, and mapped files,
    which are page cache, not at all. Processor time is that of the process and the children it waited for, or
    what was last seen of each process, whichever is more: datatrove does not wait for its workers, and 100 s
    of work counted as one. Raises FailedError.
    """
    chosen = set(sorted(os.sched_getaffinity(0))[:cpus])
    began = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**_environment(), **settings},
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, chosen),
        )
    peak = 0
    worked: dict[int, float] = {}
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        wall = time.perf_counter() - began
        if pid:
            break
        family = _family(process.pid)
        peak = max(peak, sum(_own_memory(child) for child in family))
        worked.update({child: _worked(child, worked.get(child, 0)) for child in family})
        if wall > limit:
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(SAMPLE_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = log.read_text("utf-8", errors="replace").strip().splitlines()
        why = f"stopped after {limit:.0f} s" if wall > limit else said[-1] if said else "said nothing"
        raise FailedError(f"exit {process.returncode}: {why}")
    return Run(wall, max(used.ru_utime + used.ru_stime, sum(worked.values())), peak)


def _environment() -> dict[str, str]:
    """Return the environment without what would make every start compile its imports, or reach for ours."""
    return {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")}


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


def _own_memory(pid: int) -> int:
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
    except OSError:  # it ended meanwhile
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))) * 1024


def _worked(pid: int, before: float) -> float:
    """Return the processor seconds of a process, without its children; `before` if it is gone."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it ended meanwhile
        return before
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
