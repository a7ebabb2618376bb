"""Shards on a real Dask scheduler and two workers, each a process of its own; one of them dies in mid-run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from flows import dask
from pipeline import corpus
from pipeline.errors import RunError, SettingsError
from pipeline.ingest.run import ingest
from pipeline.pool import workers
from pipeline.settings import RunSettings
from tests.corpora import cleaned, settings, tables, write_jsonl
from tests.flows.clusters import HOUSE, Cluster, clustered


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with clustered(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [{"text": " ".join(f"tide{i // 2}x{j}" for j in range(12)) + f"\n\nEnd {i}."} for i in range(60)]
    return write_jsonl(tmp_path_factory.mktemp("texts") / "texts.jsonl", rows)


def test_dask_does_not_matter(cluster: Cluster, texts: Path, tmp_path: Path) -> None:
    cleaned([texts], tmp_path / "plain")
    manifest = cleaned([texts], tmp_path / "small", "run.shard_bytes=900", "run.keep_work=true")
    with workers(RunSettings(dask=cluster.address, executor="dask")) as pool:
        assert isinstance(pool, dask.Checked)
        again = cleaned([texts], tmp_path / "dask", "run.shard_bytes=900", executor=pool)
    assert tables(tmp_path / "dask") == tables(tmp_path / "plain")
    assert again["run"] == manifest["run"]


def test_an_ingest_on_dask_is_an_ingest(cluster: Cluster, texts: Path, tmp_path: Path) -> None:
    ingest([str(texts)], tmp_path / "plain", settings())
    with workers(RunSettings(dask=cluster.address)) as pool:
        ingest([str(texts)], tmp_path / "dask", settings("run.shard_bytes=900"), executor=pool)
    assert tables(tmp_path / "dask") == tables(tmp_path / "plain")


def test_the_command_takes_the_address(cluster: Cluster, texts: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline.cli", "clean", texts, "--out", tmp_path / "out"]
    done = subprocess.run(
        [*command, "--set", "run.shard_bytes=900", "--dask", cluster.address], cwd=HOUSE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["settings"]["run"]["dask"] == cluster.address


def test_an_error_on_a_worker_is_the_error_here(cluster: Cluster) -> None:
    with pytest.raises(RunError, match="no such shard"), workers(RunSettings(dask=cluster.address)) as pool:
        assert pool is not None
        pool.submit(_fail).result()


def test_a_worker_that_does_not_see_the_work_says_so(cluster: Cluster) -> None:
    with workers(RunSettings(dask=cluster.address)) as pool:
        assert pool is not None
        for read in (os.stat, pa.memory_map):
            with pytest.raises(RunError, match=r"does not see .*/no/such/file.*: give --out, or --work, a folder on"):
                pool.submit(read, "/no/such/file").result()


def _fail() -> None:
    raise RunError("no such shard")


def test_a_worker_of_another_version_does_nothing(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = dict(dask.made_of())
    with workers(RunSettings(dask=cluster.address)) as pool:
        assert pool is not None
        monkeypatch.setattr(dask, "made_of", lambda: tuple({**ours, "ftfy": "5.9"}.items()))
        with pytest.raises(RunError, match=f"a Dask worker has ftfy {ours['ftfy']}, not 5.9: install the same"):
            pool.submit(os.getpid).result()
    with pytest.raises(RunError, match="ftfy"), workers(RunSettings(dask=cluster.address)):
        raise AssertionError("the pool opened")


def test_a_worker_that_dies_is_done_without(cluster: Cluster, texts: Path, tmp_path: Path) -> None:
    cleaned([texts], tmp_path / "plain")
    shown: list[tuple[str, int]] = []

    def kill(step: str, done: int, _: int) -> None:
        shown.append((step, done))
        if (step, done) == ("prepare", 3):
            cluster.workers[0].kill()

    with workers(RunSettings(dask=cluster.address)) as pool:
        chosen = settings("run.shard_bytes=300")
        corpus.clean_corpus([str(texts)], tmp_path / "dask", chosen, executor=pool, progress=kill)
    assert ("prepare", 3) in shown and max(done for _, done in shown) > 10
    assert cluster.workers[0].wait() == -9 and cluster.workers[1].poll() is None
    assert tables(tmp_path / "dask") == tables(tmp_path / "plain")


def test_a_cluster_without_workers_says_so(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    monkeypatch.setattr(dask, "PATIENCE", 1)
    said = f"has no worker: start `dask worker {cluster.address}`"
    with pytest.raises(RunError, match=said), workers(RunSettings(dask=cluster.address)):
        raise AssertionError("the pool opened")


@pytest.mark.parametrize(
    ("run", "error", "said"),
    [
        (RunSettings(executor="dask"), SettingsError, "needs the address of a scheduler: give --dask"),
        (RunSettings(dask="localhost"), SettingsError, "localhost is no address of a Dask scheduler"),
        (RunSettings(dask="tcp://127.0.0.1:1"), RunError, "no Dask scheduler answers at tcp://127.0.0.1:1 within 1 s"),
    ],
    ids=["none", "no-address", "nobody"],
)
def test_addresses(run: RunSettings, error: type[Exception], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "PATIENCE", 1)
    with pytest.raises(error, match=said), workers(run):
        raise AssertionError("the pool opened")


def test_settings_hold_the_address() -> None:
    chosen: Any = settings("run.dask=tcp://head:8786").run
    assert (chosen.executor, chosen.dask) == ("", "tcp://head:8786")
