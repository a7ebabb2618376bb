"""The first screen: how much came in, how much is kept, and why."""

from __future__ import annotations

from pipeline.report.amounts import NO_BREAK, exact, many, rough, share
from pipeline.report.blocks import drawing, note, section, table
from pipeline.report.charts import Part, little, stacked, swatch
from pipeline.report.figures import Figures
from pipeline.report.funnel import Funnel, Loss
from pipeline.report.markup import Html, tag, together

_WHAT = ("documents", "paragraphs", "chars")
_TITLES = {"documents": "Documents", "paragraphs": "Paragraphs", "chars": "Characters"}


def headline(figures: Figures) -> str:
    """Return the whole report in one sentence."""
    found = figures.funnel()
    removed = found.given.chars - found.kept.chars
    return (
        f"{rough(found.given.documents)} {'document' if found.given.documents == 1 else 'documents'} in, "
        f"{rough(found.kept.documents)}{NO_BREAK}kept, "
        f"{share(removed, found.given.chars)} of the text removed"
    )


def overview(figures: Figures) -> Html:
    """Return the funnel as bars and as a table."""
    found = figures.funnel()
    bars = [_bar(found, what) for what in _WHAT]
    return section(
        "overview",
        "What became of it",
        tag("p", *_why(found), class_="lede"),
        drawing("Each bar is all that came in. Characters are those of the text after repair.", *bars, _legend(found)),
        table(
            "In, removed by stage, kept",
            ("Stage", "Documents", "Paragraphs", "Characters", "of all text"),
            [_row(found, loss) for loss in (found.given, *found.losses, found.kept)],
            (1, 2, 3, 4),
        ),
        note("Every removal is a row of ledger/, with its rule, and with the copy that was kept where there is one."),
    )


def _why(found: Funnel) -> list[Html]:
    """Return the reasons, the one that took most text first."""
    removed = found.given.chars - found.kept.chars
    losses = sorted((loss for loss in found.losses if loss.chars), key=lambda loss: -loss.chars)
    parts = [f"{loss.stage.title.lower()} ({share(loss.chars, removed)})" for loss in losses]
    told = [Html("Nothing was removed.") if not parts else tag("span", f"What was removed: {', '.join(parts)}.")]
    unread = sum(loss.documents for loss in found.losses if loss.stage.kind == "quarantined")
    if unread:
        told.append(together(" ", tag("a", f"{many(unread, 'input')} could not be read.", href="#quarantine")))
    return told


def _bar(found: Funnel, what: str) -> Html:
    given, kept = (int(getattr(loss, what)) for loss in (found.given, found.kept))
    parts = [Part("kept", kept)]
    parts += [Part(loss.stage.kind, max(0, getattr(loss, what))) for loss in found.losses]
    told = [f"{loss.stage.title} {exact(getattr(loss, what))}" for loss in found.losses if getattr(loss, what)]
    said = f"{_TITLES[what]}: {exact(given)} in, {exact(kept)} kept" + "".join(f", {each}" for each in told)
    label = tag("span", tag("b", _TITLES[what]), f" {rough(kept)} of {rough(given)} kept", class_="label")
    return tag("div", label, stacked(said, parts), class_="row")


def _legend(found: Funnel) -> Html:
    kinds = {loss.stage.kind: loss.stage.title for loss in reversed((found.kept, *found.losses))}
    items = [tag("li", swatch(kind), f" {title}") for kind, title in reversed(kinds.items())]
    return tag("ul", *items, class_="legend")


def _row(found: Funnel, loss: Loss) -> tuple[Html | str, ...]:
    of = found.given.chars
    measured = together(share(loss.chars, of), " ", little(loss.chars, of, loss.stage.kind)) if loss.chars else "—"
    name = tag("span", swatch(loss.stage.kind), f" {loss.stage.title}") if loss is not found.given else Html("In")
    return name, *(exact(getattr(loss, what)) if getattr(loss, what) else "—" for what in _WHAT), measured
