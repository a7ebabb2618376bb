"""The page: all sections, style and script in one file that asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from pipeline.report import about, browser, lengths, lessons, likeness, limits, losses, overview, repairs
from pipeline.report.charts import hatching
from pipeline.report.figures import Figures, figures
from pipeline.report.markup import Html, tag, together

FILE = "report.html"
_HERE = Path(__file__).parent
_PARTS = {
    "overview": "Overview",
    "rules": "Rules",
    "groups": "Sites",
    "samples": "Samples",
    "repairs": "Repairs",
    "learned": "Learned",
    "likeness": "Duplicates",
    "lengths": "Length",
    "quarantine": "Unreadable",
    "limits": "Limits",
    "about": "Settings",
}


def write(folder: Path, place: Path) -> None:
    """Write the report on the version of a dataset in `folder` to `place`; the same dataset gives the same bytes."""
    place.write_text(page(figures(folder)), "utf-8")


def page(found: Figures) -> str:
    """Return the report as HTML."""
    style, script = ((_HERE / name).read_text("utf-8") for name in ("page.css", "page.js"))
    title = overview.headline(found)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · Corpusmill"),
        tag("style", Html(style)),
    )
    body = tag("body", *_body(found, title), tag("script", Html(script)))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _body(found: Figures, title: str) -> list[Html]:
    links = [tag("li", tag("a", words, href=f"#{name}")) for name, words in _PARTS.items()]
    return [
        hatching(),
        tag("a", "To the content", href="#overview", class_="skip"),
        tag("header", tag("p", "Corpusmill report", class_="kicker"), tag("h1", title), _made(found)),
        tag("nav", tag("ul", *links), aria_label="Sections"),
        tag("main", *_sections(found)),
        tag("footer", tag("p", "Made by Corpusmill from the dataset alone. This file asks the network for nothing.")),
    ]


def _sections(found: Figures) -> list[Html]:
    return [
        losses.alarms(found),
        overview.overview(found),
        losses.rules(found),
        losses.groups(found),
        browser.browser(found),
        together(repairs.repairs(found)),
        lessons.lessons(found),
        likeness.likeness(found),
        lengths.lengths(found),
        limits.quarantine(found),
        limits.limits(found),
        about.about(found),
    ]


def _made(found: Figures) -> Html:
    manifest = found.manifest
    when = str(manifest.get("finished", ""))
    inputs = len(manifest["inputs"])
    parts = [f"{inputs:,} {'file' if inputs == 1 else 'files'} read", f"run {manifest['run']}"]
    told = [tag("time", f"{when[:10]} {when[11:16]} UTC", datetime=when)] if when else []
    return tag("p", *told, " · " if told else None, " · ".join(parts), class_="made")


def _policy(style: str, script: str) -> str:
    """Return the content security policy: this style and this script by their digests, and nothing else at all."""
    return (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
