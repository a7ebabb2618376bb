"""What stages and actions are called on the page."""

from __future__ import annotations

from typing import NamedTuple


class Stage(NamedTuple):
    """A stage that removes: what it is called, and the class that gives it colour and hatching."""

    title: str
    kind: str


#: Stages in the order of the run.
STAGES = {
    "read": Stage("Unreadable", "quarantined"),
    "boilerplate": Stage("Boilerplate", "boilerplate"),
    "dedup.documents": Stage("Duplicate documents", "copies"),
    "dedup.paragraphs": Stage("Duplicate paragraphs", "repeats"),
}
#: Paragraphs that are in none of the ledger's rows of their own: their document was removed whole.
WITH_DOCUMENT = Stage("With a removed document", "copies")
ACTIONS = {"drop": "removed", "edit": "changed", "mark": "marked", "quarantine": "set aside", "restore": "put back"}


def stage(name: str) -> Stage:
    """Return what the stage is called."""
    return STAGES.get(name) or Stage(name.replace(".", " ").capitalize(), "other")
