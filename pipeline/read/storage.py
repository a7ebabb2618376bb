"""Inputs in object stores: `s3://…` and `gs://…` (see `stores`).

After `find` a file is known by its place, ROOT#BUCKET/PATH, where ROOT is the argument without the path and with its
secrets masked.
"""

from __future__ import annotations

import io
import re
from hashlib import blake2b
from typing import NamedTuple

import pyarrow as pa
from pyarrow import fs

from pipeline import stores
from pipeline.secrets import masked
from pipeline.stores import Place, asked

#: Bytes a request: each costs some 30 ms, which at 1 MiB would be most of the time.
REQUEST = 8 << 20


class Found(NamedTuple):
    """What an argument stands for."""

    root: str
    paths: list[str]  #: BUCKET/PATH of each file, sorted
    pattern: str  #: BUCKET/PATH as it was given
    named: bool  #: the one file was given itself, not a folder or a pattern


def find(argument: str) -> Found:
    """Return the files that a URI stands for: an object, all below a folder, or what matches `*` and `**`.

    Raises SettingsError for what is no URI of a store, RunError where the store does not answer or refuses.
    """
    place = stores.place(argument)
    return asked(masked(argument), lambda: _listed(place))


def name(place: str) -> str:
    """Return SCHEME://BUCKET/PATH of a file: what ledger, manifest and messages call it."""
    return _place(place).name


def digest(place: str) -> str | None:
    """Return a digest of the store's own tag of the content, without reading it; None where it has none.

    That is the ETag; in gs:// the MD5, for the ETag there is of the upload. What was composed there has no MD5.
    """
    with opened(place, 0) as file:
        tags = {key.lower(): value for key, value in (file.native.metadata() or {}).items()}
        tag = tags.get("md5hash") or tags.get("etag")
        return blake2b(b"%b %d" % (tag, file.native.size()), digest_size=16).hexdigest() if tag else None


def state(place: str) -> tuple[int, int]:
    """Return (size in bytes, time of the last change in ns; 0 where it is not known)."""
    system, path = stores.system(_place(place)), _place(place).path
    info = asked(name(place), lambda: system.get_file_info(path))
    return info.size, info.mtime_ns or 0


class File(io.RawIOBase):
    """A file in a store. Where the store fails, RunError: that is no fault of the file, and no reason to go without."""

    def __init__(self, place: str, native: pa.NativeFile) -> None:
        self._name = name(place)
        self.native = native

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return whether it was opened for reading anywhere."""
        return bool(self.native.seekable())

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a byte."""
        return int(self.native.seek(offset, whence))

    def tell(self) -> int:
        """Return the byte that is read next."""
        return int(self.native.tell())

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read into a buffer; return how many bytes."""
        return int(asked(self._name, lambda: self.native.readinto(buffer)))

    def close(self) -> None:
        """Close the connection."""
        self.native.close()
        super().close()


def opened(place: str, buffer: int = REQUEST) -> File:
    """Open a file for reading from start to end, `buffer` bytes a request; 0: anywhere. Raises RunError."""
    system, path = stores.system(_place(place)), _place(place).path
    if buffer:
        stream = asked(name(place), lambda: system.open_input_stream(path, compression=None, buffer_size=buffer))
    else:
        stream = asked(name(place), lambda: system.open_input_file(path))
    return File(place, stream)


def _place(place: str) -> Place:
    root, _, path = place.partition("#")
    return Place(root, path)


def _listed(place: Place) -> Found:
    system, (root, pattern) = stores.system(place), place
    fixed = pattern.partition("*")[0]
    folder = fixed.rpartition("/")[0] if "*" in pattern else pattern
    info = system.get_file_info(folder)
    if info.type == fs.FileType.File:
        return Found(root, [folder], pattern, True)
    below = system.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
    paths = sorted(one.path for one in below if one.type == fs.FileType.File)
    wanted = _matching(pattern)
    return Found(root, [path for path in paths if wanted.fullmatch(path)], pattern, False)


def _matching(pattern: str) -> re.Pattern[str]:
    """Return what matches the files of a pattern: `*` within a name, `**` across folders; folders with all below."""
    parts = [
        "(?:[^/]+/)*" if part == "**" else f"{re.escape(part)}/" for part in pattern.removesuffix("/**").split("/")
    ]
    return re.compile("".join(parts).replace(r"\*", "[^/]*").removesuffix("/") + "(?:/.*)?", re.DOTALL)
