"""All that the report says, read from a dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.report.aside import Aside, aside
from pipeline.report.documents import Documents, documents
from pipeline.report.funnel import Funnel, funnel
from pipeline.report.pairs import Cluster, Pair, clusters, largest, pairs
from pipeline.report.parquet import Group, groups
from pipeline.report.removals import Removals, Rule, removals
from pipeline.report.rulebook import Rulebook, rulebook
from pipeline.report.samples import Entry, entries


class Figures(NamedTuple):
    """All that the report says. Memory and size have a limit, whatever the dataset; time grows with its ledger."""

    manifest: dict[str, Any]
    documents: Documents
    removals: Removals
    samples: list[Entry]
    clusters: list[Cluster]
    largest: list[dict[str, Any]]
    pairs: list[Pair]
    aside: Aside
    rulebook: Rulebook

    def dropped(self) -> list[Rule]:
        """Return the rules that removed text, those that removed most first."""
        return self.removals.dropped()

    def removed_chars(self) -> int:
        """Return the characters that were removed."""
        return sum(rule.chars for rule in self.dropped())

    def funnel(self) -> Funnel:
        """Return what came in, what each stage removed, what stays."""
        return funnel(self.manifest["counts"], self.documents.chars, self.dropped())


class Summary(NamedTuple):
    """The figures that a page of a few tables says."""

    funnel: Funnel
    rules: list[Rule]  #: that removed text, most characters first
    largest: list[dict[str, Any]]  #: documents that stand for most copies: doc_id, title, source, site, n_copies


def summary(manifest: Mapping[str, Any], kept: Sequence[Group], ledger: Sequence[Group]) -> Summary:
    """Return the figures of a dataset. kept, ledger: row groups of documents/ and ledger/, wherever they lie."""
    found = documents(kept)
    dropped = removals(ledger, found.lengths).dropped()
    return Summary(funnel(manifest["counts"], found.chars, dropped), dropped, largest(kept, found.clusters))


def figures(folder: Path) -> Figures:
    """Return what there is to say about the version of a dataset in `folder`."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    kept, ledger = groups(folder / "documents"), groups(folder / "ledger")
    found = documents(kept)
    gone = removals(ledger, found.lengths)
    samples = entries(ledger, gone.rules, found.lengths)
    near = [entry for entry in samples if entry.rule == "near" and entry.kept_doc_id]
    return Figures(
        manifest,
        found,
        gone,
        samples,
        clusters(kept, [entry for entry in near if entry.stage == "dedup.documents"], found.lengths),
        largest(kept, found.clusters),
        pairs(
            groups(folder / "paragraphs"), [entry for entry in near if entry.stage == "dedup.paragraphs"], found.lengths
        ),
        aside(groups(folder / "quarantine")),
        rulebook(folder / "learned.toml"),
    )
