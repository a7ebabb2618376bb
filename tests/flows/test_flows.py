"""The flows `ingest`, `compact` and `evaluate` on a real server: their results, and what they say at their end."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from prefect.client.schemas.objects import State
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from flows.clean import clean
from flows.command import main
from flows.compact import compact
from flows.evaluate import evaluate
from flows.ingest import ingest
from pipeline.errors import RunError
from tests.corpora import cleaned, rows, settings, tables, write_jsonl
from tests.flows.clusters import clustered
from tests.flows.servers import HOUSE, Server, server, until
from tests.seaweed import KEY, READER, SECRET, serving

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


SECRETS = "s3://KEYOFMINE:SECRETOFMINE@mill/in"


def test_secrets_in_parameters_are_refused_before_the_server_keeps_them(here: Server) -> None:
    made = clean.to_deployment("bare", parameters={"inputs": ["seeds"], "out": "out"}).apply()
    for given in ({"inputs": [SECRETS]}, {"out": SECRETS}, {"out": "s3://mill/out?secret_key=SECRETOFMINE"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            here.ask(f"/deployments/{made}/create_flow_run", {"parameters": given})
        assert refused.value.code == 409
    with pytest.raises(Exception, match="does not match"):
        clean.to_deployment("kept", parameters={"inputs": [SECRETS], "out": "out"}).apply()
    by_hand = CliRunner().invoke(main, [SECRETS, "--out", "out"])
    assert by_hand.exit_code == 2 and "by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile" in by_hand.output
    assert "OFMINE" not in by_hand.output
    kept = [here.ask(f"/{what}/filter", {}) for what in ("flow_runs", "deployments", "artifacts", "logs", "task_runs")]
    assert "OFMINE" not in json.dumps(kept)


def test_a_call_with_secrets_fails_and_says_them_nowhere_else(here: Server) -> None:
    """A call from Python makes its run before it can be looked at: its parameters alone have what was given."""
    state: State[object] = ingest([SECRETS], "out", return_state=True)
    assert state.message is not None and state.message.startswith("s3://***@mill/in was given with credentials")
    [run] = [run for run in here.ask("/flow_runs/filter", {}) if run["state"]["message"] == state.message]
    assert "OFMINE" not in json.dumps({**run, "parameters": None})


def test_a_run_out_of_time_leaves_the_dataset_and_no_worker(here: Server, tmp_path: Path) -> None:
    many = write_jsonl(tmp_path / "many.jsonl", texts(0, 12_000))
    cleaned([write_jsonl(tmp_path / "few.jsonl", texts(0, 5))], tmp_path / "out", "run.workers=1")
    before, two = tables(tmp_path / "out"), settings("run.workers=2", "run.shard_bytes=200000")
    began = time.monotonic()
    state: State[object] = clean([str(many)], str(tmp_path / "out"), True, 0.3 / 3600, two, return_state=True)
    assert (state.type.value, state.name) == ("FAILED", "TimedOut")
    assert state.message is not None and state.message.startswith("stopped after 8.33333e-05 h, the time limit, and")
    assert time.monotonic() - began < 60
    assert tables(tmp_path / "out") == before
    until(lambda: not grandchildren(), 10, lambda: f"workers are left over: {grandchildren()}")
    clean([str(many)], str(tmp_path / "out"), True, settings=two)
    assert len(rows(tmp_path / "out", "documents")) == 12_000


def grandchildren() -> list[str]:
    """Processes that were forked from one that this process keeps for that."""
    ours = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    keepers = [pid for file in ours for pid in file.read_text().split() if "forkserver" in command_of(pid)]
    return [pid for one in keepers for pid in Path(f"/proc/{one}/task/{one}/children").read_text().split()]


def command_of(pid: str) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


@pytest.mark.skipif(not os.environ.get("CORPUSMILL_SLOW"), reason="36 s")
def test_a_flow_on_dask_to_a_store_with_a_worker_that_dies(
    here: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers share a work folder; the result goes to a real S3 server; the rows are those of the plain run."""
    copies = [{"id": f"c{i}", "text": texts(i, i + 1)[0]["text"]} for i in range(0, 60, 3)]
    source = write_jsonl(tmp_path / "in.jsonl", [*texts(0, 60), *copies])
    cleaned([source], tmp_path / "plain", "run.workers=1")
    (tmp_path / "store").mkdir()
    (tmp_path / "dask").mkdir()
    with serving(tmp_path / "store") as store, clustered(tmp_path / "dask") as cluster:
        shared = tmp_path / "shared"
        set_to = settings(f"run.dask={cluster.address}", f"run.work={shared}", "run.shard_bytes=600")

        def kill() -> None:
            while len(list(shared.glob("*.work/prepare-*/0000?"))) < 3:
                time.sleep(0.02)
            cluster.workers[0].kill()

        killer = threading.Thread(target=kill)
        killer.start()
        # As one gives secrets to a flow: by the environment, not in a parameter.
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        out = f"s3://mill/flow?{store.options}"
        state: State[object] = clean([str(source)], out, settings=set_to, return_state=True)
        killer.join()
        assert state.message == "60 of 80 documents kept, 20 removed"
        assert cluster.workers[0].wait() == -9 and cluster.workers[1].poll() is None
        assert store.tables("mill/flow") == tables(tmp_path / "plain")
        assert not list(shared.iterdir())
        told = json.dumps(here.ask("/artifacts/filter", {})) + json.dumps(here.ask("/logs/filter", {}))
        assert "s3://mill/flow/versions/000001-" in told and SECRET not in told and KEY not in told

        monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
        state = clean([str(source)], out, True, settings=settings("run.workers=1"), return_state=True)
        assert state.type.value == "FAILED" and state.message is not None
        assert "ACCESS_DENIED" in state.message and state.message.endswith("which goes on where it was")
        assert store.tables("mill/flow") == tables(tmp_path / "plain")
