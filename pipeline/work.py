"""The work directory: what each step left for the next, and the whole story of resuming.

    work/<step>-<key>/<shard>/<name>.arrow

A shard's folder appears by one rename when all its tables are written, so a folder that is there is
whole. `key` digests everything the step's result depends on: the inputs' bytes, the settings of all
steps up to this one, and the code. Running again is therefore always safe: what is there is right, once `mend` has
removed what a disk has lost or changed since it was written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa

from pipeline import arrow
from pipeline.errors import RunError
from pipeline.kernels.checksum import checksum

#: In each shard's folder: size and checksum of the files beside it.
SUMS = "sums.json"


@dataclass(frozen=True)
class Work:
    """The directory and the key of each step. Small and picklable: tasks hand it on, never tables."""

    root: Path
    keys: Mapping[str, str]

    def folder(self, step: str, shard: int) -> Path:
        """Return where the tables of a shard lie, whether or not they are there yet."""
        return self.root / f"{step}-{self.keys[step]}" / f"{shard:05d}"

    def mend(self) -> list[str]:
        """Remove shards, and facts of steps, that are not as they were written; return their names.

        Called once, before a run goes on with what an earlier one left: all of it is read, at 10 GB/s from memory.
        """
        lost = []
        for step in self.keys:
            broken = [folder for folder in self._folders(step) if not _is_sound(folder)]
            facts = self._facts(step)
            if broken or (facts.is_file() and _facts_of(facts) is None):
                facts.unlink(missing_ok=True)  # else the step would count as done
                lost.append(step)
            for folder in broken:
                shutil.rmtree(folder)
                lost.append(f"{step} {folder.name}")
        return lost

    def _folders(self, step: str) -> list[Path]:
        place = self.root / f"{step}-{self.keys[step]}"
        return sorted(path for path in place.iterdir() if path.name.isdigit()) if place.is_dir() else []

    def has(self, step: str, shard: int) -> bool:
        """Return whether the step is done for the shard."""
        return self.folder(step, shard).is_dir()

    def save(self, step: str, shard: int, tables: Mapping[str, pa.Table]) -> None:
        """Write all tables of a shard, then make them visible at once."""
        with self.filling(step, shard) as place:
            for name, table in tables.items():
                arrow.write_file(place.path / f"{name}.arrow", table)

    def filling(self, step: str, shard: int) -> Filling:
        """Return a context whose folder becomes the shard's when the block ends well."""
        return Filling(self.folder(step, shard))

    def load(self, step: str, shard: int, name: str) -> pa.Table:
        """Return one table of a shard, memory-mapped."""
        return arrow.read_file(self.folder(step, shard) / f"{name}.arrow")

    def columns(self, step: str, shard: int, name: str) -> arrow.Columns:
        """Return one table of a shard, to be mapped a column at a time."""
        return arrow.Columns(self.folder(step, shard) / f"{name}.arrow")

    def shards(self) -> Sequence[int]:
        """Return the numbers of all shards, known once reading is done."""
        return range(int(self.facts("read")["shards"]))

    def note(self, step: str, facts: Mapping[str, Any]) -> None:
        """Keep small facts of a whole step; they also say that the step is done."""
        path = self._facts(step)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".tmp")
        text = json.dumps(facts)
        beside.write_text(f"{text}\n{_digest(text)}\n")
        beside.replace(path)

    def facts(self, step: str) -> dict[str, Any]:
        """Return what `note` kept."""
        facts = _facts_of(self._facts(step))
        if facts is None:
            raise RunError(f"{self._facts(step)} is damaged: start the same command again, which makes it anew")
        return facts

    def noted(self, step: str) -> bool:
        """Return whether `note` was called for the step."""
        return self._facts(step).is_file()

    def remove(self) -> None:
        """Remove the directory. Each step's folder leaves its place first: a shard's that is there must be whole."""
        gone = self.root / "gone"
        shutil.rmtree(gone, ignore_errors=True)
        gone.mkdir()
        for path in [path for path in self.root.iterdir() if path != gone]:
            path.rename(gone / path.name)
        shutil.rmtree(self.root)

    def _facts(self, step: str) -> Path:
        return self.root / f"{step}-{self.keys[step]}" / "facts.json"


class Filling:
    """A folder that is filled beside its place and renamed into it when all went well."""

    def __init__(self, place: Path) -> None:
        self._place = place
        # Not the process's number: another machine has one of the same, and a cluster may give a shard to both.
        self.path = place.with_name(f"{place.name}.{uuid4().hex}.tmp")

    def __enter__(self) -> Filling:
        self.path.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and not self._place.exists():
            (self.path / SUMS).write_text(json.dumps(_sums(self.path)))
            try:
                self.path.rename(self._place)
            except OSError:
                if not self._place.exists():
                    raise  # else another worker was faster, with the same tables
        shutil.rmtree(self.path, ignore_errors=True)


def _sums(folder: Path) -> dict[str, list[int]]:
    """Return {file: [bytes, checksum]} of the files that a step left."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return {path.relative_to(folder).as_posix(): _sum(path) for path in files}


def _sum(path: Path) -> list[int]:
    size = path.stat().st_size
    return [size, checksum(np.memmap(path, np.uint8, "r")) if size else 0]


def _is_sound(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / SUMS).read_text()) == _sums(folder))
    except (OSError, ValueError):
        return False


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _facts_of(path: Path) -> dict[str, Any] | None:
    """Return what `note` kept; None where it is not as it was written."""
    text, _, digest = path.read_text(errors="replace").partition("\n")
    if digest.strip() != _digest(text):
        return None
    facts: dict[str, Any] = json.loads(text)
    return facts


def step_keys(start: str, chain: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a key for each (step, what it depends on), each digesting all steps before it."""
    keys = {}
    for step, depends_on in chain:
        start = hashlib.blake2b(f"{start}\0{step}\0{depends_on}".encode(), digest_size=8).hexdigest()
        keys[step] = start
    return keys


def code_digest() -> str:
    """Return a digest of this package's source and rule files: other code, other results."""
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted([*here.rglob("*.py"), *here.rglob("*.toml")]):
        digest.update(path.relative_to(here).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
