"""One try of each real fault; `python -m benchmarks.faults --tries N` makes many."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from benchmarks.fault_ground import Place
from benchmarks.faults import FAULTS

#: Each takes 3 to 6 s of processor time: the others run with CORPUSMILL_SLOW=1.
ALWAYS = ("disk full", "work files truncated or bits flipped")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("faults"), random.Random(11))


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost(place: Place, fault: str) -> None:
    if fault not in ALWAYS and not os.environ.get("CORPUSMILL_SLOW"):
        pytest.skip("takes longer: set CORPUSMILL_SLOW=1")
    try:
        FAULTS[fault](place)
    except OSError as error:
        pytest.skip(str(error))


def test_no_disk_stays_mounted(place: Place) -> None:
    assert str(place.root) not in Path("/proc/mounts").read_text()
