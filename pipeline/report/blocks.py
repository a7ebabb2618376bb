"""Parts of the page: sections, tables, figures with their alternatives in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.report.markup import Child, Html, tag, together

#: Rows of a table that are shown before one asks for the others.
OPEN = 10


def section(name: str, title: str, *children: Child) -> Html:
    """Return a section with its heading, which names it as a landmark."""
    heading = tag("h2", title, id=f"{name}-title")
    return tag("section", heading, *children, id=name, aria_labelledby=f"{name}-title")


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Child]], figures: Sequence[int] = ()) -> Html:
    """Return a table that scrolls by itself where it is too wide; nothing where it has no rows.

    figures: columns of numbers, which stand to the right. The first column heads its row.
    """
    body = [tag("tr", *(_cell(at, cell, figures) for at, cell in enumerate(row))) for row in rows]
    if not body:
        return Html("")
    top = [tag("th", name, scope="col", class_="figure" if at in figures else None) for at, name in enumerate(head)]
    inside = tag("table", tag("caption", caption), tag("thead", tag("tr", *top)), tag("tbody", *body))
    return tag("div", inside, class_="scroll", role="group", aria_label=caption, tabindex=0)


def folded(caption: str, head: Sequence[str], rows: Sequence[Sequence[Child]], figures: Sequence[int] = ()) -> Html:
    """Return a table of the first rows, and one of the others that is folded."""
    rest = rows[OPEN:]
    others = table(f"{caption}, the others", head, rest, figures)
    return together(table(caption, head, rows[:OPEN], figures), more(f"{len(rest)} more", others) if rest else None)


def more(summary: str, *children: Child) -> Html:
    """Return what is folded until it is asked for."""
    return tag("details", tag("summary", summary), *children)


def note(*children: Child) -> Html:
    """Return a paragraph of small print."""
    return tag("p", *children, class_="note")


def drawing(caption: str, *children: Child) -> Html:
    """Return a figure: what is drawn, and its caption."""
    return tag("figure", *children, tag("figcaption", caption))


def listed(items: Iterable[Child], kind: str | None = None) -> Html:
    """Return a list."""
    return tag("ul", *(tag("li", item) for item in items), class_=kind)


def _cell(at: int, cell: Child, figures: Sequence[int]) -> Html:
    kind = "figure" if at in figures else None
    return tag("th", cell, scope="row", class_=kind) if at == 0 else tag("td", together(cell), class_=kind)
