"""The flow on a real temporary Prefect server gives the rows of the plain run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.corpora import cleaned, tables, write_jsonl

HOUSE = Path(__file__).parent.parent.parent


def flow(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flows.clean", *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)


def test_the_flow_equals_the_plain_run_and_its_errors_are_sentences(tmp_path: Path) -> None:
    cleaned(["seeds"], tmp_path / "plain", "run.shard_bytes=20000")
    done = flow("seeds", "--out", tmp_path / "flow", "--set", "run.shard_bytes=20000", "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "flow") == tables(tmp_path / "plain")
    assert f"{tmp_path}/flow/documents/*.parquet" in done.stdout

    missing = flow(tmp_path / "none.txt", "--out", tmp_path / "none")
    assert missing.returncode == 1
    assert any(line.startswith("corpusmill: nothing to do: ") for line in missing.stderr.splitlines())
    assert "Traceback" not in missing.stderr
    assert not (tmp_path / "none").exists()


def test_wrong_settings_do_not_start_a_server(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"text": "x"}])
    done = flow(file, "--out", tmp_path / "out", "--set", "dedup.documents.threshold=2")
    assert done.returncode == 2 and done.stderr.startswith("corpusmill: --set dedup.documents.threshold=2")
