"""The server on a real PostgreSQL, as docs/scheduling.md tells teams; skipped where PostgreSQL is not installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpora import rows
from tests.flows.servers import HOUSE, free_port, server, until

FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) + [Path(p) for p in [shutil.which("initdb")] if p]
pytestmark = pytest.mark.skipif(not FOUND, reason="PostgreSQL's initdb is not installed (apt-get install postgresql)")


def account() -> str | None:
    """Return the account that PostgreSQL is to run under: it refuses root."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("PostgreSQL refuses root, and there is no account postgres")


@pytest.fixture
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database server of our own, on a port of its own; yields the address for Prefect."""
    bin_, port, user = FOUND[0].resolve().parent, free_port(), account()
    # Not under pytest's folder, which the account postgres may not enter.
    folder = Path("/tmp") / f"corpusmill-postgres-{port}"
    folder.mkdir()
    if user:
        shutil.chown(folder, user)
    options = {"user": user, "cwd": folder, "capture_output": True, "check": True}
    subprocess.run([bin_ / "initdb", "-D", folder / "data", "-U", "prefect", "-A", "trust", "-N"], **options)
    command = [bin_ / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"]
    process = subprocess.Popen(command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ask = [bin_ / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    try:
        until(lambda: subprocess.run(ask, check=False).returncode == 0, 30, lambda: "PostgreSQL does not answer")
        subprocess.run([bin_ / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "prefect", "runs"], check=True)
        yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/runs"
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


def test_a_run_is_kept_in_postgresql(base: str, tmp_path: Path) -> None:
    with server(tmp_path, PREFECT_API_DATABASE_CONNECTION_URL=base) as here:
        done = here.run(f"python -m flows.clean seeds --out {tmp_path / 'out'}", HOUSE)
        assert done.returncode == 0, done.stderr
        [run] = here.ask("/flow_runs/filter", {})
        assert (run["state"]["type"], run["name"]) == ("COMPLETED", f"clean seeds → {tmp_path / 'out'}")
    assert len(rows(tmp_path / "out", "documents")) == 81
    assert not (tmp_path / "prefect.db").exists(), "SQLite was used"
    port = base.rsplit(":", 1)[1].split("/")[0]
    query = [
        FOUND[0].resolve().parent / "psql",
        "-h",
        "127.0.0.1",
        "-p",
        port,
        "-U",
        "prefect",
        "-At",
        "runs",
        "-c",
        "SELECT name FROM flow_run",
    ]
    kept = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    assert kept == f"clean seeds → {tmp_path / 'out'}\n"
