"""Places in object stores, `s3://…` and `gs://…`, through pyarrow's file systems.

An argument is SCHEME://[KEY:SECRET@]BUCKET/PATH[?OPTION=VALUE&…], with pyarrow's options (endpoint_override, scheme,
region; with gs:// retry_limit_seconds, project_id); `/` in a secret is written %2F, and gs:// takes no name but
`anonymous@`. PATH is taken as it is, nothing in it is decoded. Better than in the argument, credentials are where the
clients of the stores look for them: environment, profile, role of the machine.

Secrets never leave this process: what is saved, logged and shown has `***` for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from pyarrow import fs

from pipeline.errors import RunError, SettingsError
from pipeline.secrets import masked

SCHEMES = ("s3", "gs")
_URI = re.compile(r"\A[a-z][a-z0-9+.-]+://", re.IGNORECASE)
#: Seconds for which Google's client tries again, about as long as that of S3 does; by itself it would for 15 minutes,
#: even to find credentials.
_PATIENCE = 40
#: What Google's client says of itself around the message.
_GOOGLE = re.compile(r"google::cloud::Status\((.*?)\s*error_info=.*", re.DOTALL)
#: Where secrets are: file systems by the masked root, of this process only.
_systems: dict[str, fs.FileSystem] = {}
Result = TypeVar("Result")


class Place(NamedTuple):
    """A place in a store to which this process is connected."""

    root: str  #: the argument without its path, secrets masked
    path: str  #: BUCKET/PATH

    @property
    def name(self) -> str:
        """SCHEME://BUCKET/PATH: what files and messages call it."""
        return f"{self.root.partition('://')[0]}://{self.path}"


def is_uri(text: str) -> bool:
    """Return whether `text` names a place by a scheme, of whatever kind."""
    return _URI.match(text) is not None


def is_remote(text: str) -> bool:
    """Return whether `text` names a place in an object store."""
    return text.lower().startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def local(uri: str) -> str:
    """Return the path that a `file://` URI names. Raises SettingsError for one of another machine."""
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise SettingsError(f"{uri} names the machine {parts.netloc}: write file:///PATH for a file of this one")
    return unquote(parts.path)


def place(argument: str) -> Place:
    """Return the place that a URI names, connected.

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
    known = masked(root)
    _systems[known] = asked(masked(argument), lambda: fs.FileSystem.from_uri(_patient(root))[0])
    return Place(known, f"{authority.rpartition('@')[2]}/{path}".rstrip("/"))


def system(place: Place) -> fs.FileSystem:
    """Return the file system of a place. Raises RunError in a process that is not connected to it."""
    if place.root not in _systems:
        raise RunError(f"{place.name} is not connected in this process: its credentials are only where it was found")
    return _systems[place.root]


def _patient(root: str) -> str:
    if not root.startswith("gs:") or "retry_limit_seconds=" in root:
        return root
    return f"{root}{'&' if '?' in root else '?'}retry_limit_seconds={_PATIENCE}"


def asked(what: str, ask: Callable[[], Result], done: str = "read") -> Result:
    """Return what the store answers to `ask`. Raises RunError, "`what` cannot be `done`", where it fails or refuses."""
    try:
        return ask()
    except (OSError, pa.ArrowException) as error:  # the latter itself, too: Google's client without its key file
        reason = " ".join(masked(_GOOGLE.sub(r"\1", str(error))).split()).removesuffix(".")
        raise RunError(
            f"{what} cannot be {done} ({reason}): check credentials, bucket, region, endpoint and network, and start "
            "the same command again, which goes on where it was"
        ) from None  # the cause has the URI as it was given
