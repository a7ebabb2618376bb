"""Bars are drawn on a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from tests.corpora import write_jsonl

COMMAND = (sys.executable, "-m", "pipeline.cli", "clean")


def test_a_terminal_shows_each_step(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"text": f"number {i} of some texts on trains"} for i in range(50)])
    ours, theirs = pty.openpty()
    options = ("--out", str(tmp_path / "out"), "--set", "run.shard_bytes=500", "--workers", "1")
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen((*COMMAND, str(file), *options), stderr=theirs, stdout=subprocess.PIPE, env=environment)
    os.close(theirs)
    drawn = read_all(ours)
    out, _ = process.communicate()
    assert process.returncode == 0
    shards = re.search(r"prepare .*?(\d+)/(\d+)", drawn)
    assert shards is not None and int(shards[2]) > 2
    for step in ("prepare", "recur", "sketch", "match", "finish"):
        assert re.search(rf"{step} ", drawn), drawn
    assert "\x1b" not in out.decode(), "the summary is plain"


def read_all(terminal: int) -> str:
    """Return all that comes until the other side closes, which Linux tells as an error."""
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            return b"".join(parts).decode()
        if not part:
            return b"".join(parts).decode()
        parts.append(part)


def test_a_pipe_shows_nothing(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"text": "a text"}])
    done = subprocess.run((*COMMAND, str(file), "--out", str(tmp_path / "out")), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_rich_is_not_imported_without_a_terminal() -> None:
    code = "import sys; from pipeline.progress import bars\nwith bars() as show: show('prepare', 0, 0)\nprint('rich' in sys.modules)"
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=False)
    assert done.stdout == "False\n", done.stderr
