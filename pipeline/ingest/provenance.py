"""What must be equal for a batch to join an index: how texts were cleaned, sketched and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pipeline.boilerplate
from pipeline.dedup import signatures
from pipeline.dedup.banding import choose
from pipeline.errors import ProvenanceError, SettingsError
from pipeline.settings import Settings

#: Raised when the files of an index mean something else than before.
FORMAT = 1


def provenance(settings: Settings) -> dict[str, Any]:
    """Return {name: value} of all that what this version does to a batch depends on."""
    made: dict[str, Any] = {"format": FORMAT, "rule_files": _rule_files(settings)}
    for level in ("documents", "paragraphs"):
        of_level = getattr(settings.dedup, level)
        signed = asdict(signatures.provenance(settings.dedup, level))
        banding = choose(of_level.threshold, settings.dedup.num_perm, settings.dedup.recall)
        made |= {f"{level}.{name}": value for name, value in (signed | banding._asdict()).items()}
    rooms = settings.model_dump(mode="json", include={"encoding", "typography", "paragraphs", "boilerplate", "dedup"})
    made |= {name: value for name, value in _flat(rooms) if name not in ("dedup.memory", "boilerplate.rules")}
    return made


def require_able(settings: Settings) -> None:
    """Raise SettingsError for what a run can do and an ingest cannot."""
    for level in ("documents", "paragraphs"):
        if getattr(settings.dedup, level).containment.action == "drop":
            raise SettingsError(
                f"dedup.{level}.containment.action = drop cannot be ingested with, for the index does not find what "
                "lies in a larger text: take mark, or off, or clean everything"
            )
    if settings.write.signatures:
        raise SettingsError("write.signatures cannot be ingested with: leave it off, or clean everything")


def check(made: Mapping[str, Any], settings: Settings, name: str) -> None:
    """Raise ProvenanceError when an index of `made` is not what this run would make; it names what differs."""
    wanted = provenance(settings)
    differing = [
        f"{key} is {made.get(key)!r} there and {wanted.get(key)!r} here"
        for key in sorted({*made, *wanted})
        if made.get(key) != wanted.get(key)
    ]
    if differing:
        more = f" (and {len(differing) - 3} more)" if len(differing) > 3 else ""
        raise ProvenanceError(
            f"{name}: its index cannot take this batch, for {'; '.join(differing[:3])}{more}: set it as it was, or "
            "clean everything again into a new dataset"
        )


def _rule_files(settings: Settings) -> str:
    """Return a digest of the rules: those of the house, of the line model, and the user's own."""
    here = Path(pipeline.boilerplate.__file__).parent
    own = [Path(path) for path in settings.boilerplate.rules]
    digest = blake2b(digest_size=8)
    for path in [*sorted([*here.rglob("*.toml"), *here.rglob("*.json")]), *own]:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}.")
        else:
            found.append((f"{prefix}{name}", value))
    return found
