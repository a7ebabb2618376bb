"""What was repaired: kinds of damage, how often, one line of each before and after."""

from __future__ import annotations

from pipeline.report.amounts import many
from pipeline.report.blocks import note, section, table
from pipeline.report.figures import Figures
from pipeline.report.markup import Html, shown, tag
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
    kinds = [_kind(rule, examples.get((rule.stage, rule.rule))) for rule in found[:SHOWN]]
    rest = len(found) - SHOWN
    return section(
        "repairs",
        "Encoding and typography, before and after",
        tag("p", _said(figures)),
        *kinds,
        note(f"{rest:,} more kinds of repair are in ledger/.") if rest > 0 else None,
        _suspect(figures),
    )


def _said(figures: Figures) -> str:
    damage = figures.manifest["encoding"]
    nouns = {
        "decoded": ("document decoded that was not UTF-8", "documents decoded that were not UTF-8"),
        "repaired": ("line or title repaired", "lines and titles repaired"),
        "suspect": ("paragraph still looks damaged", "paragraphs still look damaged"),
    }
    said = [many(damage[kind], *noun) for kind, noun in nouns.items() if damage[kind]]
    return f"{'; '.join(said)}." if said else "No damage was found."


def _kind(rule: Rule, example: Entry | None) -> Html:
    """Return a kind of repair with one line, before and after; what changes only space or decoding has none."""
    name = tag("p", tag("span", shown(rule.rule.replace("+", " + "), 120), class_="rule"),
               f" — {many(rule.rows, 'time')}", class_="what")  # fmt: skip
    if example is None or example.text is None or example.after is None:
        said = shown(example.evidence or "Only space and line breaks changed.", 120) if example else None
        return tag("div", name, tag("p", said, class_="why") if said else None, class_="kind")
    before, after = differences(example.text, example.after)
    sides = tag("div", tag("p", before, class_="text"), tag("p", after, class_="text after"), class_="sides")
    return tag("div", name, sides, class_="kind")


def _suspect(figures: Figures) -> Html:
    found = [entry for entry in figures.samples if entry.stage == "encoding" and entry.action == "mark"]
    rows = [
        (shown(entry.doc_id or "", 60), entry.rule, shown(entry.evidence or "", 200), shown(entry.origin, 60))
        for entry in found
    ]
    head = ("Document", "Sign", "Where", "Site or source")
    return table("Still damaged after repair (column encoding_suspect)", head, rows)
