"""What commands print: lines for a person, or one JSON object for a program."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

import click


def say(lines: Iterable[str]) -> None:
    """Print lines; colours on a terminal only, and never where NO_COLOR is set (no-color.org)."""
    for line in lines:
        click.echo(line, color=False if os.environ.get("NO_COLOR") else None)


def one_json(found: Any) -> list[str]:
    """Return a result as one line of JSON, for `say`; dates as text."""
    return [json.dumps(found, ensure_ascii=False, default=str)]
