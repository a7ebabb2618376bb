"""Real faults, again and again: `python -m benchmarks.faults --tries N` prints fault | tries | survived | lost.

A try makes a dataset, lets a fault meet the run that would replace it, and looks: the dataset is the old one or the
new one, whole; what failed said so in one sentence; and the same command again, without the fault, ends in the rows
that an undisturbed run gives. Anything else is lost.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyarrow.dataset as ds

from benchmarks.fault_ground import (
    LostError,
    Place,
    clean,
    command,
    ended,
    repaired,
    require,
    started,
    tables,
    told,
    whole,
)
from benchmarks.fault_services import flow_killed, ingested, on_dask, restored, server_restarted


def killed(place: Place) -> None:
    """SIGKILL at a random moment."""
    out = place.restore()
    process = started(place.root, *command("new", out))
    time.sleep(place.moment())
    process.kill()
    process.communicate()
    whole(place, out)
    repaired(place, out)


@contextmanager
def disk(place: Place, megabytes: int) -> Iterator[Path]:
    """Yield OUT on a small disk of its own (tmpfs). Raises OSError where mounting is not allowed."""
    mount = place.root / "disk"
    mount.mkdir(exist_ok=True)
    do = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(mount)], capture_output=True)
    if do.returncode:
        raise OSError(f"a disk cannot be mounted here: {do.stderr.decode().strip()}")
    try:
        shutil.copytree(place.root / "wanted-old", mount / "out", symlinks=True)
        yield mount / "out"
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=True)


def full(place: Place) -> None:
    """The disk has room for a random part of what the run writes."""
    with disk(place, 16) as out:
        free = shutil.disk_usage(out).free - place.draw.randrange(0, 1_500_000)
        with (out.parent / "filler").open("wb") as filler:
            filler.write(bytes(free))
        done = clean(place.root, "new", out)
        if done.returncode:
            told(done, "No space left", "make room", "disk")
        whole(place, out)
        (out.parent / "filler").unlink()
        repaired(place, out)


def read_only(place: Place) -> None:
    """The disk becomes read-only before the run, or at a random moment of it."""
    with disk(place, 64) as out:
        process = None
        if place.draw.random() < 0.5:
            process = started(place.root, *command("new", out))
            time.sleep(place.moment())
        # Busy while a file is being written: again, as a disk with errors would do it at once.
        while subprocess.run(["mount", "-o", "remount,ro", str(out.parent)], capture_output=True).returncode:
            time.sleep(0.01)
        done = ended(process or started(place.root, *command("new", out)))
        if done.returncode:
            told(done, "Read-only", "cannot write")
        whole(place, out)
        subprocess.run(["mount", "-o", "remount,rw", str(out.parent)], check=True)
        repaired(place, out)


def vanishing(place: Place) -> None:
    """Inputs vanish at a random moment: each is in, or in quarantine with its reason."""
    out = place.restore()
    shutil.copytree(place.root / "new", place.root / "going")
    try:
        process = started(place.root, *command("going", out))
        time.sleep(place.moment())
        for path in place.draw.sample(sorted((place.root / "going").iterdir()), 6):
            path.unlink()
        done = ended(process)
        if done.returncode:
            told(done)
            require(tables(out) == place.old, "a run that failed changed the dataset")
        else:
            _accounted(out)
    finally:
        shutil.rmtree(place.root / "going")
    repaired(place, out)


def _accounted(out: Path) -> None:
    """Require that each of the twelve inputs is whole in the tables, in quarantine, or was gone before the start."""
    rows: dict[str, int] = {}
    ledger = [row for row in ds.dataset(out / "ledger").to_table().to_pylist() if row["position"] is None]
    dropped = [row for row in ledger if row["action"] == "drop"]
    for row in [*ds.dataset(out / "documents").to_table(columns=["source"]).to_pylist(), *dropped]:
        rows[row["source"]] = rows.get(row["source"], 0) + 1
    refused = {row["source"] for row in ds.dataset(out / "quarantine").to_table().to_pylist()}
    require(all(count == 40 or source in refused for source, count in rows.items()), f"rows are missing: {rows}")


def changing(place: Place) -> None:
    """An input is written to again and again while the run is on."""
    out = place.restore()
    shutil.copytree(place.root / "new", place.root / "going")
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.002):
            with (place.root / "going" / "05.jsonl").open("a") as file:
                file.write('{"id": "late", "text": "late"}\n')

    thread = threading.Thread(target=write)
    try:
        process = started(place.root, *command("going", out))
        time.sleep(place.moment())
        thread.start()
        done = ended(process)
    finally:
        stop.set()
        thread.join()
        shutil.rmtree(place.root / "going")
    if done.returncode:
        told(done, "changed while it was read", "is given twice")
        require(tables(out) == place.old, "a run that failed changed the dataset")
    repaired(place, out)


def damaged(place: Place) -> None:
    """A run is killed, and one of its work files truncated or one bit of it flipped."""
    out = place.restore()
    files: list[Path] = []
    while not files:
        process = started(place.root, *command("new", out))
        time.sleep(place.moment())
        process.kill()
        process.communicate()
        files = [path for path in (place.root / ".out.work").rglob("*") if path.is_file() and path.stat().st_size]
        if not files and whole(place, out):
            out = place.restore()
    for path in place.draw.sample(sorted(files), min(3, len(files))):
        _damage(path, place.draw)
    repaired(place, out)


def _damage(path: Path, draw: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at = draw.randrange(len(data))
    data[at] ^= 1 << draw.randrange(8)
    path.unlink()  # a file of the work folder may be that of a version too, and that one is not to be damaged
    path.write_bytes(data if draw.random() < 0.5 else data[:at])


def back_in_time(place: Place) -> None:
    """The clock goes back ten years between two runs. Needs libfaketime."""
    out = place.restore()
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        raise OSError("libfaketime is not installed")
    for days in (0, place.draw.randint(1, 3650)):
        done = clean(place.root, "new", out, env={"LD_PRELOAD": str(library), "FAKETIME": f"-{days}d"})
        require(done.returncode == 0, done.stderr[-1500:])
        require(whole(place, out), "the new dataset is not there")
    require((out / "current").readlink().name == "000003", "the versions are not in order")


def together(place: Place) -> None:
    """Two runs on one dataset at once: one waits for nothing and says who holds it, or comes after the other."""
    out = place.restore()
    first = started(place.root, *command("new", out))
    time.sleep(place.draw.uniform(0, 0.5))
    second = started(place.root, *command("new", out))
    done = [ended(first), ended(second)]
    for one in done:
        if one.returncode:
            told(one, "is being written by")
    require(any(one.returncode == 0 for one in done), "both runs failed")
    require(whole(place, out), "the new dataset is not there")
    repaired(place, out)


def short_of_memory(place: Place) -> None:
    """The process may take 0.3 to 2.5 GB of address space."""
    out = place.restore()
    limit = place.draw.randrange(300 << 20, 2500 << 20)
    arguments = [*command("new", out)]
    done = ended(
        started(place.root, *arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    )
    # Below 1 GB LLVM or the loader may end the process themselves: then there is no sentence of ours.
    if done.returncode > 0 and "Error" in done.stderr:
        told(done)
    whole(place, out)
    repaired(place, out)


def rolled_back(place: Place) -> None:
    """Rollback and compact are killed at a random moment."""
    out = place.restore()
    require(clean(place.root, "new", out).returncode == 0, "the second run fails")
    what = place.draw.choice((("rollback", str(out)), ("compact", str(out))))
    process = started(place.root, sys.executable, "-m", "pipeline.cli", *what)
    time.sleep(place.draw.uniform(0.2, 1.5))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    whole(place, out)
    repaired(place, out)


#: By the words of the table.
FAULTS: dict[str, Callable[[Place], None]] = {
    "kill -9 of `clean`": killed,
    "kill -9 of `ingest`": ingested,
    "kill -9 of `rollback` and `compact`": rolled_back,
    "kill -9 of `restore`": restored,
    "kill -9 of a flow": flow_killed,
    "Prefect's server killed and started again": server_restarted,
    "Dask worker killed": partial(on_dask, victim="worker"),
    "Dask scheduler killed": partial(on_dask, victim="scheduler"),
    "disk full": full,
    "disk read-only": read_only,
    "inputs vanish": vanishing,
    "an input is written to": changing,
    "work files truncated or bits flipped": damaged,
    "clock goes back": back_in_time,
    "two runs on one dataset": together,
    "address space limited": short_of_memory,
}


def table(tries: int, names: list[str], seed: int) -> Iterator[str]:
    """Yield the lines of the table as they come."""
    yield "| fault | tries | survived | lost |"
    yield "|---|---:|---:|---:|"
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), random.Random(seed))
        for name in names:
            lost = []
            try:
                for _ in range(tries):
                    try:
                        FAULTS[name](place)
                    except LostError as error:
                        lost.append(str(error))
            except OSError as error:
                yield f"| {name} | 0 | {error} | |"
                continue
            yield f"| {name} | {tries} | {tries - len(lost)} | {len(lost)} |"
            for what in lost:
                print(f"{name}: {what}", file=sys.stderr)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=5, help="of each fault")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--only", action="append", choices=list(FAULTS), help="this fault; may be given again")
    options = parser.parse_args()
    for line in table(options.tries, options.only or list(FAULTS), options.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
