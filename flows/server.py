"""The Prefect server: there and of a version that fits, or one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import prefect
from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings

from pipeline.errors import RunError


class LeftError(RunError):
    """The server went away, so it does not know what became of the run."""


@contextmanager
def reached() -> Iterator[None]:
    """Run the block against the server of PREFECT_API_URL, or the temporary one where there is none.

    Raises RunError when the server cannot be reached or is of another major version, LeftError when it goes away later.
    """
    url = get_current_settings().api.url
    if url is not None:
        _require(url)
    try:
        yield
    except httpx.HTTPError as error:
        place, why = f" at {url}" if url else "", str(error) or type(error).__name__
        raise LeftError(
            f"the Prefect server{place} went away in mid-run ({why}): nothing was published; start it and the same "
            "command again, which goes on where it was"
        ) from error


def _require(url: str) -> None:
    """Raise RunError when the server does not answer or is of another major version."""
    with get_client(sync_client=True) as client:
        try:
            found = str(client.api_version())
        except httpx.HTTPError as error:
            raise RunError(_away(url, str(error) or type(error).__name__)) from error
    if found.split(".")[0] != prefect.__version__.split(".")[0]:
        raise RunError(
            f"the Prefect server at {url} has version {found} and this is {prefect.__version__}: install the same "
            "major version on both sides"
        )


def _away(url: str, why: str) -> str:
    return (
        f"the Prefect server at {url} does not answer ({why}): start it with `prefect server start`, or unset "
        "PREFECT_API_URL (`prefect config unset PREFECT_API_URL`) to run without one"
    )
