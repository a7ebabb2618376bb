"""A file that one process holds at a time. The lock is the system's (`flock`), so it ends with its owner."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import OutputError
from pipeline.secrets import masked


def owner() -> dict[str, Any]:
    """Return who this process is: pid, host, since (now, ISO 8601), command (without secrets)."""
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": since,
        "command": masked(" ".join(sys.argv)),
    }


def told(who: dict[str, Any]) -> str:
    """Return an `owner` as a phrase."""
    try:
        since = datetime.fromisoformat(who["since"])
        return f"process {who['pid']} on {who['host']} since {since:%Y-%m-%d %H:%M} ({who['command']})"
    except (KeyError, TypeError, ValueError):  # written by another version of Corpusmill, or by hand
        return "another process"


def is_gone(who: dict[str, Any]) -> bool:
    """Return whether an `owner` is for certain no more: it was of this machine, and has no process."""
    try:
        os.kill(int(who["pid"]), 0)
    except ProcessLookupError:
        return bool(who["host"] == socket.gethostname())
    except (KeyError, TypeError, ValueError, PermissionError):
        pass
    return False


@contextmanager
def held(file: Path, what: str, option: str) -> Iterator[None]:
    """Hold the lock `file`, which may be removed while it is held. Not for use twice in one process at a time.

    what: that is protected by it. option: of the command line that names another place.
    Raises OutputError when the file cannot be made, or another process holds it (which one, since when).
    """
    descriptor = _locked(file, what, option)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(owner()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _locked(path: Path, what: str, option: str) -> int:
    """Return the descriptor of the lock file, locked."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputError(f"cannot write {what} ({error.strerror}): give {option} another folder") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        except BlockingIOError:
            os.close(file)
            raise OutputError(_refusal(path, what)) from None
        except FileNotFoundError:
            pass
        os.close(file)  # a run without result removed the file between our calls: again


def _refusal(path: Path, what: str) -> str:
    """Return who holds the lock, as a sentence."""
    try:
        who = told(json.loads(path.read_text()))
    except (OSError, ValueError):  # it has only just been taken
        who = "another process"
    return f"{what} is being written by {who}: wait for it or stop it"
