"""What was removed by which rule, of which site and language; the limits that were broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.report.amounts import exact, share
from pipeline.report.blocks import folded, listed, note, section, table
from pipeline.report.charts import little
from pipeline.report.figures import Figures
from pipeline.report.markup import Child, Html, shown, tag, together
from pipeline.report.naming import ACTIONS, stage
from pipeline.report.removals import Rule

#: Rules, and groups of a kind, that are shown.
RULES, GROUPS = 40, 15
_KINDS = {"site": "Site", "language": "Language", "source": "Source"}


def alarms(figures: Figures) -> Html:
    """Return the limits that were broken; nothing where none was."""
    found: Sequence[Mapping[str, Any]] = figures.manifest.get("alarms", [])
    if not found:
        return Html("")
    rows = [
        (
            stage(alarm["stage"]).title,
            together(alarm["group"], " ", shown(alarm["name"])),
            alarm["what"],
            share(alarm["share"], 1),
            share(alarm["limit"], 1),
        )
        for alarm in found
    ]
    told = tag("p", "More was removed than the limits allow; it was published because that was accepted.")
    head = ("Stage", "Of", "Removed", "Share", "Limit")
    return tag(
        "div", section("alarms", "Loss alarms", told, table("Limits broken", head, rows, (3, 4))), class_="alarm"
    )


def rules(figures: Figures) -> Html:
    """Return the rules that removed most, then those that marked."""
    drops = figures.dropped()
    whole = figures.removed_chars()
    rows = [_removing(rule, whole) for rule in drops[:RULES]]
    head = ("Rule", "Stage", "Documents", "Paragraphs", "Characters", "of what was removed")
    rest = len(drops) - RULES
    return section(
        "rules",
        "Rules that removed text",
        folded("Rules that removed most", head, rows, (2, 3, 4, 5)) or tag("p", "No rule removed anything."),
        note(f"{rest:,} more rules are in ledger/.") if rest > 0 else None,
        _others(figures),
    )


def _removing(rule: Rule, whole: int) -> tuple[Child, ...]:
    link = tag("a", shown(rule.rule, 60), href="#samples", data_show_rule=rule.rule, data_show_stage=rule.stage)
    counts = [exact(count) if count else "—" for count in (rule.documents, rule.paragraphs, rule.chars)]
    bar = (
        together(share(rule.chars, whole), " ", little(rule.chars, whole, stage(rule.stage).kind))
        if rule.chars
        else "—"
    )
    return link, stage(rule.stage).title, *counts, bar


def _others(figures: Figures) -> Html:
    """Return the rules that removed nothing, those apart that repair."""
    found = [rule for rule in figures.removals.rules if rule.action not in ("drop", "quarantine") and not rule.repairs]
    found.sort(key=lambda rule: (-rule.rows, rule.stage, rule.rule))
    rows = [
        (shown(rule.rule, 90), stage(rule.stage).title, ACTIONS.get(rule.action, rule.action), exact(rule.rows))
        for rule in found[:RULES]
    ]
    caption = "Rules that only changed or marked; repairs are listed apart"
    return folded(caption, ("Rule", "Stage", "What", "Rows"), rows, (3,))


def groups(figures: Figures) -> Html:
    """Return what was removed of each site, language and source: those with most documents."""
    found: Sequence[Mapping[str, Any]] = figures.manifest.get("losses", [])
    tables = [_group([row for row in found if row["group"] == kind], title) for kind, title in _KINDS.items()]
    batch = figures.manifest.get("batch")
    return section(
        "groups",
        "By site, language, source",
        note(f"Figures of batch {batch['number']}, the last one.") if batch else None,
        *tables,
        listed(
            [
                f"Those with most documents are shown, at most {GROUPS}.",
                "Paragraphs that went with their document are not counted again.",
            ],
            "note",
        ),
    )


def _group(found: Sequence[Mapping[str, Any]], title: str) -> Html:
    head = (title, "Documents", "removed", "share", "Paragraphs", "removed", "share")
    rows = []
    for row in found[:GROUPS]:
        gone = [sum(counts[at] for counts in row["removed"].values()) for at in (0, 1)]
        cells: list[Child] = [shown(row["name"] or "unknown", 60)]
        for what, count in zip(("documents", "paragraphs"), gone, strict=True):
            bar = together(share(count, row[what]), " ", little(count, row[what]))
            cells += [exact(row[what]), exact(count), bar]
        rows.append(tuple(cells))
    return folded(f"Removed, by {title.lower()}", head, rows, (1, 2, 3, 4, 5, 6))
