"""What becomes of each document of seeds/, as a file to read and to compare with.

python -m tests.golden_seeds --update     after a change that is meant to change it; then read the diff
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.corpora import cleaned, rows

HOUSE = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden" / "seeds.json"
#: Characters shown of a text: enough to recognise it.
SHOWN = 70


def outcome(seeds: str = "seeds") -> dict[str, Any]:
    """Clean the seeds with default settings and return what became of them, in an order that is easy to read."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        manifest = cleaned([seeds], out)
        kept = [_kept(row) for row in rows(out, "documents")]
        ledger = [_entry(row) for row in rows(out, "ledger")]
        aside = [f"{row['source']}:{row['position']}: {row['error']}" for row in rows(out, "quarantine")]
    return {
        "counts": manifest["counts"],
        "columns": manifest["columns"],
        "documents": sorted(kept, key=lambda row: (row["source"], row["doc_id"])),
        "ledger": sorted(ledger, key=lambda row: [str(value) for value in row]),
        "quarantine": sorted(aside),
    }


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    paragraphs = row["text"].split("\n\n")
    return {
        "source": row["source"],
        "doc_id": row["doc_id"],
        "title": row["title"],
        "site": row["site"],
        "n_paragraphs": row["n_paragraphs"],
        "n_words": row["n_words"],
        "first": _short(paragraphs[0]),
        "last": _short(paragraphs[-1]),
        "copies": [f"{copy['doc_id']} {copy['similarity']:.3f}" for copy in row["copies"]],
    }


def _entry(row: dict[str, Any]) -> list[Any]:
    kept = [row["kept_doc_id"], row["kept_position"], row["similarity"] and round(row["similarity"], 3)]
    place = [row["source"], row["doc_id"], row["position"]]
    return [*place, row["stage"], row["rule"], row["action"], _short(row["text"]), _short(row["after"]), *kept]


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= SHOWN else f"{text[:SHOWN]}…"


def written(found: dict[str, Any]) -> str:
    """Return the outcome as JSON with one record a line, so that a diff shows records."""
    parts = []
    for name, value in found.items():
        if isinstance(value, list):
            lines = ",\n".join("  " + json.dumps(record, ensure_ascii=False) for record in value)
            parts.append(f'"{name}": [\n{lines}\n]')
        else:
            parts.append(f'"{name}": {json.dumps(value, ensure_ascii=False, indent=1)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", required=True)
    parser.parse_args()
    GOLDEN.write_text(written(outcome()), "utf-8")


if __name__ == "__main__":
    main()
