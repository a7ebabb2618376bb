"""The flows `ingest`, `compact` and `evaluate` on a real server: their results, and what they say at their end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.schemas.objects import State
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from flows.compact import compact
from flows.evaluate import evaluate
from flows.ingest import ingest
from pipeline.errors import RunError
from tests.corpora import rows, settings, tables, write_jsonl
from tests.flows.servers import HOUSE, Server, server

CASES = HOUSE / "tests" / "cases"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    with server(home) as running:
        values = {PREFECT_API_URL: running.url, PREFECT_HOME: home, PREFECT_LOGGING_TO_API_ENABLED: False}
        with temporary_settings(values):
            yield running
            EventsWorker.drain_all()  # with the server gone it would try for a minute


def texts(start: int, stop: int) -> list[dict[str, str]]:
    return [{"id": f"d{i}", "text": " ".join(f"w{i}x{j}" for j in range(40))} for i in range(start, stop)]


def test_batches_come_in_once_and_small_files_are_joined(here: Server, tmp_path: Path) -> None:
    out, one, incoming = str(tmp_path / "out"), settings("run.workers=1"), tmp_path / "in"
    incoming.mkdir()
    write_jsonl(incoming / "monday.jsonl", texts(0, 5))
    first = ingest([str(incoming)], out, settings=one)
    assert first["counts"]["documents"]["kept"] == 5
    write_jsonl(incoming / "tuesday.jsonl", texts(5, 9))
    state: State[object] = ingest([str(incoming)], out, settings=one, return_state=True)
    assert state.message == "batch 2: 4 documents in, 4 kept; 9 of 9 documents kept, 0 removed"
    state = ingest([str(incoming)], out, settings=one, return_state=True)
    assert state.message == f"nothing new: all inputs are in {out} already (version 2)"

    before = tables(Path(out))
    state = compact(out, return_state=True)
    assert state.message == f"{out} is at version 3, of {state_files(out)} files"
    assert tables(Path(out)) == before and len(rows(Path(out), "documents")) == 9


def state_files(out: str) -> int:
    return len(json.loads((Path(out) / "manifest.json").read_text())["files"])


def test_scores_and_their_floor(here: Server) -> None:
    found = evaluate([str(CASES / "labelled_lines.jsonl")])
    assert found["all"]["precision"] > 0.9
    with pytest.raises(RunError, match=r"F1 is 0\.\d+, below the floor of 1 \(precision "):
        evaluate([str(CASES / "labelled_clusters.jsonl")], "documents", floor=1)
    state: State[object] = evaluate(["missing.jsonl"], return_state=True)
    assert state.message is not None and state.message.startswith("missing.jsonl cannot be read")
    kept = here.ask("/artifacts/filter", {"artifacts": {"type": {"any_": ["markdown"]}}})
    assert {item["key"] for item in kept} >= {"scores-boilerplate", "scores-documents"}
