"""Servers of Google's JSON API for tests: an emulator, from the package gcp-storage-emulator, and one that refuses."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pyarrow import fs

from tests.seaweed import Store, ports


class Bucket(Store):
    """The emulator: it keeps objects in its memory, and lets everybody in."""

    @property
    def options(self) -> str:
        return f"endpoint_override=127.0.0.1:{self.s3}&scheme=http"

    def uri(self, path: str, secret: str = "", key: str = "anonymous") -> str:
        return f"gs://{key}@{path}?{self.options}"

    @cached_property
    def system(self) -> fs.FileSystem:
        return fs.FileSystem.from_uri(f"{self.uri('mill')}&project_id=mill")[0]


@contextmanager
def emulating(folder: Path) -> Iterator[Bucket]:
    """Yield an empty bucket `mill` on a server that only this machine reaches; skip where there is none."""
    if importlib.util.find_spec("gcp_storage_emulator") is None:
        pytest.skip("gcp-storage-emulator is not installed")
    [port] = ports(1)
    command = [sys.executable, "-m", "gcp_storage_emulator", "start", "--host=127.0.0.1", f"--port={port}"]
    bucket = Bucket(folder, port, [*command, "--in-memory"])
    try:
        bucket.start()
        yield bucket
    finally:
        bucket.stop()


class _Refusal(BaseHTTPRequestHandler):
    """An empty bucket to whoever reads, and the status `refused` to whoever writes; `locked`: to both."""

    refused = 403
    locked = False

    def answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status: int) -> None:
        said = {"code": status, "message": f"mill-reader gets {status} for that", "errors": []}
        self.answer(status, {"error": said})

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self.locked:
            self.refuse(self.refused)
        elif self.path.partition("?")[0].endswith("/o"):
            self.answer(200, {"kind": "storage#objects", "items": []})
        else:
            self.refuse(404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.refuse(self.refused)


@contextmanager
def refusing(status: int, locked: bool = False) -> Iterator[str]:
    """Yield the options of a URI whose server answers `status` to what is written; `locked`: to all."""
    handler = type("Refusal", (_Refusal,), {"refused": status, "locked": locked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"endpoint_override=127.0.0.1:{server.server_address[1]}&scheme=http"
        finally:
            server.shutdown()
