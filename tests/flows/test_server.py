"""A server that is away or of another version is one sentence, before any work is done."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import prefect
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.server import LeftError, reached
from pipeline.errors import RunError
from tests.flows.servers import free_port


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """A server that answers all requests so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()


def test_a_server_that_is_away() -> None:
    url = f"http://127.0.0.1:{free_port()}/api"
    with temporary_settings({PREFECT_API_URL: url}), pytest.raises(RunError) as error, reached():
        raise AssertionError("the block was run")
    assert str(error.value).startswith(f"the Prefect server at {url} does not answer (")
    assert "`prefect server start`" in str(error.value)


def test_a_server_of_another_version() -> None:
    with (
        answering(b'"2.20.3"') as url,
        temporary_settings({PREFECT_API_URL: url}),
        pytest.raises(RunError, match=rf"has version 2\.20\.3 and this is {prefect.__version__}") as error,
        reached(),
    ):
        raise AssertionError("the block was run")
    assert url in str(error.value)


def test_a_server_that_goes_away_later() -> None:
    with (
        answering(f'"{prefect.__version__}"'.encode()) as url,
        temporary_settings({PREFECT_API_URL: url}),
        pytest.raises(
            LeftError, match=r"went away in mid-run .*: nothing was published; start it and the same command again"
        ),
        reached(),
    ):
        raise httpx.ConnectError("All connection attempts failed")
