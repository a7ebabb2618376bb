"""Samples of the ledger, to look through: what was removed, changed or marked, with filters."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.report.amounts import many
from pipeline.report.blocks import note, section
from pipeline.report.figures import Figures
from pipeline.report.markup import Child, Html, shown, tag
from pipeline.report.naming import ACTIONS, stage
from pipeline.report.samples import Entry
from pipeline.report.words import differences

#: Characters of a text that are shown.
SHOWN = 320


def browser(figures: Figures) -> Html:
    """Return the samples with their filters, which are hidden until the script can serve them."""
    found = [entry for entry in figures.samples if entry.text or entry.action == "drop"]
    rows = sum(rule.rows for rule in figures.removals.rules)
    return section(
        "samples",
        "Look through samples",
        note(f"{many(len(found), 'row')} of the {rows:,} in ledger/, spread evenly over each rule."),
        _filters(found),
        tag(
            "div",
            tag("ol", *map(_sample, found), id="sample-list"),
            class_="samples",
            role="group",
            aria_label="Samples",
            tabindex=0,
        ),
        tag("p", "No sample has all of that.", id="no-sample", hidden=True),
    )


def _filters(found: list[Entry]) -> Html:
    return tag(
        "div",
        _select("stage", "Stage", {entry.stage: stage(entry.stage).title for entry in found}.items()),
        _select("rule", "Rule", ((rule, rule) for rule in sorted({entry.rule for entry in found}))),
        _select("origin", "Site or source", ((name, name) for name in sorted({entry.origin for entry in found}))),
        _labelled("text", "Text", tag("input", type="search", id="filter-text", data_filter="text")),
        tag("button", "Clear", type="button", id="clear"),
        tag("output", many(len(found), "sample"), id="count", aria_live="polite"),
        class_="filters",
        role="search",
        aria_label="Filter the samples",
        hidden=True,
    )


def _select(name: str, title: str, options: Iterable[tuple[str, str]]) -> Html:
    every = tag("option", "all", value="")
    items = [tag("option", text, value=value) for value, text in options]
    return _labelled(name, title, tag("select", every, *items, id=f"filter-{name}", data_filter=name))


def _labelled(name: str, title: str, control: Html) -> Html:
    return tag("label", tag("span", title), control, for_=f"filter-{name}")


def _sample(entry: Entry) -> Html:
    place = "whole document" if entry.position is None else f"position {entry.position}"
    head = tag(
        "p",
        tag("b", stage(entry.stage).title),
        " · ",
        tag("span", entry.rule, class_="rule"),
        f" · {ACTIONS.get(entry.action, entry.action)}",
        class_="what",
    )
    origin = tag("p", place, " of ", shown(entry.doc_id or entry.source or "", 80), ", ", shown(entry.origin, 80),
                 class_="where")  # fmt: skip
    data = {"data_stage": entry.stage, "data_rule": entry.rule, "data_origin": entry.origin}
    return tag("li", head, *_texts(entry), _why(entry), origin, **data)


def _texts(entry: Entry) -> list[Child]:
    if entry.after is None or entry.text is None:
        text = shown(entry.text, SHOWN) if entry.text else "nothing was left of it"
        return [tag("p", text, class_="text")]
    before, after = differences(entry.text, entry.after)
    return [tag("p", before, class_="text"), tag("p", after, class_="text after")]


def _why(entry: Entry) -> Html | None:
    said: list[Child] = [shown(entry.evidence, 200)] if entry.evidence else []
    if entry.kept_doc_id:
        part = "" if entry.kept_position is None else f", position {entry.kept_position}"
        alike = "" if entry.similarity is None else f"; similarity {entry.similarity:.3f}"
        said += ["stays: " if not said else "; stays: ", shown(entry.kept_doc_id, 80), part, alike]
    return tag("p", *said, class_="why") if said else None
