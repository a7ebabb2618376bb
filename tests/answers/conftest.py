"""One dataset of the samples for all that only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpora import cleaned


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, cleaned with defaults."""
    out = tmp_path_factory.mktemp("seeds") / "out"
    cleaned(["seeds"], out)
    return out
