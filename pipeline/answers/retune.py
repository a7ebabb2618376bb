"""Retune: how many rows would come or go under other settings, from what a dataset holds."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow
from pipeline.answers.answerable import brought_back, changed
from pipeline.answers.chosen import spelt
from pipeline.answers.replay import prepare, replay
from pipeline.answers.version import Version, among
from pipeline.configuration import load_over
from pipeline.errors import RunError
from pipeline.schema import LEDGER
from pipeline.steps.finish import Left

_REASON = ["doc_id", "position", "stage", "rule", "similarity", "kept_doc_id", "kept_position", "text"]


class Rows(NamedTuple):
    """What stands in a dataset, and the ledger rows of what does not."""

    documents: pa.Array  # ids
    paragraphs: pa.Array  # `chosen.spelt`
    entries: pa.Table


def retune(version: Version, assignments: Sequence[str], examples: int = 5, check: bool = True) -> dict[str, Any]:
    """Return what `--set` assignments would change, as plain values.

    `settings`: [key, as it was, as it would be]. `documents`, `paragraphs`: numbers that come and go. `examples` of
    each, smallest ids first, with rule, similarity and copy of the removal that is no more or would be. `exact`:
    dedup run again with the settings as they were gives the rows of the version; None: not checked. `unsure`:
    sentences on what stored facts do not tell.
    Raises SettingsError for a setting that cannot be taken or answered, RunError for a version that cannot.
    """
    version.require_plain("retune")
    _require_of_one_run(version)
    settings = load_over(version.manifest["settings"], assignments)
    news = changed(version, settings)
    back = brought_back(version, news)
    with tempfile.TemporaryDirectory(prefix="corpusmill-") as folder:
        now = _now(version)
        before = load_over(version.manifest["settings"], ())
        exact = None
        if check:
            again = _of(replay(prepare(version, None, Path(folder) / "before"), before, "before"))
            exact = _same(again.documents, now.documents) and _same(again.paragraphs, now.paragraphs)
        work = prepare(version, reduce(or_, back) if back else None, Path(folder) / "after")
        then = _of(replay(work, settings, "after"))
    found: dict[str, Any] = {
        "settings": [[key, *values] for key, values in news.items()],
        "exact": exact,
        "unsure": _unsure(back),
    }
    for name in ("documents", "paragraphs"):
        came, went = (
            _without(*pair)
            for pair in ((getattr(then, name), getattr(now, name)), (getattr(now, name), getattr(then, name)))
        )
        found[name] = {"now": len(getattr(now, name)), "come": len(came), "go": len(went)}
        shown = {
            "come": _examples(version, came[:examples], name, None),
            "go": _examples(version, went[:examples], name, then.entries),
        }
        found.setdefault("examples", {})[name] = shown
    return found


def _require_of_one_run(version: Version) -> None:
    """Raise RunError for a version whose rows are not those of one run."""
    manifest, ask = version.manifest, "ask a dataset that one `corpusmill clean` made"
    if "batch" in manifest:
        raise RunError(f"{version.name} grew by ingest, where the order of the batches decides too: {ask}")
    if manifest.get("restored"):
        number = manifest["restored"][0]["of_version"]
        raise RunError(f"{version.name} has text that was put back: ask the version before it, {number}, or {ask}")
    if not version.files("removed"):
        raise RunError(f"{version.name} was made before there was removed/, which names the removed documents: {ask}")


def _now(version: Version) -> Rows:
    paragraphs = version.rows("paragraphs", None, ["doc_id", "position"])
    ids = arrow.one_chunk(version.rows("documents", None, ["doc_id"])["doc_id"])
    return Rows(ids, spelt(paragraphs), LEDGER.empty_table())


def _of(left: Sequence[Left]) -> Rows:
    documents = pa.concat_arrays([arrow.one_chunk(one.documents["doc_id"]).cast(pa.string()) for one in left])
    paragraphs = pa.concat_arrays([spelt(one.paragraphs) for one in left])
    return Rows(documents, paragraphs, pa.concat_tables([table for one in left for table in one.entries]))


def _same(a: pa.Array, b: pa.Array) -> bool:
    return not len(_without(a, b)) and not len(_without(b, a))


def _without(a: pa.Array, b: pa.Array) -> list[str]:
    """Return what A has and B has not, sorted."""
    found: list[str] = sorted(a.filter(pc.invert(pc.is_in(a, b))).to_pylist())
    return found


def _examples(version: Version, names: list[str], what: str, entries: pa.Table | None) -> list[dict[str, Any]]:
    """Return the removals of documents or paragraphs. entries: of the replay; None: those of the ledger."""
    if not names:
        return []
    places = [("", name) if what == "documents" else _place(name) for name in names]
    ids = sorted({doc_id for _, doc_id in places})
    if entries is None:
        rows = version.rows("ledger", among("doc_id", ids) & (pc.field("action") == "drop"), _REASON)
    else:
        rows = entries.filter(pc.and_(pc.is_in(entries["doc_id"], pa.array(ids)), pc.equal(entries["action"], "drop")))
    known = {
        ("" if row["position"] is None else str(row["position"]), row["doc_id"]): row
        for row in rows.select(_REASON).to_pylist()
    }
    found = []
    for place in places:
        row = known.get(place) or known.get(("", place[1]))
        told = dict.fromkeys(_REASON) if row is None else row
        found.append(told | {"doc_id": place[1], "position": int(place[0]) if place[0] else None})
    return found


def _place(name: str) -> tuple[str, str]:
    """Return (position, doc_id) of `chosen.spelt`."""
    position, _, doc_id = name.partition(" ")
    return position, doc_id


def _unsure(back: Sequence[Any]) -> list[str]:
    if not back:
        return []
    return [
        "lines that come back from boilerplate may be taken by another rule, by structure, or by the line model, which "
        "were not asked again: their number is the most that can come; documents of which nothing was left stay away "
        "unless a line of theirs comes back"
    ]
