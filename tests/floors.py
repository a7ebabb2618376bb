"""Scores on tests/cases/labelled_lines.jsonl below which no change may fall.

`python -m tests.floors` raises tests/floors.json to what is reached now, and never lowers it. New labelled pages may
be added (they may lower the scores, so floors are compared between files of the same lines only); none may go.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any

from pipeline.evaluate.boilerplate import evaluate_boilerplate
from pipeline.settings import Settings

FILE = Path(__file__).with_name("floors.json")
LABELLED = Path(__file__).parent / "cases/labelled_lines.jsonl"
#: Digits kept, rounded to the side that is easier to hold: libraries of other versions may move a line.
DIGITS = 3


def now() -> dict[str, Any]:
    """Return the floors that the scores of this moment would make."""
    scores = evaluate_boilerplate([LABELLED], Settings()).all
    return {
        "labelled": {"sha256": digest(), "documents": len(LABELLED.read_bytes().splitlines())},
        "at_least": {"precision": rounded(scores.precision), "recall": rounded(scores.recall)},
        "at_most": {"article_chars_lost": -rounded(-scores.lost)},
    }


def digest() -> str:
    return hashlib.sha256(LABELLED.read_bytes()).hexdigest()


def rounded(share: float) -> float:
    return math.floor(share * 10**DIGITS + 1e-9) / 10**DIGITS


def lowered(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return in words what the floors `after` allow that those `before` did not."""
    if after["labelled"]["documents"] < before["labelled"]["documents"]:
        return ["labelled pages were taken away"]
    if after["labelled"]["sha256"] != before["labelled"]["sha256"]:
        return []
    least = [f"{k} {v} → {after['at_least'][k]}" for k, v in before["at_least"].items() if after["at_least"][k] < v]
    most = [f"{k} {v} → {after['at_most'][k]}" for k, v in before["at_most"].items() if after["at_most"][k] > v]
    return least + most


def main() -> None:
    reached = now()
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else None
    if known and (worse := lowered(known, reached)):
        sys.exit(f"the scores fell ({', '.join(worse)}); floors.json stays as it is")
    FILE.write_text(json.dumps(reached, indent=2) + "\n", "utf-8")
    print(FILE.read_text("utf-8"), end="")


if __name__ == "__main__":
    main()
