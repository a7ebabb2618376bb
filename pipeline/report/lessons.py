"""Rules that were learned from this corpus, with what spoke for each."""

from __future__ import annotations

from pipeline.report.amounts import exact, many
from pipeline.report.blocks import listed, more, note, section, table
from pipeline.report.figures import Figures
from pipeline.report.markup import Child, Html, shown, tag
from pipeline.report.rulebook import SHOWN, Learned


def lessons(figures: Figures) -> Html:
    """Return the learned rules."""
    book = figures.rulebook
    gone = {rule.rule: rule.rows for rule in figures.dropped() if rule.stage == "boilerplate"}
    found = sorted(book.rules, key=lambda rule: (-gone.get(rule.rule, 0), rule.rule))
    rest = len(found) - SHOWN
    told = f"{many(len(found), 'rule')} learned from what recurs on a site"
    told = told if found else "No rule was learned: nothing recurs often enough on one site"
    head = ("Text, masked", "Site", "Removed", "Evidence")
    return section(
        "learned",
        "Learned rules",
        tag("p", told, f"; {many(book.refused, 'candidate')} left alone."),
        table("Learned rules, those that removed most first", head, [_row(rule, gone) for rule in found[:SHOWN]], (2,)),
        note(f"{rest:,} more are in learned.toml.") if rest > 0 else None,
        note("Read learned.toml, take out what is text, and give it to the next run with --rules.") if found else None,
    )


def _row(rule: Learned, gone: dict[str, int]) -> tuple[Child, ...]:
    texts = together_lines(rule.values[:3])
    said = more(rule.reason, listed([shown(line, 200) for line in rule.evidence]))
    return texts, shown(", ".join(rule.sites), 60), exact(gone.get(rule.rule, 0)), said


def together_lines(texts: list[str]) -> Html:
    """Return each text as a line of its own."""
    return tag("span", *(tag("span", shown(text, 200), class_="line") for text in texts))
