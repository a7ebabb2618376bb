from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.banding import Banding, choose, recall
from pipeline.errors import SettingsError


@given(st.floats(0.3, 1.0), st.sampled_from([64, 128, 256]), st.floats(0.5, 0.99))
def test_the_chosen_bands_reach_the_wanted_recall_and_one_row_more_would_not(
    threshold: float, num_perm: int, wanted: float
) -> None:
    banding = choose(threshold, num_perm, wanted)
    assert banding.bands * banding.rows <= num_perm
    assert recall(threshold, banding) >= wanted
    longer = banding.rows + 1
    assert banding.rows == num_perm or recall(threshold, Banding(num_perm // longer, longer)) < wanted


def test_known_values() -> None:
    assert choose(0.8, 128, 0.99) == Banding(21, 6)
    assert recall(0.8, Banding(9, 13)) == pytest.approx(0.399, abs=0.001)  # TxT360's setting: 40 % at its threshold


def test_what_cannot_be_reached_is_refused() -> None:
    with pytest.raises(SettingsError, match="num_perm"):
        choose(0.01, 16, 0.999)
