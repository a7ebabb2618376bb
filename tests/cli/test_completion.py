"""What a shell completes, asked for as click's scripts ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest


def offered(*words: str) -> list[str]:
    """Return what bash is offered for the last word."""
    line = ["corpusmill", *words]
    environment = {**os.environ, "COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(line) - 1)}
    environment["_CORPUSMILL_COMPLETE"] = "bash_complete"
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli"], env=environment, capture_output=True, text=True, check=True
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "some", "count"),
    [
        (["ro"], ["rollback"], 1),
        (["clean", "--on-d"], ["--on-duplicate-id"], 1),
        (["clean", "--set", "dedup.documents.thr"], ["dedup.documents.threshold=0.8"], 1),
        (["clean", "--set", "alarms."], ["alarms.max_documents=0.8", "alarms.accept=false"], 6),
        (["clean", "--set", "dedup.documents.action=m"], ["dedup.documents.action=mark"], 1),
        (["clean", "--preset", "n"], ["news", "noisy"], 2),
        (["clean", "--on-duplicate-id", "s"], ["suffix"], 1),
        (["evaluate", "d"], ["dedup"], 1),
    ],
)
def test_commands_options_settings_and_values(words: list[str], some: list[str], count: int) -> None:
    found = offered(*words)
    assert set(some) <= set(found) and len(found) == count, found


def test_files_are_left_to_the_shell() -> None:
    environment = {**os.environ, "COMP_WORDS": "corpusmill clean se", "COMP_CWORD": "2"}
    environment["_CORPUSMILL_COMPLETE"] = "bash_complete"
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "file,se"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_sound(shell: str) -> None:
    environment = {**os.environ, "_CORPUSMILL_COMPLETE": f"{shell}_source"}
    command = [sys.executable, "-m", "pipeline.cli"]
    script = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert "_CORPUSMILL_COMPLETE" in script and "corpusmill" in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=script, text=True, check=False).returncode == 0
