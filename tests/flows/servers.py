"""Real Prefect servers on ports of their own, with a home of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent


@dataclass
class Server:
    """Where a server is, and the environment in which commands speak to it."""

    url: str
    environment: dict[str, str]

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """Ask the server, again while it is busy: 503 is what it says when its SQLite file is locked."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"content-type": "application/json"}, method=method)
        for wait in (0.5, 1, 2, 4, 8):
            try:
                return answer(request)
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
                time.sleep(wait)
        return answer(request)

    def run(self, command: str, place: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            shell=True,
            cwd=place,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def deployment(self, name: str) -> dict[str, Any]:
        [found] = self.ask("/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
        assert isinstance(found, dict)
        return found

    def wait(self, deployment: str, states: set[str], chosen: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first run of the deployment that is chosen and in one of the states; wait up to three minutes."""
        for _ in range(360):
            runs = self.ask("/flow_runs/filter", {"deployments": {"name": {"any_": [deployment]}}})
            for run in runs:
                if chosen(run) and run["state"]["type"] in states:
                    return dict(run)
            time.sleep(0.5)
        raise AssertionError([(run["name"], run["state"]) for run in runs])


class Running(Server):
    """A server that this process has started, with its data in the folder `home`."""

    def __init__(self, url: str, environment: dict[str, str], home: Path) -> None:
        super().__init__(url, environment)
        self.home = home

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(BIN / "prefect"), "server", "start", "--port", self.url.split(":")[2].split("/")[0]]
        with (self.home / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, cwd=self.home, start_new_session=True
            )
        until(lambda: answers(self), 60, (self.home / "server.log").read_text)

    def stop(self, number: int = signal.SIGKILL) -> None:
        """End it, all its processes at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait(20)


def answer(request: urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=30) as said:
        return json.loads(said.read() or b"null")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(home: Path, port: int, **more: str) -> dict[str, str]:
    """Return the environment of a machine where nothing of Prefect is configured yet."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return {
        **clean,
        "PATH": f"{BIN}:{clean['PATH']}",
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "NO_COLOR": "1",
        "COLUMNS": "200",
        # Shorter waits than on a real machine, where a schedule may come a minute late after it was made.
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
        **more,
    }


@contextmanager
def server(home: Path, **more: str) -> Iterator[Running]:
    """Run a server until the block ends."""
    port = free_port()
    here = Running(f"http://127.0.0.1:{port}/api", environment(home, port, **more), home)
    try:
        here.start()
        yield here
    finally:
        here.stop(signal.SIGTERM)


def answers(here: Server) -> bool:
    try:
        return bool(here.ask("/health"))
    except OSError:
        return False


def until(true: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    """Wait until `true()`; fail with what `otherwise()` says when the seconds are over."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.2)
