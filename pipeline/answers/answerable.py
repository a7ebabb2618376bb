"""Which settings can be answered from stored facts, and which ledger rows a changed one brings back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.answers.diff import flat
from pipeline.answers.version import Version
from pipeline.boilerplate.rules import BUILT_IN, packs
from pipeline.errors import SettingsError
from pipeline.settings import Settings
from pipeline.steps.recur import RULES_FILE

STRUCTURE = ("after-comment-form", "trailing-links", "menu-run", "foreign-title", "foreign-title-run")
#: Changes nothing in the rows.
_IDLE = ("run.", "write.", "alarms.", "ingest.", "dedup.memory")
#: A rule in learned.toml: documents of the site that hold it, and all, copies counted once; its id follows.
_LEARNED = re.compile(
    r"^# (\d+) of (\d+) \(\d+%\) when copies count once.*?^id = \"([^\"]+)\"", re.MULTILINE | re.DOTALL
)


def changed(version: Version, settings: Settings) -> dict[str, tuple[Any, Any]]:
    """Return the settings that differ from those of the version, `room.name`: (as it was, as it would be)."""
    before, after = flat(version.manifest["settings"]), flat(settings.model_dump(mode="json"))
    return {key: (before.get(key), after[key]) for key in after if before.get(key) != after[key]}


def brought_back(version: Version, news: Mapping[str, tuple[Any, Any]]) -> list[pc.Expression]:
    """Return which ledger rows of the stage boilerplate the changed settings would not have made.

    Raises SettingsError for a setting that stored facts do not answer.
    """
    found = []
    for key, (before, after) in news.items():
        if key.startswith(("dedup.", *_IDLE)):
            continue
        rules = _rules(version, key, before, after)
        if rules is None:
            raise SettingsError(
                f"{key} = {after!r} cannot be answered from what {version.name} holds: {_why(key, before)}; a run with "
                f"--set {key}=… is needed, and `corpusmill diff` compares the two"
            )
        found.append((pc.field("stage") == "boilerplate") & rules)
    return found


def _why(key: str, before: Any) -> str:
    room = key.partition(".")[0]
    if room != "boilerplate":
        return f"{room} works on the raw text, which is not kept"
    if key == "boilerplate.off":
        return f"what the rules {', '.join(before)} would take was never looked at"
    return "what it would take beside was never looked at"


def _rules(version: Version, key: str, before: Any, after: Any) -> pc.Expression | None:
    """Return the rules whose removals would not be; None: not known."""
    rule = pc.field("rule")
    if key == "boilerplate.off" and set(before) <= set(after):
        return pc.is_in(rule, pa.array(_named(set(after) - set(before))))
    if key == "boilerplate.model" and before and not after:
        return rule == "model"
    if key == "boilerplate.structure" and before and not after:
        return pc.is_in(rule, pa.array(STRUCTURE))
    if key == "boilerplate.learned" and before == "on":
        return pc.starts_with(rule, "learned-")
    if key in ("boilerplate.learned_share", "boilerplate.learned_documents") and after > before:
        return pc.is_in(rule, pa.array(_unlearned(version, key, after), pa.string()))
    return None


def _named(off: set[str]) -> list[str]:
    """Return the ids of the rules that are switched off by their ids or families."""
    families = {rule.id: rule.family for rule in packs()} | BUILT_IN
    members = {name for name, family in families.items() if family in off}
    return sorted(members | off)


def _unlearned(version: Version, key: str, least: float) -> list[str]:
    """Return the learned rules that too few documents of their site hold."""
    file = version.folder / RULES_FILE
    text = file.read_text("utf-8") if file.is_file() else ""
    found = []
    for bodies, of, name in _LEARNED.findall(text):
        value = int(bodies) if key.endswith("documents") else min(1.0, int(bodies) / max(int(of), 1))
        if value < least:
            found.append(name)
    return found
