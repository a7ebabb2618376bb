"""Settings that fit a kind of text: TOML files of this package, to be loaded before the user's own."""

from __future__ import annotations

from importlib import resources
from typing import Any

import tomli

from pipeline.errors import SettingsError


def names() -> list[str]:
    """Return the names of all presets."""
    files = resources.files("pipeline").joinpath("presets").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load(name: str) -> dict[str, Any]:
    """Return the settings of a preset as nested dicts, to be merged under the user's own.

    Raises SettingsError for a name that is none.
    """
    settings: dict[str, Any] = tomli.loads(text(name))
    return settings


def text(name: str) -> str:
    """Return a preset as it lies in the package, comments and all; raises what `load` raises."""
    if name not in names():
        raise SettingsError(f"there is no preset {name!r}: take one of {', '.join(names())}")
    return resources.files("pipeline").joinpath("presets").joinpath(f"{name}.toml").read_text("utf-8")


def merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return nested settings in which the values of `over` go before those of `under`."""
    both = {name: value for name, value in under.items() if name not in over}
    for name, value in over.items():
        below = under.get(name)
        both[name] = merged(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return both
