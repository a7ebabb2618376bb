"""Columns: which of the user's columns hold the text, the id and the other things we know of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.settings import ReadSettings


class Columns(NamedTuple):
    """Names of the columns that were taken; "" where there is none."""

    text: str
    id: str
    title: str
    url: str
    date: str
    site: str


#: Names that are taken by themselves, the first that is there.
NAMES = Columns(
    text="text content body article",
    id="doc_id id",
    title="title headline",
    url="url link",
    date="date published published_at",
    site="site",
)
#: The columns named most in one message.
_SHOWN = 20


def choose(names: Sequence[str], settings: ReadSettings) -> Columns:
    """Return the columns to take among `names`: those that `settings` names, else by their usual names.

    Usual names are found whatever their case; a name in the settings must be exact.
    Raises InputError, the rest of a sentence that starts with the name of the input, when a column that
    the settings name is missing or there is no column of text.
    """
    if len(names) > settings.max_columns:
        raise InputError(f"has {len(names):,}, more {too_many(settings)}")
    taken = Columns(*(_choose(names, role, settings) for role in Columns._fields))
    if not taken.text:
        raise InputError(f"has no column of text; it has {_listed(names)}: name one with --text-column")
    return taken


def too_many(settings: ReadSettings) -> str:
    """Return the rest of a sentence about columns over the limit."""
    return f"columns than the {settings.max_columns:,} that are allowed: raise read.max_columns if they are meant"


def _choose(names: Sequence[str], role: str, settings: ReadSettings) -> str:
    wanted = str(getattr(settings, f"{role}_column", ""))
    if wanted:
        if wanted not in names:
            raise InputError(f"has no column `{wanted}`; it has {_listed(names)}: name another with --{role}-column")
        return wanted
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name.strip().casefold(), name)
    usual = getattr(NAMES, role).split()
    return next((folded[name] for name in usual if name in folded), "")


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "no columns"
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
