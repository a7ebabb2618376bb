"""What the processes of killed.py do: a run that notes each shard it finishes, and the commands on versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline import corpus
from pipeline.compact import compact
from pipeline.dataset import Dataset, locked
from pipeline.settings import Settings
from pipeline.work import Work
from tests.corpora import cleaned

#: Shards of about four documents.
SMALL = ("run.shard_bytes=400", "boilerplate.enabled=false")


def clean(file: Path, out: Path, log: Path, *assignments: str) -> None:
    for step, do in corpus.SHARD_STEPS.items():
        corpus.SHARD_STEPS[step] = noting(step, do, log)
    cleaned([file], out, *SMALL, *assignments, overwrite=True)


def noting(step: str, do: Any, log: Path) -> corpus.ShardStep:
    def noted(work: Work, settings: Settings, shard: int) -> None:
        do(work, settings, shard)
        with log.open("a") as file:
            file.write(f"{step} {shard}\n")

    return noted


def adopt(out: Path) -> None:
    with locked(out):
        Dataset(out).stage()


def roll_back(out: Path) -> None:
    with locked(out):
        Dataset(out).rollback(1)


def join_files(out: Path) -> None:
    compact(out, 10**9)
