"""docs/scheduling.md on a real server, with a real worker: a schedule fires, and the Parquet is there.

Most of its time goes into starting some fifteen Python processes that import Prefect.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline import corpus
from pipeline.dataset import locked
from tests.corpora import cleaned, tables
from tests.flows.servers import HOUSE, Server, answers, environment, free_port, until
from tests.test_readme import blocks

PAGE = (HOUSE / "docs" / "scheduling.md").read_text("utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a fresh clone."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("seeds", "flows", "pipeline", "tests", "prefect.toml", "prefect.yaml"):
        (folder / name).symlink_to(HOUSE / name)
    return folder


@pytest.fixture(scope="module")
def commands() -> list[str]:
    """The page's ten commands, less those that install."""
    lines = [line[2:] for line in blocks("console", PAGE)[0].splitlines()]
    assert len(lines) == 10
    return lines[2:]


@pytest.fixture(scope="module")
def here(place: Path, commands: list[str]) -> Iterator[Server]:
    """The server that the page's commands start, and the worker that works for it."""
    port = free_port()
    home = place / "home"
    home.mkdir()
    clean = environment(home, port)
    del clean["PREFECT_API_URL"]
    server = Server(f"http://127.0.0.1:{port}/api", clean)
    configure, start, pool, deploy, worker, *_ = [command.replace("4200", str(port)) for command in commands]
    said(server.run(configure, place))
    with working(server, start, place):
        until(lambda: answers(server), 60, (place / "server.log").read_text)
        refused = server.run(deploy, place)
        assert refused.returncode == 1
        assert "references work pool 'corpusmill' which does not exist" in " ".join(refused.stdout.split())
        for command in (pool, deploy):
            said(server.run(command, place))
        with working(server, worker, place):
            yield server


@contextmanager
def working(server: Server, command: str, place: Path) -> Iterator[None]:
    """Run a command that stays, without its nohup and &, until the block ends."""
    bare = command.removeprefix("nohup ").removesuffix(" &")
    process = subprocess.Popen(bare, shell=True, cwd=place, env=server.environment, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_ten_commands_end_with_a_schedule(here: Server, place: Path, commands: list[str]) -> None:
    run, schedule, listed = commands[-3:]
    said(here.run(run, place))
    done = here.wait("nightly", {"COMPLETED", "FAILED", "CRASHED"}, lambda run: not run["auto_scheduled"])
    assert done["state"]["type"] == "COMPLETED", done["state"]
    cleaned(["seeds"], place / "plain")
    assert tables(place / "out") == tables(place / "plain")
    said(here.run(schedule, place))
    assert "cron: 0 3 * * *" in said(here.run(listed, place))
    [active] = here.deployment("nightly")["schedules"]
    assert active["active"]
    others = ("hourly", "weekly", "boilerplate", "duplicates")
    assert not any(here.deployment(name)["schedules"][0]["active"] for name in others)


def test_a_schedule_fires_and_a_run_that_meets_it_is_cancelled(here: Server, place: Path) -> None:
    deployment = here.deployment("nightly")["id"]
    schedule = {"schedule": {"interval": 15}, "active": True, "parameters": {"out": "fired"}}
    [made] = here.ask(f"/deployments/{deployment}/schedules", [schedule])
    fired = here.wait("nightly", {"PENDING", "RUNNING", "COMPLETED"}, lambda run: run["parameters"]["out"] == "fired")
    here.ask(f"/deployments/{deployment}/schedules/{made['id']}", method="DELETE")
    here.ask(f"/deployments/{deployment}/create_flow_run", {"parameters": {"out": "late"}})
    late = here.wait("nightly", {"CANCELLED", "COMPLETED"}, lambda run: run["parameters"]["out"] == "late")
    assert (late["state"]["type"], late["state"]["message"]) == ("CANCELLED", "Deployment concurrency limit reached.")
    assert not (place / "late").exists()

    fired = here.wait("nightly", {"COMPLETED", "FAILED", "CRASHED"}, lambda run: run["id"] == fired["id"])
    reasons = f"the reasons are in {place}/fired/quarantine/*.parquet"
    assert fired["state"]["message"] == f"81 of 109 documents kept, 21 removed, 7 unreadable: {reasons}"
    assert fired["auto_scheduled"] and fired["name"] == "clean seeds → fired"
    assert tables(place / "fired") == tables(place / "out")
    shows(here, fired["id"], place)


def shows(here: Server, run: str, place: Path) -> None:
    """The page of the run has a bar a step, a summary, and a log of a line a step."""
    artifacts = here.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    bars = {item["description"]: item["data"] for item in artifacts if item["type"] == "progress"}
    assert bars == {f"{step}: 1 of 1 shards": 100 for step in corpus.STEPS}
    [summary] = [item["data"] for item in artifacts if item["type"] == "markdown"]
    assert "| documents | 109 | 21 | 7 | 81 |" in summary
    assert f"{place}/fired/documents/*.parquet" in summary
    # Logs come in batches, the last one a moment after the run.
    until(
        lambda: steps_logged(here, run) == ["inputs to read", *corpus.STEPS], 30, lambda: str(steps_logged(here, run))
    )


def steps_logged(here: Server, run: str) -> list[str]:
    logs = here.ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run]}}, "sort": "TIMESTAMP_ASC"})
    return [line["message"].split(":")[0] for line in logs if line["name"] == "prefect.task_runs"]


def test_a_served_flow_leaves_a_dataset_that_is_being_written_alone(here: Server, place: Path) -> None:
    entry = "{name: served, entrypoint: 'flows/compact.py:compact', parameters: {out: out}}"
    (place / "served.yaml").write_text(f"deployments: [{entry}]")
    before = tables(place / "out")
    (place / "serve.log").touch()  # the shell may be slower to make it than we are to look
    with working(here, "python -m flows.serve served.yaml > serve.log 2>&1", place), locked(place / "out"):
        until(lambda: "are being served" in (place / "serve.log").read_text(), 60, (place / "serve.log").read_text)
        here.ask(f"/deployments/{here.deployment('served')['id']}/create_flow_run", {})
        run = here.wait("served", {"COMPLETED", "FAILED", "CRASHED"}, lambda run: True)
    assert run["state"]["type"] == "FAILED"
    assert run["state"]["message"].startswith(f"{place}/out is being written by process {os.getpid()} on ")
    assert tables(place / "out") == before
