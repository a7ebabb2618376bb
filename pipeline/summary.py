"""What a run says at its end, from the manifest alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.dataset import Dataset

#: Rules shown of those that removed or changed most.
RULES_SHOWN = 12


def lines(manifest: Mapping[str, Any], out: Path) -> Iterator[str]:
    """Yield the lines of the summary; the last one says how many inputs were quarantined."""
    yield from _columns(manifest["columns"])
    for what, count in manifest["counts"].items():
        parts = f"{count['kept']:,} kept + {count['removed']:,} removed + {count['quarantined']:,} quarantined"
        parts += f" + {count['retired']:,} retired" if count.get("retired") else ""
        yield f"{what:<11} {count['in']:>12,} in = {parts}"
    yield from _damage(manifest["encoding"])
    yield from _rules(manifest["rules"])
    yield from _recall(manifest)
    yield from _places(out)
    yield _last(manifest["counts"]["documents"], out)


def history(data: Dataset) -> Iterator[str]:
    """Yield the versions of a dataset as lines: number, when it was published (UTC), documents, bytes."""
    yield f"{'version':>7}  {'published (UTC)':<19}  {'documents':>12}  {'bytes':>16}"
    for number in data.versions():
        manifest = data.manifest(number)
        when = manifest["published"].removesuffix("+00:00").replace("T", " ")
        size = sum(file["bytes"] for file in manifest["files"])
        mark = "  current" if number == data.number() else ""
        yield f"{number:>7}  {when:<19}  {manifest['counts']['documents']['kept']:>12,}  {size:>16,}{mark}"


def of_ingest(manifest: Mapping[str, Any], out: Path) -> Iterator[str]:
    """Yield the lines of the summary of an ingest: of the batch, then of the dataset."""
    if manifest["batch"] is None:
        yield f"nothing new: all inputs are in {out} already (version {manifest['version']})"
        return
    batch = manifest["batch"]
    count = batch["counts"]["documents"]
    yield f"batch {batch['number']}: {count['in']:,} documents in, {count['kept']:,} of them kept"
    yield from lines(manifest, out)


def _columns(columns: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    taken: dict[str, list[str]] = {}
    for source, roles in columns.items():
        choice = ", ".join(f"{role} = {name}" for role, name in roles.items())
        taken.setdefault(choice, []).append(source)
    for choice, sources in taken.items():
        more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
        yield f"columns     {choice}  ({sources[0]}{more})"


def _damage(encoding: Mapping[str, Any]) -> Iterator[str]:
    parts = [f"{encoding['decoded']:,} documents decoded", f"{encoding['repaired']:,} lines and titles repaired"]
    if encoding["suspect"]:
        parts.append(f"{encoding['suspect']:,} paragraphs still look damaged (column encoding_suspect)")
    yield f"encoding    {', '.join(parts)}"
    yield ""


def _rules(rules: list[Mapping[str, Any]]) -> Iterator[str]:
    done = {"drop": "removed", "edit": "changed", "quarantine": "set aside", "mark": "marked"}
    for rule in rules[:RULES_SHOWN]:
        yield f"  {rule['rows']:>8,} {done[rule['action']]:<9} {rule['stage']}: {rule['rule']}"
    if len(rules) > RULES_SHOWN:
        yield f"           … and {len(rules) - RULES_SHOWN} more rules, in ledger/"
    yield ""


def _recall(manifest: Mapping[str, Any]) -> Iterator[str]:
    for level, recall in manifest["recall"].items():
        found = ", ".join(
            f"{share:.0%} at {s}" for s, share in recall["found"].items() if s in ("0.50", "0.70", "0.80")
        )
        yield (
            f"near-duplicate {level}: {recall['at_threshold']:.1%} of pairs at the threshold "
            f"{recall['threshold']} are found ({recall['bands']} bands of {recall['rows']}; candidates: {found})"
        )
    lying = [f"{one['found']:,} {level}" for level, one in manifest["contained"].items() if one["found"]]
    if lying:
        yield f"{' and '.join(lying)} lie in a larger one (rule `contained` in the ledger)"
    capped = sum(manifest["capped"].values())
    if capped:
        yield f"{capped:,} items met the cap dedup.max_representatives: some of them may be duplicates that stayed"


def _places(out: Path) -> Iterator[str]:
    yield ""
    for name in ("documents", "paragraphs", "ledger", "quarantine"):
        yield f"{name:<11} {out / name}/*.parquet"
    yield f"manifest    {out / 'manifest.json'}"
    yield f"report      {out / 'report.html'}"
    query = f"SELECT doc_id, title, n_words, n_copies FROM '{out}/documents/*.parquet' ORDER BY n_copies DESC LIMIT 10"
    yield f'\nduckdb -c "{query}"\n'


def _last(count: Mapping[str, int], out: Path) -> str:
    if not count["quarantined"]:
        return "all inputs could be read"
    what = "input" if count["quarantined"] == 1 else "inputs"
    return f"{count['quarantined']:,} {what} could not be read: the reasons are in {out / 'quarantine'}/*.parquet"
