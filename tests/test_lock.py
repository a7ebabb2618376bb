"""A lock is held by one, whatever becomes of its file; who held it last is told, and believed only where it is sure."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.lock import held, is_gone, owner


def test_a_file_that_goes_between_open_and_lock_is_not_held_by_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, flock = tmp_path / "lock", fcntl.flock

    def late(descriptor: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        file.unlink()  # as a run without result does that ends just now
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with (
        held(file, "OUT", "--out"),
        pytest.raises(OutputError, match=f"OUT is being written by process {os.getpid()} on"),
        held(file, "OUT", "--out"),
    ):
        pass


def test_the_file_names_the_owner_and_nothing_of_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    file.write_text(json.dumps({"pid": 1, "command": "x" * 5000}))
    with held(file, "OUT", "--out"):
        assert json.loads(file.read_text()).items() >= {"pid": os.getpid(), "host": socket.gethostname()}.items()


def test_only_a_process_of_this_machine_is_known_to_be_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = owner() | {"pid": ended.pid}
    assert is_gone(dead)
    assert not is_gone(dead | {"host": "elsewhere"})
    assert not is_gone(owner()) and not is_gone({})
