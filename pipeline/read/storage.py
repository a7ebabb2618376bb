"""Object stores: inputs at `s3://…` and `gs://…`, through pyarrow's file systems.

An argument is SCHEME://[KEY:SECRET@]BUCKET/PATH[?OPTION=VALUE&…], with pyarrow's options (endpoint_override, scheme,
region); `/` in a secret is written %2F. PATH is taken as it is, nothing in it is decoded. Better than in the
argument, credentials are where the clients of the stores look for them: environment, profile, role of the machine.

Secrets never leave this process: what is saved, logged and shown has `***` for them. After `find` a file is known by
its place, ROOT#BUCKET/PATH, where ROOT is the argument without the path and with its secrets masked.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple, TypeVar

import pyarrow as pa
from pyarrow import fs

from pipeline.errors import RunError, SettingsError
from pipeline.secrets import masked

SCHEMES = ("s3", "gs")
#: Bytes a request: each costs some 30 ms, which at 1 MiB would be most of the time.
REQUEST = 8 << 20
_URI = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
#: Where secrets are: file systems by the masked root, of this process only.
_systems: dict[str, fs.FileSystem] = {}
Result = TypeVar("Result")


class Found(NamedTuple):
    """What an argument stands for."""

    root: str
    paths: list[str]  #: BUCKET/PATH of each file, sorted
    pattern: str  #: BUCKET/PATH as it was given
    named: bool  #: the one file was given itself, not a folder or a pattern


def is_uri(text: str) -> bool:
    """Return whether `text` names a place by a scheme, of whatever kind."""
    return _URI.match(text) is not None


def is_remote(place: str) -> bool:
    """Return whether a file lies in an object store."""
    return place.lower().startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def find(argument: str) -> Found:
    """Return the files that a URI stands for: an object, all below a folder, or what matches `*` and `**`.

    Raises SettingsError for what is no URI of a store, RunError where the store does not answer or refuses.
    """
    scheme, _, rest = argument.partition("://")
    if scheme.lower() not in SCHEMES:
        raise SettingsError(f"{masked(argument)} cannot be read: give a path, file://, s3:// or gs://")
    location, _, options = rest.partition("?")
    authority, _, path = location.partition("/")
    if ":" in authority and "@" not in authority and "@" in path:
        raise SettingsError(f"{masked(argument)} is no URI: write / in a secret as %2F, or give it by the environment")
    root = f"{scheme.lower()}://{authority}{'?' * bool(options)}{options}"
    pattern = f"{authority.rpartition('@')[2]}/{path}".rstrip("/")
    known = masked(root)
    _systems[known] = _asked(masked(argument), lambda: fs.FileSystem.from_uri(root)[0])
    return _asked(masked(argument), lambda: _listed(known, pattern))


def name(place: str) -> str:
    """Return SCHEME://BUCKET/PATH of a file: what ledger, manifest and messages call it."""
    root, _, path = place.partition("#")
    return f"{root.partition('://')[0]}://{path}"


def digest(place: str) -> str | None:
    """Return a digest of the store's own tag of the content (ETag), without reading it; None where it has none."""
    with opened(place, 0) as file:
        tags = {key.lower(): value for key, value in (file.native.metadata() or {}).items()}
        tag = tags.get("etag")
        return blake2b(b"%b %d" % (tag, file.native.size()), digest_size=16).hexdigest() if tag else None


def state(place: str) -> tuple[int, int]:
    """Return (size in bytes, time of the last change in ns; 0 where it is not known)."""
    system, path = _system(place)
    info = _asked(name(place), lambda: system.get_file_info(path))
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
        return int(_asked(self._name, lambda: self.native.readinto(buffer)))

    def close(self) -> None:
        """Close the connection."""
        self.native.close()
        super().close()


def opened(place: str, buffer: int = REQUEST) -> File:
    """Open a file for reading from start to end, `buffer` bytes a request; 0: anywhere. Raises RunError."""
    system, path = _system(place)
    if buffer:
        stream = _asked(name(place), lambda: system.open_input_stream(path, compression=None, buffer_size=buffer))
    else:
        stream = _asked(name(place), lambda: system.open_input_file(path))
    return File(place, stream)


def _system(place: str) -> tuple[fs.FileSystem, str]:
    root, _, path = place.partition("#")
    if root not in _systems:
        raise RunError(f"{name(place)} is not connected in this process: its credentials are only where it was found")
    return _systems[root], path


def _asked(what: str, ask: Callable[[], Result]) -> Result:
    try:
        return ask()
    except (OSError, pa.ArrowInvalid) as error:
        reason = " ".join(masked(str(error)).split()).removesuffix(".")
        raise RunError(
            f"{what} cannot be read ({reason}): check credentials, region, endpoint and network, and start the same "
            "command again, which goes on where it was"
        ) from None  # the cause has the URI as it was given


def _listed(root: str, pattern: str) -> Found:
    system = _systems[root]
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
