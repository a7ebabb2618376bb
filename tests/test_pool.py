"""Where shards are worked on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.pool import workers
from pipeline.settings import RunSettings
from tests.corpora import cleaned, tables, write_jsonl

HOUSE = Path(__file__).parent.parent
BUSY = """
import os
from pipeline.pool import workers
from pipeline.settings import RunSettings
if __name__ == "__main__":
    with workers(RunSettings(workers=2)) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        input()
"""
SINGLE = """
from concurrent.futures import ThreadPoolExecutor
def executor(run):
    pool = ThreadPoolExecutor(1)
    pool.wanted = run.workers
    return pool
"""


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(BUSY)
    command = [sys.executable, tmp_path / "busy.py"]
    environment = {**os.environ, "PYTHONPATH": str(HOUSE)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout
        worker = Path("/proc") / parent.stdout.readline().strip()
        assert worker.is_dir()
        parent.kill()
    for _ in range(100):
        if not worker.is_dir() or "Z" in (worker / "stat").read_text().split()[2]:
            return
        time.sleep(0.1)
    raise AssertionError("the worker lives on")


def test_threads_do_not_matter(tmp_path: Path) -> None:
    texts = [{"text": " ".join(f"tide{i // 2}x{j}" for j in range(12))} for i in range(60)]
    source = write_jsonl(tmp_path / "texts.jsonl", texts)
    cleaned([source], tmp_path / "plain")
    with workers(RunSettings(executor="threads", workers=3)) as pool:
        assert isinstance(pool, ThreadPoolExecutor)
        cleaned([source], tmp_path / "threads", "run.shard_bytes=900", executor=pool)
    assert tables(tmp_path / "threads") == tables(tmp_path / "plain")


def test_an_executor_that_there_is_not() -> None:
    said = "there is no executor ray: run.executor takes dask, processes, threads"
    with pytest.raises(SettingsError, match=said), workers(RunSettings(executor="ray")):
        raise AssertionError("the pool opened")


def test_an_address_is_for_dask() -> None:
    run = RunSettings(executor="threads", dask="tcp://head:8786")
    with pytest.raises(SettingsError, match=r"run\.executor is threads: leave one of them out"), workers(run):
        raise AssertionError("the pool opened")


def test_an_executor_whose_package_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)  # what importing it finds where it is not installed
    monkeypatch.delitem(sys.modules, "flows.dask", raising=False)
    said = r"the executor dask needs distributed, which is not installed: pip install 'corpusmill\[dask\]'"
    with pytest.raises(SettingsError, match=said), workers(RunSettings(dask="tcp://head:8786")):
        raise AssertionError("the pool opened")


def test_packages_bring_executors_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "single.py").write_text(SINGLE)
    facts = tmp_path / "single-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: single\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[corpusmill.executors]\nsingle = single:executor\n")
    monkeypatch.syspath_prepend(tmp_path)
    with workers(RunSettings(executor="single", workers=7)) as pool:
        assert pool is not None
        assert pool.submit(sum, (1, 2)).result() == 3
        assert vars(pool)["wanted"] == 7
