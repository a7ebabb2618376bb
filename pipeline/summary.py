"""What a run says at its end, from the manifest alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.report.amounts import many
from pipeline.target import Data

#: Rules shown of those that removed or changed most.
RULES_SHOWN = 12
#: What `--json` takes over from the manifest as it is.
RESULT = (
    *("version", "published", "run", "batch", "counts", "rules", "encoding", "quarantine"),
    *("recall", "contained", "capped", "alarms", "seconds"),
)


def lines(manifest: Mapping[str, Any], out: Path | str) -> Iterator[str]:
    """Yield the lines of the summary; the last one says how many inputs were quarantined."""
    yield from _columns(manifest["columns"])
    for what, count in manifest["counts"].items():
        parts = f"{count['kept']:,} kept + {count['removed']:,} removed + {count['quarantined']:,} quarantined"
        parts += f" + {count['retired']:,} retired" if count.get("retired") else ""
        yield f"{what:<11} {count['in']:>12,} in = {parts}"
    yield from _damage(manifest["encoding"])
    yield from _rules(manifest["rules"])
    yield from _recall(manifest)
    yield from _places(out, "**/*" if manifest.get("partitions") else "*")
    yield _last(manifest["counts"]["documents"], out)


def as_json(manifest: Mapping[str, Any], out: Path | str) -> dict[str, Any]:
    """Return what `--json` prints of a run: the manifest without what is as long as the corpus.

    `columns` is a list of choices: the roles, how many inputs they were taken in, and the first of these.
    """
    found = {name: manifest[name] for name in RESULT if name in manifest}
    if "encoding" in found:
        found["encoding"] = {name: count for name, count in found["encoding"].items() if name != "by_source"}
    chosen: dict[str, dict[str, Any]] = {}
    for source, roles in manifest.get("columns", {}).items():
        one = chosen.setdefault(str(roles), {"columns": roles, "inputs": 0, "first": source})
        one["inputs"] += 1
    return {"out": str(out), **found, "columns": list(chosen.values())}


def history_json(data: Data, out: str) -> dict[str, Any]:
    """Return the versions of a dataset as `--json` prints them."""
    return {"out": out, "current": data.number(), "versions": [_version(data, one) for one in data.versions()]}


def _version(data: Data, number: int) -> dict[str, Any]:
    manifest = data.manifest(number)
    return {
        "version": number,
        "published": manifest["published"],
        "documents": manifest["counts"]["documents"]["kept"],
        "bytes": sum(file["bytes"] for file in manifest["files"]),
    }


def history(data: Data) -> Iterator[str]:
    """Yield the versions of a dataset as lines: number, when it was published (UTC), documents, bytes."""
    yield f"{'version':>7}  {'published (UTC)':<19}  {'documents':>12}  {'bytes':>16}"
    for number in data.versions():
        one = _version(data, number)
        when = one["published"].removesuffix("+00:00").replace("T", " ")
        mark = "  current" if number == data.number() else ""
        yield f"{number:>7}  {when:<19}  {one['documents']:>12,}  {one['bytes']:>16,}{mark}"


def of_ingest(manifest: Mapping[str, Any], out: Path | str) -> Iterator[str]:
    """Yield the lines of the summary of an ingest: of the batch, then of the dataset."""
    if manifest["batch"] is None:
        yield f"nothing new: all inputs are in {out} already (version {manifest['version']})"
        return
    batch = manifest["batch"]
    count = batch["counts"]["documents"]
    yield f"batch {batch['number']}: {many(count['in'], 'document')} in, {count['kept']:,} of them kept"
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
    parts = [f"{many(encoding['decoded'], 'document')} decoded", f"{encoding['repaired']:,} lines and titles repaired"]
    if encoding["suspect"]:
        parts.append(f"{many(encoding['suspect'], 'paragraph')} still damaged (column encoding_suspect)")
    yield f"encoding    {', '.join(parts)}"
    yield ""


def _rules(rules: list[Mapping[str, Any]]) -> Iterator[str]:
    done = {"drop": "removed", "edit": "changed", "quarantine": "set aside", "mark": "marked", "restore": "restored"}
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
        share = f"{recall['at_threshold']:.1%}"
        yield f"near-duplicate {level}: {share} of pairs at the threshold {recall['threshold']} are found"
        yield f"  ({recall['bands']} bands of {recall['rows']}; candidates: {found})"
    lying = [many(one["found"], level[:-1]) for level, one in manifest["contained"].items() if one["found"]]
    if lying:
        yield f"in a larger one: {' and '.join(lying)} (rule `contained` in the ledger)"
    capped = sum(manifest["capped"].values())
    if capped:
        yield f"{capped:,} items met the cap dedup.max_representatives: some of them may be duplicates that stayed"


def _places(out: Path | str, files: str) -> Iterator[str]:
    yield ""
    for name in ("documents", "paragraphs", "ledger", "quarantine"):
        yield f"{name:<11} {out}/{name}/{files if name == 'documents' else '*'}.parquet"
    yield f"manifest    {out}/manifest.json"
    yield f"report      {out}/report.html"
    documents = f"'{out}/documents/{files}.parquet'"
    query = f"SELECT doc_id, title, n_words, n_copies FROM {documents} ORDER BY n_copies DESC LIMIT 10"
    yield f'\nduckdb -c "{query}"\n'


def _last(count: Mapping[str, int], out: Path | str) -> str:
    if not count["quarantined"]:
        return "all inputs could be read"
    return f"{many(count['quarantined'], 'input')} could not be read: the reasons are in {out}/quarantine/*.parquet"
