"""Every preset is a settings file that can be taken, and what is given beside it goes first."""

from __future__ import annotations

import pytest

from pipeline import presets
from pipeline.errors import SettingsError
from pipeline.settings import Settings


def test_there_are_three() -> None:
    assert presets.names() == ["news", "noisy", "strict"]


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_can_be_taken_and_says_why(name: str) -> None:
    settings = Settings.model_validate(presets.load(name))
    assert settings != Settings()
    assert set(presets.load(name)) == {"dedup"}
    assert presets.text(name).startswith(f"# {name.capitalize()}: ")
    assert "wrongly" in presets.text(name)


def test_presets_are_ordered_by_what_they_take() -> None:
    strict, usual, news, noisy = (
        Settings.model_validate(presets.load(name) if name else {}).dedup for name in ("strict", "", "news", "noisy")
    )
    thresholds = [one.documents.threshold for one in (strict, usual, news, noisy)]
    assert thresholds == sorted(thresholds, reverse=True)
    sizes = [one.documents.ngram for one in (strict, usual, news, noisy)]
    assert sizes == sorted(sizes, reverse=True)


def test_an_unknown_name_says_which_there_are() -> None:
    for name in ("nwes", "../news", ""):
        with pytest.raises(SettingsError, match="take one of news, noisy, strict"):
            presets.load(name)


def test_what_is_given_goes_before_the_preset() -> None:
    under = {"dedup": {"documents": {"threshold": 0.6, "ngram": 3}, "seed": 2}}
    over = {"dedup": {"documents": {"threshold": 0.7}}, "run": {"workers": 1}}
    assert presets.merged(under, over) == {
        "dedup": {"documents": {"threshold": 0.7, "ngram": 3}, "seed": 2},
        "run": {"workers": 1},
    }
    assert under == {"dedup": {"documents": {"threshold": 0.6, "ngram": 3}, "seed": 2}}
