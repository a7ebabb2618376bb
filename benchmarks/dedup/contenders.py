"""How each contender is started, and how its kept ids are read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.dedup import environments
from benchmarks.dedup.environments import PEERS
from benchmarks.dedup.run import FailedError

HOUSE = Path(__file__).parents[2]
#: Nothing but duplicates of whole documents is looked for, as the peers do.
ONLY_DOCUMENTS = {
    "encoding.enabled": "false",
    "typography.enabled": "false",
    "boilerplate.enabled": "false",
    "dedup.paragraphs.action": '"off"',
}


class Task(NamedTuple):
    """What every contender is asked."""

    corpus: Path
    threshold: float
    ngram: int
    permutations: int
    workers: int
    bands: int
    rows: int


class Contender(NamedTuple):
    """command: of (corpus, scratch folder). kept, named: what the scratch folder says after the run.

    kept: the ids that stay. named: (removed id, id of the copy that stands for it), where a contender says so.
    """

    name: str
    command: Callable[[Path, Path], list[str]]
    kept: Callable[[Path], set[str]]
    settings: dict[str, str]
    named: Callable[[Path], list[tuple[str, str]]] = lambda scratch: []


def peer(name: str, task: Task, cache: Path) -> Contender:
    """Return a peer, installed. Raises environments.AbsentError."""
    python = environments.python_of(name, cache)
    adapter = Path(__file__).parent / "peers" / f"{PEERS[name].adapter}.py"

    def command(corpus: Path, scratch: Path) -> list[str]:
        numbers = {
            key: getattr(task, key) for key in ("threshold", "permutations", "bands", "rows", "ngram", "workers")
        }
        places = {"input": corpus, "kept": scratch / "kept.txt", "scratch": scratch}
        return [str(python), str(adapter), *(f"--{key}={value}" for key, value in {**numbers, **places}.items())]

    return Contender(
        PEERS[name].label, command, lambda scratch: _lines(scratch / "kept.txt"), dict(PEERS[name].settings)
    )


def ourselves(task: Task, assignments: list[str]) -> list[Contender]:
    """Return the ways in which Corpusmill can be asked; what `clean` finds in all stages it finds in cleaned texts."""
    chosen = {
        "dedup.documents.threshold": str(task.threshold),
        "dedup.documents.ngram": str(task.ngram),
        "dedup.num_perm": str(task.permutations),
        "run.workers": str(task.workers),
    }
    sets = [f"{key}={value}" for key, value in chosen.items()]
    ways = {
        "corpusmill dedup": ("dedup", sets),
        "corpusmill clean, documents only": ("clean", [*_pairs(ONLY_DOCUMENTS), *sets]),
        "corpusmill clean, all stages": ("clean", sets),
    }
    return [
        Contender(name, _ours(verb, [*chosen, *assignments]), _published, {}, _named)
        for name, (verb, chosen) in ways.items()
    ]


def _ours(verb: str, assignments: list[str]) -> Callable[[Path, Path], list[str]]:
    def command(corpus: Path, scratch: Path) -> list[str]:
        flags = [part for assignment in assignments for part in ("--set", assignment)]
        return [sys.executable, "-m", "pipeline.cli", verb, str(corpus), "--out", str(scratch / "out"), *flags]

    return command


def _pairs(settings: dict[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in settings.items()]


def _lines(path: Path) -> set[str]:
    try:
        return set(path.read_text("utf-8").split())
    except OSError as error:
        raise FailedError("wrote no kept ids") from error


def _published(scratch: Path) -> set[str]:
    """Return the ids that stay: of `kept.parquet` (dedup) or `documents/*.parquet` (clean)."""
    files = sorted(path for name in ("kept.parquet", "documents/*.parquet") for path in (scratch / "out").glob(name))
    if not files:
        raise FailedError("wrote neither kept.parquet nor documents/*.parquet")
    return {name for file in files for name in pq.read_table(file, columns=["doc_id"])["doc_id"].to_pylist()}


def _named(scratch: Path) -> list[tuple[str, str]]:
    """Return which document was removed for which: of `duplicates.parquet` (dedup) or the ledger (clean)."""
    columns = ["doc_id", "kept_doc_id"]
    files = sorted((scratch / "out").glob("duplicates.parquet"))
    rows = [row for file in files for row in pq.read_table(file, columns=columns).to_pylist()]
    whole = (pc.field("action") == "drop") & pc.field("position").is_null() & pc.field("kept_doc_id").is_valid()
    for file in sorted((scratch / "out" / "ledger").glob("*.parquet")):
        rows += pq.read_table(file, columns=columns, filters=whole).to_pylist()
    return [(row["doc_id"], row["kept_doc_id"]) for row in rows]
