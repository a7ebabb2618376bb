"""What was repaired: kinds of damage, how often, one line of each before and after."""

from __future__ import annotations

from pipeline.report.amounts import exact, many
from pipeline.report.blocks import note, section, table
from pipeline.report.figures import Figures
from pipeline.report.markup import Child, Html, shown, tag
from pipeline.report.removals import Rule
from pipeline.report.samples import Entry
from pipeline.report.words import differences

#: Kinds of repair that are shown.
SHOWN = 24


def repairs(figures: Figures) -> Html:
    """Return what was repaired, before and after."""
    found = [rule for rule in figures.removals.rules if rule.repairs]
    found.sort(key=lambda rule: (-rule.rows, rule.stage, rule.rule))
    examples = {(entry.stage, entry.rule): entry for entry in reversed(figures.samples) if entry.action == "edit"}
    rows = [_row(rule, examples.get((rule.stage, rule.rule))) for rule in found[:SHOWN]]
    damage = figures.manifest["encoding"]
    said = [
        many(damage["decoded"], "document was", "documents were") + " not UTF-8 and decoded",
        many(damage["repaired"], "line or title", "lines and titles") + " repaired",
        many(damage["suspect"], "paragraph still looks", "paragraphs still look") + " damaged",
    ]
    return section(
        "repairs",
        "Encoding and typography, before and after",
        tag("p", "; ".join(said), "."),
        table("Repairs, the most frequent first", ("Repair", "Rows", "Before", "After"), rows, (1,)),
        note("A row without texts changed the space between words, or the decoding of a whole input."),
        _suspect(figures),
    )


def _row(rule: Rule, example: Entry | None) -> tuple[Child, ...]:
    name = tag("span", shown(rule.rule.replace("+", " + "), 120), class_="rule")
    if example is None or example.text is None or example.after is None:
        return name, exact(rule.rows), shown(example.evidence or "—", 120) if example else "—", "—"
    return name, exact(rule.rows), *differences(example.text, example.after)


def _suspect(figures: Figures) -> Html:
    found = [entry for entry in figures.samples if entry.stage == "encoding" and entry.action == "mark"]
    rows = [
        (shown(entry.doc_id or "", 60), entry.rule, shown(entry.evidence or "", 200), shown(entry.origin, 60))
        for entry in found
    ]
    head = ("Document", "Sign", "Where", "Site or source")
    return table("Still damaged after repair (column encoding_suspect)", head, rows)
