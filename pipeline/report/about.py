"""Settings, versions, inputs, time: what is needed to make the same dataset again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.report.blocks import more, section, table
from pipeline.report.figures import Figures
from pipeline.report.markup import Child, Html, shown, tag

#: Inputs that are shown.
INPUTS = 50


def about(figures: Figures) -> Html:
    """Return what made this dataset."""
    manifest = figures.manifest
    versions = [*manifest["versions"].items(), ("Python", manifest["python"])]
    inputs = manifest["inputs"]
    rows = [(shown(row["source"], 160), tag("code", row["digest"])) for row in inputs[:INPUTS]]
    caption = f"Inputs, {min(INPUTS, len(inputs))} of {len(inputs):,}"
    seconds = [(step, f"{took:,.1f}") for step, took in manifest["seconds"].items()]
    return section(
        "about",
        "Settings and versions",
        table("Versions", ("Software", "Version"), versions),
        table("Time of each step", ("Step", "Seconds"), seconds, (1,)),
        more("All settings", table("Settings", ("Setting", "Value"), _settings(manifest["settings"]))),
        more(caption, table(caption, ("Source", "Digest"), rows)),
    )


def _settings(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[Child, ...]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _settings(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", tag("code", shown(json.dumps(value, ensure_ascii=False), 300))
