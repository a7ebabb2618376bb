"""Faults of what a run talks to, Prefect's server and Dask, and of commands that go on from a dataset."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.fault_ground import (
    SETTINGS,
    Place,
    Step,
    command,
    ended,
    repaired,
    require,
    started,
    tables,
    told,
    whole,
)
from tests.flows.clusters import clustered
from tests.flows.servers import Running, server


def step(place: Place, name: str, first: list[str], *then: str) -> Step:
    """Return what an undisturbed `then` does to the dataset that `first` makes."""
    before, after = place.root / f"{name}-before", place.root / f"{name}-after"
    require(ended(started(place.root, *first, "--out", str(before), *SETTINGS)).returncode == 0, "the first run fails")
    shutil.copytree(before, after, symlinks=True)
    began = time.perf_counter()
    done = ended(started(place.root, *(word.format(after) for word in then)))
    require(done.returncode == 0, f"the second run fails: {done.stderr[-1500:]}")
    return Step(before, [*then], tables(before), tables(after), time.perf_counter() - began)


def cut_off(place: Place, one: Step) -> None:
    """SIGKILL at a random moment of the step; then the same again."""
    out = place.root / "out"
    for name in ("out", ".out.work"):
        shutil.rmtree(place.root / name, ignore_errors=True)
    shutil.copytree(one.before, out, symlinks=True)
    arguments = [word.format(out) for word in one.command]
    process = started(place.root, *arguments)
    time.sleep(place.draw.uniform(0, 1.1 * one.seconds))
    process.kill()
    process.communicate()
    found = tables(out)
    require(found in (one.old, one.new), "the dataset is neither the old one nor the new one")
    again = ended(started(place.root, *arguments))
    if found == one.new and again.returncode:
        told(again)  # there is nothing left to do
    else:
        require(again.returncode == 0, f"the next run fails: {again.stderr[-1500:]}")
    require(tables(out) == one.new, "the next run gives other rows")


def ingested(place: Place) -> None:
    """SIGKILL of an ingest of a second batch."""
    if "ingest" not in place.steps:
        run = [sys.executable, "-m", "pipeline.cli", "ingest"]
        place.steps["ingest"] = step(place, "ingest", [*run, "old"], *run, "old", "new", "--out", "{}", *SETTINGS)
    cut_off(place, place.steps["ingest"])


def restored(place: Place) -> None:
    """SIGKILL of a restore."""
    if "restore" not in place.steps:
        run = [sys.executable, "-m", "pipeline.cli"]
        first = [*run, "clean", "new"]
        place.steps["restore"] = step(place, "restore", first, *run, "restore", "{}", "--rule", "near")
    cut_off(place, place.steps["restore"])


def flow(out: Path) -> list[str]:
    """Return the command that makes the dataset `out` as a Prefect flow."""
    return [sys.executable, "-m", "flows.clean", *command("new", out)[4:]]


@contextmanager
def prefect(place: Place) -> Iterator[Running]:
    """Yield a Prefect server."""
    home = place.root / "home"
    home.mkdir(exist_ok=True)
    with server(home) as here:
        yield here


def begun(place: Place, out: Path, here: Running) -> subprocess.Popen[str]:
    """Return a flow that has run up to a random moment."""
    process = started(place.root, *flow(out), env=here.environment)
    time.sleep(place.draw.uniform(0.5, 1.1 * place.seconds + 4))
    return process


def flow_killed(place: Place) -> None:
    """SIGKILL of a flow at a random moment."""
    out = place.restore()
    with prefect(place) as here:
        process = begun(place, out, here)
        process.kill()
        process.communicate()
    whole(place, out)
    repaired(place, out)


def server_restarted(place: Place) -> None:
    """SIGKILL of Prefect's server at a random moment of a flow; it is started again after some seconds."""
    out = place.restore()
    with prefect(place) as here:
        process = begun(place, out, here)
        here.stop()
        time.sleep(place.draw.uniform(0, 5))
        here.start()
        done = ended(process)
        if done.returncode:
            told(done, "does not answer", "went away")
    whole(place, out)
    repaired(place, out)


def on_dask(place: Place, victim: str) -> None:
    """SIGKILL of a Dask worker or of the scheduler at a random moment of a run on two workers."""
    out = place.restore()
    folder = Path(tempfile.mkdtemp(dir=place.root))
    with clustered(folder) as cluster:
        process = started(place.root, *command("new", out), "--dask", cluster.address)
        time.sleep(place.moment())
        (cluster.workers[0] if victim == "worker" else cluster.scheduler).kill()
        done = ended(process)
        if done.returncode:
            told(done, "Dask")
            require(victim == "scheduler", f"the other worker does not go on: {done.stderr[-1500:]}")
    shutil.rmtree(folder)
    whole(place, out)
    repaired(place, out)
