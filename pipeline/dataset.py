"""A dataset on disk: versions in folders of their own, of which one link names the published one.

    OUT/versions/000002/documents/*.parquet, …, manifest.json    a version; never changed once published
    OUT/current -> versions/000002                               publishing is one rename of this link
    OUT/documents -> current/documents, …                        stable paths for readers
    OUT/.lock                                                    held by the one process that writes

A reader sees one whole version or another. One that lists files and then opens them resolves `current` once
(`Dataset.current`): through the links it may meet files that are missing when a version is published in between, but
never another version's, for no name of a file is used in two versions.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pipeline import stores
from pipeline.errors import OutputError
from pipeline.lock import held
from pipeline.seal import seal, sync, sync_one
from pipeline.secrets import masked

MANIFEST = "manifest.json"
CURRENT = "current"
VERSIONS = "versions"
LOCK = ".lock"
#: A version that is being filled, and one that is being deleted: neither is ever seen as a version.
_STAGED, _GONE = ".staged", ".gone"
#: What a dataset of the old layout has; the manifest is the last to become a link.
_OLD = ("documents", "paragraphs", "ledger", "quarantine", "learned.toml", MANIFEST)
#: The new `current` before it is renamed into its place.
_BESIDE = ".current.new"


def place_of(out: str | Path) -> Path:
    """Return the folder that OUT names, absolute. Raises OutputError where it is in an object store."""
    if str(out).startswith("file://"):
        return Path(stores.local(str(out))).resolve()
    if stores.is_uri(str(out)):
        raise OutputError(
            f"OUT cannot be {masked(str(out))}: only `corpusmill clean` writes to object stores, s3:// or gs://, "
            "`versions` and `rollback` look there; give a folder, `corpusmill upload` brings a dataset to a store"
        )
    return Path(out).resolve()


@dataclass(frozen=True)
class Dataset:
    """The dataset at `root`. What changes it (`stage`, `publish`, `rollback`) is called under `locked(root)`."""

    root: Path

    def current(self) -> Path | None:
        """Return the folder of the published version; None where nothing is published.

        Raises OutputError when `current` is not a link that we made, or names a version that is gone.
        """
        number = self.number()
        if number is None:
            return None
        if not self.folder(number).is_dir():
            raise OutputError(
                f"{self.root / CURRENT} names version {number}, which is gone: `corpusmill versions {self.root}` says "
                "which are there, `corpusmill rollback --to` takes one"
            )
        return self.folder(number)

    def number(self) -> int | None:
        """Return the number of the published version, whether or not its folder is there."""
        link = self.root / CURRENT
        target = str(link.readlink()) if link.is_symlink() else ""
        found = re.fullmatch(rf"{VERSIONS}/(\d{{6,}})", target)
        if found is None and os.path.lexists(link):
            raise OutputError(f"{link} is not a link that Corpusmill made: move it away or take another folder")
        return int(found[1]) if found else None

    def folder(self, number: int) -> Path:
        """Return where a version lies."""
        return self.root / VERSIONS / f"{number:06d}"

    def versions(self) -> list[int]:
        """Return the numbers of all versions that are there, ascending.

        Those above the current one were left by `rollback`, or by a run that died in its last moment; the next
        version removes them.
        """
        return sorted(int(path.name) for path in self._inside(r"\d{6,}"))

    def manifest(self, number: int | None = None) -> dict[str, Any]:
        """Return the manifest of a version; None: the published one. Raises OutputError when there is none."""
        folder = self.current() if number is None else self.folder(number)
        if folder is None:
            raise OutputError(f"{self.root} holds no dataset that was published")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        return manifest

    def old_layout(self) -> bool:
        """Return whether `root` holds a dataset without versions, as the first Corpusmill made it, wholly or still."""
        manifest = self.root / MANIFEST
        plain = manifest.is_file() and not manifest.is_symlink()
        return plain and ((self.root / "documents").is_dir() or self.number() is not None)

    def require_free(self, overwrite: bool) -> None:
        """Raise OutputError when `root` cannot take a new dataset."""
        self.require_ours()
        if not overwrite and (self.number() is not None or self.old_layout()):
            raise OutputError(f"{self.root} holds another run's data: give --out another folder, or take --overwrite")

    def require_dataset(self) -> None:
        """Raise OutputError when `root` holds no dataset."""
        if self.number() is None and not self.old_layout():
            raise OutputError(f"{self.root} holds no dataset: name the folder that `corpusmill clean` wrote with --out")

    def require_version(self, number: int) -> None:
        """Raise OutputError when there is no such version."""
        here = self.versions()
        if number not in here:
            there = ", ".join(map(str, here)) or "none"
            raise OutputError(f"{self.root} has no version {number}; there are: {there}")

    def require_able(self) -> None:
        """Raise OutputError when the file system has no symbolic links: before the work, not after it."""
        beside = self.root / _BESIDE
        beside.unlink(missing_ok=True)
        _symlink(VERSIONS, beside)
        beside.unlink()

    def require_ours(self) -> None:
        """Raise OutputError when `root` is a file, or holds what Corpusmill did not write and no dataset."""
        if not self.root.exists():
            return
        if not self.root.is_dir():
            raise OutputError(f"{self.root} is a file: give --out a folder that does not exist yet")
        if self.number() is None and not self.old_layout() and not all(map(_is_ours, self.root.iterdir())):
            raise OutputError(
                f"{self.root} holds files that Corpusmill did not write for a dataset: give --out another folder"
            )

    def stage(self) -> Path:
        """Return an empty folder for the next version, named for its number; fill it, then `publish` it.

        Leftovers of runs that died go; a dataset of the old layout becomes version 1 first.
        Raises OutputError where links cannot be made.
        """
        (self.root / VERSIONS).mkdir(parents=True, exist_ok=True)
        self.sweep()
        if self.old_layout():
            self._adopt()
        number = max([*self.versions(), self.number() or 0], default=0) + 1
        return self._new_stage(number)

    def publish(self, staged: Path, keep: int) -> int:
        """Make the filled folder the published version; return its number.

        staged: from `stage`, with `manifest.json`, which gets `version`, `published` (UTC, ISO 8601) and `files`: a
        list of {path (from `root`), rows (null where not Parquet), bytes}. keep: versions that stay, this one
        included. Raises ReconcileError when the files hold other numbers of rows than `counts` says.
        """
        before, number = self.number() or 0, number_of(staged)
        self._seal(staged, number, datetime.now(timezone.utc))
        sync(staged)
        self._link(path.name for path in staged.iterdir())
        staged.rename(self.folder(number))
        sync_one(self.root / VERSIONS)
        # Before the link swings: a run killed behind it is done, and nobody would look for them again.
        self._remove(old for old in self.versions() if before < old < number)
        self._swing(number)
        older = [old for old in self.versions() if old <= before]
        self._remove(older[: len(older) - (keep - 1)])
        return number

    def rollback(self, to: int | None = None) -> int:
        """Publish an older version again (None: the one before the current); return its number.

        Raises OutputError when it is not there.
        """
        here, now = self.versions(), self.number()
        if to is None:
            earlier = [number for number in here if now is not None and number < now]
            if not earlier:
                raise OutputError(f"{self.root} has no version before the current one ({now}) to go back to")
            to = earlier[-1]
        self.require_version(to)
        self._link(path.name for path in self.folder(to).iterdir())
        self._swing(to)
        return to

    def sweep(self) -> None:
        """Remove what processes that died have left: staged versions, versions half deleted."""
        for path in self._inside(rf"\.\d{{6,}}({_STAGED}|{_GONE})"):
            shutil.rmtree(path)

    def _new_stage(self, number: int) -> Path:
        folder = self.root / VERSIONS / f".{number:06d}{_STAGED}"
        folder.mkdir()
        return folder

    def _seal(self, staged: Path, number: int, published: datetime) -> None:
        stamp = {"version": number, "published": published.isoformat(timespec="seconds")}
        seal(staged / MANIFEST, self.folder(number).relative_to(self.root).as_posix(), stamp)

    def _inside(self, pattern: str) -> list[Path]:
        """Return the folders of `versions/` with such a name."""
        place = self.root / VERSIONS
        return [path for path in place.iterdir() if re.fullmatch(pattern, path.name)] if place.is_dir() else []

    def _link(self, names: Iterable[str]) -> None:
        """Make the stable links `root/name`; they lead nowhere until `current` names a version that has `name`."""
        for name in names:
            place = self.root / name
            if not os.path.lexists(place):
                _symlink(f"{CURRENT}/{name}", place)
            elif not _is_ours(place):
                raise OutputError(f"{place} is in the way, Corpusmill did not write it: move it away and start again")

    def _swing(self, number: int) -> None:
        """Let `current` name the version, in one step, then remove links to what it does not have."""
        self._point(f"{VERSIONS}/{number:06d}", self.root / CURRENT)
        for path in self.root.iterdir():
            if _is_stable(path) and not path.exists():
                path.unlink()
        sync_one(self.root)

    def _point(self, target: str, place: Path) -> None:
        """Put a link in the place of a link or a file, in one step."""
        beside = self.root / _BESIDE
        beside.unlink(missing_ok=True)
        _symlink(target, beside)
        beside.replace(place)

    def _remove(self, numbers: Iterable[int]) -> None:
        """Remove versions: those that rollbacks and dead runs left above the current one, and those too old."""
        for old in numbers:
            gone = self.root / VERSIONS / f".{old:06d}{_GONE}"
            self.folder(old).rename(gone)
            shutil.rmtree(gone)

    def _adopt(self) -> None:
        """Make version 1 of a dataset of the old layout; the same rows are there at any moment.

        `manifest.json` comes last: as long as it is a file, not all has become links.
        """
        if not self.folder(1).is_dir():
            staged = self._new_stage(1)
            _adopted(self.root, staged)
            self._seal(staged, 1, datetime.fromtimestamp((self.root / MANIFEST).stat().st_mtime, timezone.utc))
            sync(staged)
            staged.rename(self.folder(1))
        if self.number() is None:
            self._swing(1)
        for name in [name for name in _OLD if (self.folder(1) / name).exists()]:
            place = self.root / name
            if place.is_dir() and not place.is_symlink():  # no link can take the place of a folder in one step
                gone = self.root / VERSIONS / f".000001{_GONE}"
                gone.mkdir(exist_ok=True)
                place.rename(gone / name)
            self._point(f"{CURRENT}/{name}", place)
        self.sweep()


def number_of(staged: Path) -> int:
    """Return the number that the staged folder will have as a version."""
    return int(staged.name.split(".")[1])


def part(version: int, number: int) -> str:
    """Return the name of the `number`th file that `version` adds to a table; no other version uses it."""
    return f"{version:06d}-{number:05d}.parquet"


def link(path: Path, place: Path) -> None:
    """Make the file `path` appear at `place` too: a hard link, or a copy on another file system."""
    try:
        os.link(path, place)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        shutil.copyfile(path, place)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the dataset at `root` for writing; the lock dies with its owner, so a dead one never blocks.

    Makes `root`, and removes it again where nothing was published. Not for use twice in one process at a time.
    Raises OutputError when another process holds it (which one, since when), or `root` is not ours.
    """
    Dataset(root).require_ours()
    with held(root / LOCK, str(root), "--out"):
        try:
            yield
        finally:
            with suppress(OSError):  # what is left is swept by the next run; the error before matters more
                _tidy(root)


def _tidy(root: Path) -> None:
    """Remove what a run without result leaves; `root` too, where it holds nothing else."""
    data = Dataset(root)
    data.sweep()
    if data.number() is not None or data.old_layout():
        return
    if (root / VERSIONS).is_dir():
        (root / VERSIONS).rmdir()  # fails where there is a version, or something that is not ours: then all stays
    for path in root.iterdir():
        if _is_ours(path):
            path.unlink()
    root.rmdir()


def _is_ours(path: Path) -> bool:
    return path.name in (LOCK, VERSIONS, CURRENT, _BESIDE) or _is_stable(path)


def _is_stable(path: Path) -> bool:
    return path.is_symlink() and str(path.readlink()) == f"{CURRENT}/{path.name}"


def _adopted(root: Path, staged: Path) -> None:
    """Fill `staged` with the files of the old layout at `root`, under names for version 1."""
    for path in [root / name for name in _OLD]:
        if path.is_dir():
            (staged / path.name).mkdir()
            for number, file in enumerate(sorted(path.glob("*.parquet"))):
                link(file, staged / path.name / part(1, number))
        elif path.exists():
            shutil.copyfile(path, staged / path.name)


def _symlink(target: str, place: Path) -> None:
    try:
        place.symlink_to(target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        raise OutputError(
            f"the file system of {place.parent} has no symbolic links, which versions need: give another --out"
        ) from error
