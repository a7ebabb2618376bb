"""The summary of a run as Markdown, for Prefect's page of the run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.report.amounts import rough, share
from pipeline.report.figures import Summary
from pipeline.report.funnel import Funnel
from pipeline.report.naming import stage
from pipeline.report.removals import Rule

#: Characters of an id, a title or a source that are shown: with more the table is wider than the page.
SHOWN = 48
#: Columns of figures, which stand to the right.
FIGURES = {
    "in",
    "removed",
    "unreadable",
    "kept",
    "share kept",
    "documents",
    "paragraphs",
    "characters",
    "rows",
    "copies",
}
#: Rows of the tables of rules and clusters.
ROWS = 10


def page(manifest: Mapping[str, Any], found: Summary, out: Path | str) -> str:
    """Return the funnel, the rules and clusters that removed most, and where the dataset lies."""
    counts = manifest["counts"]
    parts = [
        f"# {said(counts)}",
        *_funnel(counts, found.funnel),
        *_table("Removed, by stage", ("stage", "documents", "paragraphs", "characters"), _stages(found.funnel)),
        *_table("Rules that removed most", ("rule", "stage", "rows", "characters"), _rules(found.rules)),
        *_table("Largest clusters", ("copies", "document", "title", "source"), _clusters(found.largest)),
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
    rows = [
        [what, *(f"{count[key]:,}" for key in ("in", "removed", "quarantined", "kept")), _share(count)]
        for what, count in counts.items()
    ]
    text = {"in": funnel.given.chars, "kept": funnel.kept.chars}
    removed = rough(text["in"] - text["kept"])
    rows.append(["characters", rough(text["in"]), removed, "", rough(text["kept"]), _share(text)])
    yield from _table("", ("", "in", "removed", "unreadable", "kept", "share kept"), rows)


def _share(count: Mapping[str, int]) -> str:
    return share(count["kept"], count["in"])


def _stages(funnel: Funnel) -> Iterator[list[str]]:
    for loss in funnel.losses:
        if loss.stage.kind != "quarantined":
            yield [loss.stage.title.lower(), f"{loss.documents:,}", f"{loss.paragraphs:,}", rough(loss.chars)]


def _rules(rules: Sequence[Rule]) -> Iterator[list[str]]:
    for rule in rules[:ROWS]:
        yield [f"`{rule.rule}`", stage(rule.stage).title.lower(), f"{rule.rows:,}", rough(rule.chars)]


def _clusters(largest: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for document in largest[:ROWS]:
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


def _plain(text: str) -> str:
    """Return the text on one line, shortened, without what Markdown would take for its own."""
    flat = " ".join(text.split())
    flat = flat if len(flat) <= SHOWN else f"{flat[: SHOWN - 1]}…"
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", flat)
