"""What the processes of killed.py do: a run that notes each shard it finishes, and the commands on versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from ftfy import TextFixerConfig

from pipeline import corpus
from pipeline.clean.screen import suspects
from pipeline.compact import compact
from pipeline.dataset import Dataset, locked
from pipeline.kernels import unicode
from pipeline.kernels.tokens import text_hashes
from pipeline.settings import Settings
from pipeline.work import Work
from tests.corpora import cleaned

#: Shards of about four documents.
SMALL = ("run.shard_bytes=400", "boilerplate.enabled=false")


# What each process would load and compute anew, 0.6 s of 1 s, is here before it is forked.
unicode.fold_table()
text_hashes(np.zeros(1, np.uint8), np.array([0, 1]))
suspects(pa.array(["a"], pa.large_string()), TextFixerConfig())


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
