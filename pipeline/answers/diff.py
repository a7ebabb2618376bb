"""Diff: what another run, or another version, has otherwise: settings, documents, rules."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.answers.entries import Filter, counts
from pipeline.answers.version import Version, among
from pipeline.answers.words import differing

#: Places in which an example of a changed document differs.
PLACES = 5
_RULE = ("stage", "rule", "action")


class Side(NamedTuple):
    """What is compared of one version: ids of its documents, and digests of their text and of all else."""

    version: Version
    ids: pa.Array
    texts: NDArray[np.bytes_]
    facts: NDArray[np.bytes_]


def diff(a: Version, b: Version, examples: int = 5) -> dict[str, Any]:
    """Return what B has otherwise than A, as plain values.

    `equal`: documents, paragraphs' texts, rows of the ledger by rule, and quarantine are the same (settings need
    not be). `settings`: [key, of A, of B]. `documents`: numbers of those that came, went, changed in text, or in
    their other columns (`recounted`). `reasons`: for those that came what had removed them in A, for those that went
    what removed them in B. `rules`: rows by rule in A and in B, where they differ. `examples` of each kind, at most
    so many, smallest ids first.
    """
    left, right = side(a), side(b)
    at = _places(left.ids, right.ids)
    both = np.flatnonzero(at >= 0)
    came = _sorted(right.ids.filter(pa.array(_places(right.ids, left.ids) < 0)))
    went = _sorted(left.ids.filter(pa.array(at < 0)))
    other = left.texts[both] != right.texts[at[both]]
    counted = ~other & (left.facts[both] != right.facts[at[both]])
    changed, recounted = (_sorted(left.ids.take(pa.array(both[mask]))) for mask in (other, counted))
    lists = {"came": came, "went": went, "changed": changed, "recounted": recounted}
    rules = _rules(a, b)
    aside = [version.manifest["counts"]["documents"]["quarantined"] for version in (a, b)]
    return {
        "a": a.name,
        "b": b.name,
        "equal": not any(len(ids) for ids in lists.values()) and not rules and aside[0] == aside[1],
        "settings": _settings(a, b),
        "documents": {"a": len(left.ids), "b": len(right.ids), **{name: len(ids) for name, ids in lists.items()}},
        "quarantined": {"a": aside[0], "b": aside[1]},
        "reasons": {"came": _reasons(a, came), "went": _reasons(b, went)},
        "rules": rules,
        "examples": {
            "came": _examples(a, came[:examples]),
            "went": _examples(b, went[:examples]),
            "changed": _changes(a, b, changed[:examples]),
        },
    }


def side(version: Version) -> Side:
    """Return what is compared of a version, 32 bytes a document beside its id."""
    ids, texts, facts = [pa.array([], pa.string())], [b""], [b""]
    rest = [name for name in version.schema("documents").names if name not in ("doc_id", "text")]
    for batch in version.batches("documents", None, ["doc_id", "text", *rest]):
        ids.append(batch["doc_id"].cast(pa.string()))
        texts += [_digest(text) for text in batch["text"].to_pylist()]
        facts += [_digest(json.dumps(row, default=str, sort_keys=True)) for row in batch.select(rest).to_pylist()]
    return Side(version, pa.concat_arrays(ids), np.array(texts[1:], "S16"), np.array(facts[1:], "S16"))


def _digest(text: str) -> bytes:
    # Hexadecimal: an array of bytes loses zeros at the end.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest().encode()


def _places(ids: pa.Array, among_: pa.Array) -> NDArray[np.int64]:
    """Return where each id is among the others, -1 where it is not."""
    at = pc.fill_null(pc.index_in(ids, among_), -1)
    return np.asarray(at.to_numpy(zero_copy_only=False), np.int64)


def _sorted(ids: pa.Array) -> list[str]:
    found: list[str] = sorted(ids.to_pylist())
    return found


def _settings(a: Version, b: Version) -> list[list[Any]]:
    left, right = flat(a.manifest.get("settings", {})), flat(b.manifest.get("settings", {}))
    keys = sorted({*left, *right})
    return [[key, left.get(key), right.get(key)] for key in keys if left.get(key) != right.get(key)]


def flat(settings: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested settings as `room.name`: value."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        found |= flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return found


def _rules(a: Version, b: Version) -> list[dict[str, Any]]:
    """Return rows by rule where A and B differ, those that differ most first."""
    sides = [{tuple(row[key] for key in _RULE): row["rows"] for row in counts(one, Filter())} for one in (a, b)]
    found = [
        {**dict(zip(_RULE, key, strict=True)), "a": sides[0].get(key, 0), "b": sides[1].get(key, 0)}
        for key in sorted({*sides[0], *sides[1]})
    ]
    found = [row for row in found if row["a"] != row["b"]]
    return sorted(found, key=lambda row: -abs(row["a"] - row["b"]))


def _reasons(version: Version, ids: list[str]) -> list[dict[str, Any]]:
    """Return what removed these documents in a version, with their number, most first."""
    found = Counter(_reason(row) for row in _removals(version, ids).values())
    missing = len(ids) - sum(found.values())
    if missing:
        found["not among its inputs"] += missing
    return [
        {"reason": reason, "documents": n} for reason, n in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]


def _reason(row: dict[str, Any]) -> str:
    return f"{row['stage']}: {row['rule']}"


def _removals(version: Version, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return by id the ledger rows that removed documents as a whole, the last of each."""
    if not ids:
        return {}
    gone = among("doc_id", ids) & (pc.field("action") == "drop") & pc.field("position").is_null()
    columns = ["doc_id", "source", "stage", "rule", "kept_doc_id", "similarity", "evidence"]
    return {row["doc_id"]: row for row in version.rows("ledger", gone, columns).to_pylist()}


def _examples(version: Version, ids: list[str]) -> list[dict[str, Any]]:
    """Return documents that the version does not have, each with what removed it."""
    removals = _removals(version, ids)
    nothing = {"reason": "not among its inputs", "kept_doc_id": None, "similarity": None}
    found = []
    for doc_id in ids:
        row = removals.get(doc_id)
        told = nothing if row is None else {"reason": _reason(row)} | {k: row[k] for k in ("kept_doc_id", "similarity")}
        found.append({"doc_id": doc_id, **told})
    return found


def _changes(a: Version, b: Version, ids: list[str]) -> list[dict[str, Any]]:
    """Return where the texts of documents differ, and which removals and edits only one side has."""
    texts, rows = [], []
    for version in (a, b):
        table = version.rows("documents", among("doc_id", ids), ["doc_id", "text"]) if ids else None
        texts.append({row["doc_id"]: row["text"] for row in table.to_pylist()} if table else {})
        rows.append(_row_names(version, ids))
    return [
        {
            "doc_id": doc_id,
            "differing": list(differing(texts[0][doc_id], texts[1][doc_id]))[:PLACES],
            "only_a": sorted((rows[0][doc_id] - rows[1][doc_id]).elements()),
            "only_b": sorted((rows[1][doc_id] - rows[0][doc_id]).elements()),
        }
        for doc_id in ids
    ]


def _row_names(version: Version, ids: list[str]) -> dict[str, Counter[str]]:
    """Return by id what the ledger says of each document, as `action stage: rule, paragraph 3`."""
    found: dict[str, Counter[str]] = {doc_id: Counter() for doc_id in ids}
    if ids:
        for row in version.rows("ledger", among("doc_id", ids), ["doc_id", "position", *_RULE]).to_pylist():
            place = "" if row["position"] is None else f", paragraph {row['position']}"
            found[row["doc_id"]][f"{row['action']} {_reason(row)}{place}"] += 1
    return found
