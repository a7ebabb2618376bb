"""The recipe of docs/datasketch.md: our signatures in MinHashLSH, in memory and in a real Redis."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.dedup import signatures
from tests.corpora import cleaned, write_jsonl

RECIPE = Path(__file__).parents[2] / "docs" / "datasketch.md"
BODY = "the council met on tuesday to hear what the river had done to the old bridge and who would pay for it "
TEXTS = {
    "bridge": BODY * 3 + "the mayor said that nothing was decided yet",
    "bridge-copy": BODY * 3 + "the mayor said that nothing was decided",
    "weather": "rain moved in from the west overnight and will stay until the weekend according to the weather office",
    "short": "too short",
}


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    """Start a redis-server of our own on a free port, and stop it."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("no redis-server here: apt-get install redis-server")
    redis = pytest.importorskip("redis", reason="no redis package here: pip install redis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait(redis, port, process)
            yield port
        finally:
            process.terminate()


def _wait(redis: Any, port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        try:
            redis.Redis(port=port).ping()
            return
        except redis.ConnectionError:
            assert process.poll() is None, "redis-server ended at once"
            time.sleep(0.05)
    raise AssertionError("redis-server does not answer after 5 s")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run with --write-signatures over TEXTS, in two shards; the copy is marked, so that it is in the index, too."""
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": name, "text": text} for name, text in TEXTS.items()])
    out = tmp_path / "out"
    cleaned([file], out, "write.signatures=true", "dedup.documents.action=mark", "run.shard_bytes=700")
    assert len(list((out / "signatures" / "documents").iterdir())) > 1
    return out


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", RECIPE.read_text("utf-8"), re.S)


def follow(recipe: list[str], folder: Path, port: int = 6379) -> dict[str, Any]:
    """Run the recipe's code as it stands, with its folder and port replaced by the test's."""
    names: dict[str, Any] = {}
    for block in recipe:
        exec(block.replace('"OUT"', repr(str(folder))).replace("6379", str(port)), names)
    return names


def test_the_recipe_finds_copies(folder: Path) -> None:
    names = follow(blocks()[:2], folder)
    assert set(names["lsh"].keys) == {"bridge", "bridge-copy", "weather"}
    assert sorted(names["similar"](TEXTS["bridge"])) == ["bridge", "bridge-copy"]
    assert names["similar"]("nothing that any of them says, in as many words as it takes") == []
    assert names["similar"]("too short") == []


def test_the_recipe_finds_copies_in_redis(folder: Path, redis_port: int) -> None:
    memory = follow(blocks()[:2], folder)
    redis = follow(blocks(), folder, redis_port)
    for text in TEXTS.values():
        assert sorted(redis["similar"](text)) == sorted(memory["similar"](text))


def test_an_index_in_redis_outlives_the_process_that_made_it(folder: Path, redis_port: int) -> None:
    first = follow(blocks(), folder, redis_port)
    again = first["open_index"]()
    made = first["made"]
    query = signatures.to_datasketch(signatures.sign(pa.array([TEXTS["bridge"]]), made)[0], made)
    assert sorted(again.query(query)) == ["bridge", "bridge-copy"]
