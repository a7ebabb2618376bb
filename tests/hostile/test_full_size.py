"""The large ones in full size, under the default limits: CORPUSMILL_SLOW=1, 2 GB of disk."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpora import rows
from tests.hostile.generator import SOUND, lines

GIB, MEMORY, SECONDS = 1 << 30, 4 << 30, 300
pytestmark = pytest.mark.skipif(
    not os.environ.get("CORPUSMILL_SLOW"), reason="2 GB of disk, two minutes of processor time"
)


def write(folder: Path) -> None:
    """Write a line of 1 GiB between two sound ones, a table of a million columns, 1 GiB of line ends as 1 MB."""
    folder.mkdir()
    block = b"a" * (GIB >> 6)
    with (folder / "line.jsonl").open("wb") as file:
        file.write(lines({"text": f"{SOUND} Before."}) + b'{"text": "')
        for _ in range(64):
            file.write(block)
        file.write(b'"}\n' + lines({"text": f"{SOUND} After."}))
    names = ",".join(f"c{number}" for number in range(999_999))
    (folder / "columns.csv").write_text(f"text,{names}\n{SOUND},{'1,' * 999_998}1\n")
    with gzip.open(folder / "bomb.jsonl.gz", "wb") as packed:
        packed.write(lines({"text": f"{SOUND} In the bomb."}))
        for _ in range(64):
            packed.write(b"\n" * (GIB >> 6))


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def test_what_is_large_is_set_aside_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "in")
    cli = (sys.executable, "-m", "pipeline.cli", "clean", "in", "--out", "out", "--workers", "1")
    alike = ("--set", "dedup.documents.action=off", "--set", "dedup.paragraphs.action=off")
    done = subprocess.run(
        [*cli, *alike, "--set", "alarms.accept=true"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(row["text"].split(". ")[-1] for row in rows(tmp_path / "out", "documents")) == [
        "After.",
        "Before.",
        "In the bomb.",
    ]
    why = {row["source"]: row["error"] for row in rows(tmp_path / "out", "quarantine")}
    assert "longer than 67,108,864 bytes" in why["in/line.jsonl"]
    assert "has 1,000,000, more columns than the 1,000" in why["in/columns.csv"]
    assert "times as large" in why["in/bomb.jsonl.gz"]
