"""Near-duplicates: how similar they are, the largest clusters, some of them side by side."""

from __future__ import annotations

from pipeline.report.amounts import exact, many
from pipeline.report.blocks import drawing, more, note, section, table
from pipeline.report.charts import Series, histogram
from pipeline.report.figures import Figures
from pipeline.report.markup import Html, shown, tag
from pipeline.report.pairs import Cluster, Pair
from pipeline.report.removals import EDGES
from pipeline.report.samples import Entry
from pipeline.report.words import differences

_TICKS = [(0.0, "0.5"), (5.0, "0.6"), (10.0, "0.7"), (15.0, "0.8"), (20.0, "0.9"), (25.0, "1.0")]


def likeness(figures: Figures) -> Html:
    """Return what is to say of near-duplicates."""
    charts = [_histogram(figures, level) for level in ("documents", "paragraphs")]
    return section(
        "likeness",
        "Near-duplicates",
        tag("p", "Every removal is verified: its true Jaccard similarity with the copy that stays is in the ledger."),
        tag("div", *charts, class_="pair"),
        _largest(figures),
        *_clusters(figures),
        *_pairs(figures),
    )


def _histogram(figures: Figures, level: str) -> Html | None:
    counts = figures.removals.similar[level]
    total = int(counts.sum())
    threshold = figures.manifest["recall"][level]["threshold"]
    place = ((threshold - EDGES[0]) / (EDGES[1] - EDGES[0]), f"threshold {threshold:g}")
    title = f"Near-duplicate {level} by similarity with the copy that stays"
    if not total:
        return note(f"No near-duplicate {level} above the threshold {threshold:g}.")
    said = f"{title}: {exact(total)} in all, the threshold is {threshold:g}. The figures are in the table below it."
    rows = [
        (f"{start:.2f} to {end:.2f}", exact(int(count)))
        for start, end, count in zip(EDGES[:-1], EDGES[1:], counts, strict=True)
        if count
    ]
    kind = "copies" if level == "documents" else "repeats"
    chart = histogram(said, [Series(kind, counts.tolist())], _TICKS, "Jaccard similarity", place)
    figures_table = table(f"{title}, figures", ("Similarity", level.capitalize()), rows, (1,))
    return drawing(f"{title}; exact copies are not in it.", chart, more("Figures", figures_table))


def _largest(figures: Figures) -> Html:
    rows = [
        (shown(row["title"] or row["doc_id"], 90), exact(row["n_copies"]), shown(row["doc_id"], 60),
         shown(row["site"] or row["source"], 60))
        for row in figures.largest
    ]  # fmt: skip
    caption = f"Documents that stand for most copies, of {exact(figures.documents.copied)} that stand for any"
    return table(caption, ("Document", "Copies", "doc_id", "Site or source"), rows, (1,))


def _clusters(figures: Figures) -> list[Html]:
    if not figures.clusters:
        return []
    return [tag("h3", "Documents side by side"), _key(), *map(_cluster, figures.clusters)]


def _pairs(figures: Figures) -> list[Html]:
    if not figures.pairs:
        return []
    return [tag("h3", "Paragraphs side by side"), _key(), *map(_pair, figures.pairs)]


def _key() -> Html:
    return note(tag("del", "only in the copy that went"), " · ", tag("ins", "only in the one that stays"))


def _cluster(cluster: Cluster) -> Html:
    kept = cluster.kept
    others = kept["n_copies"] - len(cluster.copies)
    rest = f", {many(others, 'more copy', 'more copies')} not shown" if others > 0 else ""
    name = tag(
        "summary", shown(kept["title"] or kept["doc_id"], 90), f" — {many(kept['n_copies'], 'copy', 'copies')}{rest}"
    )
    sides = [_sides(entry, kept["text"], kept["doc_id"], kept["source"]) for entry in cluster.copies]
    return tag("details", name, *sides, open=True)


def _pair(pair: Pair) -> Html:
    return _sides(pair.entry, pair.kept, pair.entry.kept_doc_id or "", None)


def _sides(entry: Entry, kept: str, kept_id: str, kept_source: str | None) -> Html:
    """Return what went and what stays beside each other."""
    before, after = differences(_flat(entry.text or ""), _flat(kept))
    went = f"removed, similarity {entry.similarity or 0:.3f}"
    left = tag("div", _head(went, entry.doc_id or "", entry.source), tag("p", before, class_="text"))
    right = tag("div", _head("stays", kept_id, kept_source), tag("p", after, class_="text"))
    return tag("div", left, right, class_="sides")


def _head(what: str, doc_id: str, source: str | None) -> Html:
    return tag("p", tag("b", what), ": ", shown(doc_id, 60), *((", ", shown(source, 60)) if source else ()),
               class_="where")  # fmt: skip


def _flat(text: str) -> str:
    """Return the text on one line: a copy that breaks paragraphs elsewhere is no less similar."""
    return " ".join(text.split())
