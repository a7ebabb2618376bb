"""The manifest of a run: counts that reconcile, what removed how much, settings and versions; and loss alarms."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

from pipeline.dedup.banding import choose, recall
from pipeline.errors import LossAlarmError
from pipeline.settings import Settings
from pipeline.steps import losses, publish
from pipeline.target import Data
from pipeline.work import Work


def manifest_of(work: Work, settings: Settings, took: dict[str, float]) -> dict[str, Any]:
    """Return the manifest; raises ReconcileError when counts do not add up."""
    facts = work.facts("read")
    return {
        "run": work.keys["finish"],
        "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "counts": publish.reconcile(work),
        "rules": publish.by_rule(work),
        "encoding": publish.damage(work),
        "recall": {level: _recall(settings, level) for level in ("documents", "paragraphs")},
        **work.facts("match"),
        "columns": facts["columns"],
        "inputs": work.load("inputs", 0, "inputs").select(["source", "digest"]).to_pylist(),
        "settings": _dumped(settings),
        "versions": {name: version(name) for name in ("corpusmill", "ftfy", "pyarrow", "numba", "numpy")},
        "python": ".".join(map(str, sys.version_info[:3])),
        "seconds": took,
    }


def losses_of(work: Work, settings: Settings, data: Data) -> dict[str, Any]:
    """Return what was removed of what, and the limits broken; raises LossAlarmError unless that is accepted."""
    limits, now = settings.alarms, losses.losses(work)
    last = data.manifest() if data.number() is not None else {}
    before = last.get("losses", []) if _decides(last.get("settings", {})) == _decides(_dumped(settings)) else []
    found = losses.alarms(now, before, losses.largest_cluster(work), limits)
    if found and not limits.accept:
        raise LossAlarmError(
            "more was removed than the limits in `alarms` allow, so nothing was published: look at the table, "
            "then take --accept-losses with the same command, which goes on here, or change a setting\n"
            + losses.table(found)
        )
    return {"losses": now, "alarms": [alarm._asdict() for alarm in found]}


def _dumped(settings: Settings) -> dict[str, Any]:
    dumped: dict[str, Any] = json.loads(settings.model_dump_json())
    return dumped


def _decides(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that decide what is removed: after another choice other shares are no drift."""
    return {
        room: settings.get(room) for room in ("read", "encoding", "typography", "paragraphs", "boilerplate", "dedup")
    }


def _recall(settings: Settings, level: str) -> dict[str, Any]:
    """Return what the bands of this level find: the share of pairs found, by their similarity."""
    dedup = settings.dedup
    threshold = getattr(dedup, level).threshold
    banding = choose(threshold, dedup.num_perm, dedup.recall)
    found = {f"{s / 20:.2f}": round(recall(s / 20, banding), 4) for s in range(10, 21)}
    return {
        **banding._asdict(),
        "threshold": threshold,
        "at_threshold": round(recall(threshold, banding), 4),
        "found": found,
    }
