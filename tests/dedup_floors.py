"""Scores of duplicate search on the labelled texts of tests/cases below which no change may fall.

`python -m tests.dedup_floors` raises tests/dedup_floors.json to what is reached now, and never lowers it. New
labelled rows may be added (floors are compared between files of the same rows only); none may go.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from pipeline import presets
from pipeline.evaluate.dedup import evaluate_dedup
from pipeline.settings import Settings
from tests import floors

FILE = Path(__file__).with_name("dedup_floors.json")
CASES = Path(__file__).parent / "cases"
#: Name of the floor: file, columns to leave out, preset ("": the defaults). Texts are a paragraph long.
MEASURED = {
    f"{kind}{f', {preset}' if preset else ''}": (CASES / f"labelled_{kind}.jsonl", skip, preset)
    for kind, skip in (("clusters", ("rewritten",)), ("pairs", ()))
    for preset in ("", *presets.names())
}


def now() -> dict[str, Any]:
    """Return the floors that the scores of this moment would make."""
    return {name: _reached(*measured) for name, measured in MEASURED.items()}


def _reached(path: Path, skip: tuple[str, ...], preset: str) -> dict[str, Any]:
    settings = Settings.model_validate(presets.load(preset) if preset else {})
    counts = evaluate_dedup([path], settings, "paragraphs", skip=skip, thresholds=(), ngrams=()).score.all
    content = path.read_bytes()
    return {
        "labelled": {"sha256": hashlib.sha256(content).hexdigest(), "documents": len(content.splitlines())},
        "at_least": {"precision": floors.rounded(counts.precision), "recall": floors.rounded(counts.recall)},
        "at_most": {},
    }


def lowered(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return in words what the floors `after` allow that those `before` did not."""
    gone = [f"{name} was taken away" for name in before if name not in after]
    worse = [(name, floors.lowered(before[name], after[name])) for name in before if name in after]
    return gone + [f"{name}: {what}" for name, found in worse for what in found]


def main() -> None:
    reached = now()
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    if worse := lowered(known, reached):
        sys.exit(f"the scores fell ({', '.join(worse)}); dedup_floors.json stays as it is")
    FILE.write_text(json.dumps(reached, indent=2) + "\n", "utf-8")
    print(FILE.read_text("utf-8"), end="")


if __name__ == "__main__":
    main()
