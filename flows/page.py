"""The summary of a run as Markdown, for Prefect's page of the run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.funnel import Funnel

#: Characters of an id, a title or a source that are shown: with more the table is wider than the page.
SHOWN = 48
#: Columns of figures, which stand to the right.
FIGURES = {"in", "removed", "unreadable", "kept", "share kept", "documents", "paragraphs", "text", "rows", "copies"}
#: What the stages of the ledger are called here.
STAGES = {
    "dedup.documents": "duplicate documents",
    "dedup.paragraphs": "duplicate paragraphs",
}


def page(manifest: Mapping[str, Any], funnel: Funnel, out: Path | str) -> str:
    """Return the funnel, the rules and clusters that removed most, and where the dataset lies."""
    counts = manifest["counts"]
    parts = [
        f"# {said(counts)}",
        *_funnel(counts, funnel),
        *_table("Removed, by stage", ("stage", "documents", "paragraphs", "text"), _stages(counts, funnel)),
        *_table("Rules that removed most", ("rule", "stage", "rows", "text"), _rules(funnel)),
        *_table("Largest clusters", ("copies", "document", "title", "source"), _clusters(funnel)),
        *_places(counts, out),
    ]
    return "\n".join(parts) + "\n"


def said(counts: Mapping[str, Mapping[str, int]], out: Path | str | None = None) -> str:
    """Return what became of the documents: "81 of 109 documents kept, 21 removed, 7 unreadable".

    out: the dataset, where the reasons of what could not be read are to be named.
    """
    documents = counts["documents"]
    phrase = f"{documents['kept']:,} of {documents['in']:,} documents kept, {documents['removed']:,} removed"
    if not documents["quarantined"]:
        return phrase
    reasons = f": the reasons are in {out}/quarantine/*.parquet" if out else ""
    return f"{phrase}, {documents['quarantined']:,} unreadable{reasons}"


def _funnel(counts: Mapping[str, Mapping[str, int]], funnel: Funnel) -> Iterator[str]:
    removed = sum(stage["bytes"] for stage in funnel.stages)
    rows = [
        [what, *(f"{count[key]:,}" for key in ("in", "removed", "quarantined", "kept")), _share(count)]
        for what, count in counts.items()
    ]
    text = {"in": removed + funnel.kept_bytes, "kept": funnel.kept_bytes}
    rows.append(["text", size(text["in"]), size(removed), "", size(text["kept"]), _share(text)])
    yield from _table("", ("", "in", "removed", "unreadable", "kept", "share kept"), rows)


def _share(count: Mapping[str, int]) -> str:
    return f"{count['kept'] / max(count['in'], 1):.1%}"


def _stages(counts: Mapping[str, Mapping[str, int]], funnel: Funnel) -> Iterator[list[str]]:
    for stage in funnel.stages:
        name = STAGES.get(stage["stage"], stage["stage"])
        yield [name, f"{stage['documents']:,}", f"{stage['paragraphs']:,}", size(stage["bytes"])]
    inside = counts["paragraphs"]["removed"] - sum(stage["paragraphs"] for stage in funnel.stages)
    if inside:
        yield ["inside removed documents", "", f"{inside:,}", ""]


def _rules(funnel: Funnel) -> Iterator[list[str]]:
    for rule in funnel.rules:
        yield [
            f"`{rule['rule']}`",
            STAGES.get(rule["stage"], rule["stage"]),
            f"{rule['rows']:,}",
            size(rule["bytes"]),
        ]


def _clusters(funnel: Funnel) -> Iterator[list[str]]:
    for document in funnel.clusters:
        title = _plain(document["title"] or "")
        yield [f"{document['n_copies']:,}", _plain(document["doc_id"]), title, _plain(document["source"])]


def _places(counts: Mapping[str, Mapping[str, int]], out: Path | str) -> Iterator[str]:
    yield "\n## Where it lies\n\n```text"
    yield from (f"{name:<11} {out}/{name}/*.parquet" for name in ("documents", "paragraphs", "ledger"))
    if counts["documents"]["quarantined"]:
        yield f"{'unreadable':<11} {out}/quarantine/*.parquet"
    yield f"{'manifest':<11} {out}/manifest.json"
    yield f"{'report':<11} {out}/report.html\n```"


def _table(title: str, head: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield a table under its title; nothing where it has no rows."""
    rows = [list(row) for row in rows]
    if not rows:
        return
    if title:
        yield f"\n## {title}"
    yield f"\n| {' | '.join(head)} |"
    yield f"|{'|'.join('---:' if name in FIGURES else '---' for name in head)}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def size(count: int) -> str:
    """Return a number of bytes as a person says it: 812 B, 23.1 kB, 1.2 GB."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{count} B" if unit == "B" else f"{value:,.1f} {unit}"


def _plain(text: str) -> str:
    """Return the text on one line, shortened, without what Markdown would take for its own."""
    flat = " ".join(text.split())
    flat = flat if len(flat) <= SHOWN else f"{flat[: SHOWN - 1]}…"
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", flat)
