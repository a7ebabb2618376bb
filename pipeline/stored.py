"""A dataset in an object store, which has neither renames nor links: one put of a small object publishes.

    OUT/versions/000002-9f3c01ab/documents/*.parquet, …, manifest.json    a version; never changed once it is whole
    OUT/manifest.json      that of the published version; its list `files` is what readers resolve
    OUT/.writer.json       who writes, or wrote last

A version is filled in a local folder and then sent: its files, its manifest, at last the manifest of OUT. So what has
a manifest is whole, and a reader who starts at OUT/manifest.json sees one whole version or another. The name of a
version's folder has the key of its run: what another run sends never lies under the same names.

pyarrow has no conditional put (github.com/apache/arrow/issues/44281), so there is no lock in the store. Who begins
last writes its name to `.writer.json`; who finds another's name there before it publishes does not. Two that look
in the same instant both publish: the one after the other, each of them whole.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

from pyarrow import fs

from pipeline.dataset import MANIFEST, VERSIONS, number_of
from pipeline.errors import OutputError, RunError
from pipeline.lock import is_gone, owner, told
from pipeline.seal import seal
from pipeline.stores import Place, asked, system

WRITER = ".writer.json"
#: Files on their way at once, and bytes of each that are held: as many as Arrow has threads for that.
SENDING, CHUNK = 8, 8 << 20
_FOLDER = re.compile(r"(\d{6,})(-[0-9a-f]{8})?")
#: This process, with its number, as others see it in WRITER.
_ME = uuid.uuid4().hex
_log = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Stored:
    """The dataset at `place`. `beside`: the local folder in which versions are filled; it need not be there yet."""

    place: Place
    beside: Path

    def __str__(self) -> str:
        """Return SCHEME://BUCKET/PREFIX."""
        return self.place.name

    def number(self) -> int | None:
        """Return the number of the published version; None where nothing is published."""
        manifest = self._published()
        return None if manifest is None else int(manifest["version"])

    def manifest(self, number: int | None = None) -> dict[str, Any]:
        """Return the manifest of a version; None: the published one. Raises OutputError when there is none."""
        folder = "" if number is None else f"{VERSIONS}/{self._whole().get(number)}/"
        found = self._json(f"{folder}{MANIFEST}")
        if found is None:
            raise OutputError(f"{self} holds no dataset that was published, or no version {number}")
        return found

    def versions(self) -> list[int]:
        """Return the numbers of all whole versions, ascending; those above the current one go with the next."""
        return sorted(self._whole())

    def files(self, name: str) -> list[str]:
        """Return the Parquet files of a table of the published version, in its partitions too, as BUCKET/PATH."""
        there = [file["path"] for file in self.manifest()["files"] if file["path"].endswith(".parquet")]
        return [f"{self.place.path}/{path}" for path in there if path.split("/", 2)[2].startswith(f"{name}/")]

    def require_free(self, overwrite: bool) -> None:
        """Raise OutputError when the place cannot take a new dataset."""
        self.require_ours()
        if not overwrite and self._published() is not None:
            raise OutputError(f"{self} holds another run's data: give --out another place, or take --overwrite")

    def require_dataset(self) -> None:
        """Raise OutputError when there is no dataset."""
        if self._published() is None:
            raise OutputError(f"{self} holds no dataset: name the place that `corpusmill clean` wrote with --out")

    def require_ours(self) -> None:
        """Raise OutputError when the place is an object, or holds what Corpusmill did not write and no dataset."""
        if self._ask(lambda files: files.get_file_info(self.place.path)).type == fs.FileType.File:
            raise OutputError(f"{self} is an object: give --out another prefix")
        if self._published() is None and not self._names("") <= {VERSIONS, WRITER}:
            raise OutputError(f"{self} holds what Corpusmill did not write for a dataset: give --out another prefix")

    def require_able(self) -> None:
        """Nothing: `writing` has written."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say in the store that this process writes, and at the end that it does no more. Raises RunError.

        Any other that is still writing will not publish; whether it does cannot be told, so it is logged.
        """
        self.require_ours()
        other = self._json(WRITER) or {}
        if other.get("writes") and not is_gone(other):
            _log.warning("%s was being written by %s: if that still runs, it will not publish", self, told(other))
        me = {"writer": _me(), **owner()}
        self._put(WRITER, json.dumps({**me, "writes": True}))
        try:
            yield
        finally:
            with suppress(RunError):  # a store that went away: the error before matters more
                if self._later() is None:
                    self._put(WRITER, json.dumps({**me, "writes": False}))

    def stage(self) -> Path:
        """Return an empty local folder for the next version, named for its number; fill it, then `publish` it."""
        number = max([*self._whole(), self.number() or 0], default=0) + 1
        staged = self.beside / f".{number:06d}.staged"
        if staged.exists():
            shutil.rmtree(staged)
        staged.mkdir(parents=True)
        return staged

    def publish(self, staged: Path, keep: int) -> int:
        """Send the filled folder and make it the published version; return its number.

        staged: from `stage`, with `manifest.json`, which gets `version`, `published` and `files` as in
        `Dataset.publish`. What an earlier try has sent is not sent again. keep: versions that stay, this one included.
        Raises ReconcileError when the files hold other numbers of rows than `counts` says, OutputError when another
        run began to write meanwhile, RunError when the store fails or refuses.
        """
        before, number = self.number() or 0, number_of(staged)
        name = f"{number:06d}-{json.loads((staged / MANIFEST).read_text('utf-8'))['run'][:8]}"
        folder = f"{VERSIONS}/{name}"
        stamp = {"version": number, "published": datetime.now(timezone.utc).isoformat(timespec="seconds")}
        seal(staged / MANIFEST, folder, stamp)
        self._send_all(staged, folder)
        self._require_last()
        for place in (f"{folder}/{MANIFEST}", MANIFEST):
            self._put(place, (staged / MANIFEST).read_text("utf-8"))
        self._prune(before, name, keep)
        return number

    def rollback(self, to: int | None = None) -> int:
        """Publish an older version again (None: the one before the current); return its number.

        Raises OutputError when it is not there.
        """
        here, now = self._whole(), self.number()
        if to is None:
            to = max((number for number in here if now is not None and number < now), default=None)
            if to is None:
                raise OutputError(f"{self} has no version before the current one ({now}) to go back to")
        if to not in here:
            raise OutputError(f"{self} has no version {to}; there are: {', '.join(map(str, sorted(here))) or 'none'}")
        self._put(MANIFEST, json.dumps(self.manifest(to), indent=2, ensure_ascii=False) + "\n")
        return to

    def _published(self) -> dict[str, Any] | None:
        found = self._json(MANIFEST)
        if found is not None and not {"version", "files", "counts"} <= found.keys():
            raise OutputError(f"{self}/{MANIFEST} is not of a dataset that Corpusmill made: give another place")
        return found

    def _later(self) -> dict[str, Any] | None:
        """Return who began to write after this process; None where nobody did."""
        found = self._json(WRITER) or {}
        return None if found.get("writer") == _me() else found

    def _require_last(self) -> None:
        other = self._later()
        if other is not None:
            raise OutputError(
                f"{told(other)} began to write {self} while this run did, so it published nothing: when the other has "
                "ended start the same command again, which goes on where it was"
            )

    def _folders(self) -> list[str]:
        """Return the names of all folders of versions, whole or not."""
        return [name for name in self._names(VERSIONS) if _FOLDER.fullmatch(name)]

    def _whole(self) -> dict[int, str]:
        """Return the folder of each version that is there; where two have one number, the published one."""
        names = sorted(self._folders())
        places = [f"{self.place.path}/{VERSIONS}/{name}/{MANIFEST}" for name in names]
        infos = self._ask(lambda files: files.get_file_info(places)) if names else []
        whole = [name for name, info in zip(names, infos, strict=True) if info.type == fs.FileType.File]
        published = self._published()
        first = [file["path"].split("/")[1] for file in published["files"][:1]] if published else []
        return {int(name.partition("-")[0]): name for name in [*whole, *(name for name in first if name in whole)]}

    def _send_all(self, staged: Path, folder: str) -> None:
        """Bring the files of `staged` but its manifest to `folder`, and see that they are there."""
        sizes = {path: path.stat().st_size for path in sorted(staged.rglob("*")) if path.is_file()}
        wanted = {f"{folder}/{path.relative_to(staged).as_posix()}": path for path in sizes}
        del wanted[f"{folder}/{MANIFEST}"]
        there = self._sizes(folder)
        for place in there.keys() - wanted.keys():  # of an earlier try with other files
            self._delete(place)
        todo = {place: path for place, path in wanted.items() if there.get(place) != sizes[path]}
        _log.info("sending %d files, %d bytes, to %s", len(todo), sum(sizes[path] for path in todo.values()), self)
        with ThreadPoolExecutor(SENDING) as pool:
            try:
                for sent in as_completed([pool.submit(self._send, path, place) for place, path in todo.items()]):
                    sent.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)  # what is on its way ends by itself, no more is begun
                raise
        there = self._sizes(folder)
        wrong = [place for place, path in wanted.items() if there.get(place) != sizes[path]]
        if wrong:
            raise OutputError(
                f"{self}/{wrong[0]} has {there.get(wrong[0], 0):,} bytes of {sizes[wanted[wrong[0]]]:,}, so nothing "
                "was published: start the same command again, which sends it again"
            )

    def _send(self, path: Path, place: str) -> None:
        files, disk = system(self.place), fs.LocalFileSystem()
        to = f"{self.place.path}/{place}"
        asked(f"{self}/{place}", lambda: fs.copy_files(str(path), to, disk, files, chunk_size=CHUNK), "written")

    def _sizes(self, folder: str) -> dict[str, int]:
        """Return the objects below a folder, as paths from OUT, and their bytes."""
        found = [one for one in self._listed(folder, recursive=True) if one.type == fs.FileType.File]
        return {one.path.removeprefix(f"{self.place.path}/"): one.size for one in found}

    def _prune(self, before: int, name: str, keep: int) -> None:
        """Remove all but the version `name` and the last `keep` - 1 up to `before`: also what dead runs have left."""
        older = [folder for number, folder in sorted(self._whole().items()) if number <= before]
        stay = {name, *older[max(len(older) - (keep - 1), 0) :]}
        for folder in [f"{VERSIONS}/{one}" for one in self._folders() if one not in stay]:
            if f"{folder}/{MANIFEST}" in self._sizes(folder):
                self._delete(f"{folder}/{MANIFEST}")  # first, for what has one is whole
            self._delete(folder, folder=True)

    def _delete(self, place: str, folder: bool = False) -> None:
        """Delete an object, or all objects below a folder."""
        at = f"{self.place.path}/{place}"

        def delete(files: fs.FileSystem) -> None:
            with suppress(FileNotFoundError):  # gs: all below a folder is gone, then it misses an object of that name
                files.delete_dir(at) if folder else files.delete_file(at)

        self._ask(delete, place, "deleted")

    def _names(self, folder: str) -> set[str]:
        """Return the names right below a folder.

        In gs:// pyarrow lists a folder that is no object only by what is in it (github.com/apache/arrow/issues/35993).
        """
        at = f"{self.place.path}/{folder}".rstrip("/") + "/"
        found = self._listed(folder, recursive=self.place.root.startswith("gs:"))
        return {one.path.removeprefix(at).partition("/")[0] for one in found}

    def _listed(self, folder: str, recursive: bool = False) -> list[fs.FileInfo]:
        where = fs.FileSelector(f"{self.place.path}/{folder}".rstrip("/"), allow_not_found=True, recursive=recursive)
        return self._ask(lambda files: files.get_file_info(where), folder)

    def _json(self, place: str) -> dict[str, Any] | None:
        """Return what an object holds; None where there is none. Raises OutputError when it is no JSON."""

        def read(files: fs.FileSystem) -> bytes | None:
            try:
                with files.open_input_stream(f"{self.place.path}/{place}", compression=None) as file:
                    return bytes(file.read())
            except FileNotFoundError:
                return None

        data = self._ask(read, place)
        try:
            found: dict[str, Any] | None = None if data is None else json.loads(data)
        except ValueError:
            raise OutputError(f"{self}/{place} is not of a dataset that Corpusmill made: give another place") from None
        return found

    def _put(self, place: str, text: str) -> None:
        """Write an object, in one step."""

        def write(files: fs.FileSystem) -> None:
            with files.open_output_stream(f"{self.place.path}/{place}", compression=None) as file:
                file.write(text.encode())

        self._ask(write, place, "written")

    def _ask(self, ask: Callable[[fs.FileSystem], Result], place: str = "", done: str = "read") -> Result:
        files = system(self.place)
        return asked(f"{self}/{place}".rstrip("/"), lambda: ask(files), done)


def _me() -> str:
    return f"{_ME}-{os.getpid()}"  # a forked process is another
