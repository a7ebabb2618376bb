"""What the processes of killed.py do: a run that notes each shard it finishes, and the commands on versions."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from pipeline import corpus, stored
from pipeline.compact import compact
from pipeline.dataset import Dataset, locked
from pipeline.errors import OutputError
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.work import Work
from tests.corpora import cleaned, settings

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


def clean_to_store(uri: str, file: Path, work: Path, at: int, puts: Path, assignments: tuple[str, ...]) -> None:
    """Die before the `at`th change of the store, from 1; else say how many there were."""
    asked, seen = stored.asked, 0

    def counted(what: str, ask: Any, done: str = "read") -> Any:
        nonlocal seen
        seen += done != "read"
        if done != "read" and seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return asked(what, ask, done)

    stored.asked, stored.SENDING = counted, 1
    corpus.clean_corpus([str(file)], uri, settings("run.workers=1", *assignments, f"run.work={work}"), overwrite=True)
    puts.write_text(str(seen))


def refused(uri: str, file: Path, work: Path, folder: Path) -> None:
    try:
        corpus.clean_corpus([str(file)], uri, settings("run.workers=1", f"run.work={work}"))
    except OutputError as error:
        (folder / "said").write_text(str(error))


def batch(file: Path, out: Path, *assignments: str) -> None:
    ingest([str(file)], out, settings(*SMALL, *assignments))


def refused_batch(file: Path, out: Path, said: Path) -> None:
    try:
        batch(file, out)
    except OutputError as error:
        said.write_text(str(error))
