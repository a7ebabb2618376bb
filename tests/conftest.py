"""Hypothesis profiles: the same examples each time; `HYPOTHESIS_PROFILE=search` looks for new ones. An object store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

if TYPE_CHECKING:
    from tests.seaweed import Store

# No deadline: the first call of a kernel compiles it.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
# Nor a smaller example: benchmarks/mutants.py asks only whether there is one.
settings.register_profile("any", deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An S3 server of the module's own: some tests stop it."""
    from tests.seaweed import serving  # with it comes the whole pipeline, which few tests need

    with serving(tmp_path_factory.mktemp("store")) as server:
        yield server
