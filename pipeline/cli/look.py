"""Commands that look at a dataset."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.help import Command
from pipeline.cli.options import json_option, out_argument, path
from pipeline.cli.output import one_json, say


@click.command(cls=Command, examples=("corpusmill report out",))
@out_argument
@click.option("--html", type=path(), metavar="FILE", help="Make the report anew into FILE.")
@json_option
def report(out: str, html: str | None, as_json: bool) -> None:
    """Say where the report on OUT is, a page for the browser.

    Every run writes OUT/report.html. On a dataset that has none, of an earlier Corpusmill, it is made beside it:
    OUT.report.html.
    """
    from pipeline.dataset import Dataset, place_of

    data = Dataset(place_of(out))
    data.require_dataset()
    place = Path(html) if html else data.root / "report.html"
    if html or not place.exists():
        from pipeline.report import page

        place = place if html else data.root.with_name(f"{data.root.name}.report.html")
        page.write(data.current() or data.root, place)
    say(one_json({"out": out, "report": str(place)}) if as_json else [str(place)])
