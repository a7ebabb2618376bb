"""Commands that look at a dataset."""

from __future__ import annotations

import click

from pipeline.cli.help import Command
from pipeline.cli.options import path, told


@click.command(cls=Command, examples=("corpusmill report out",))
@click.argument("out", type=path())
@click.option("--html", type=path(), metavar="FILE", help="Make the report anew into FILE.")
def report(out: str, html: str | None) -> None:
    """Say where the report on the dataset OUT is, a page for the browser; make it where there is none.

    Every run writes OUT/report.html. On a dataset that has none, of an earlier Corpusmill, it is made beside it:
    OUT.report.html.
    """
    with told():
        from pathlib import Path

        from pipeline.dataset import Dataset

        data = Dataset(Path(out).resolve())
        data.require_dataset()
        place = Path(html) if html else data.root / "report.html"
        if html or not place.exists():
            from pipeline.report import page

            place = place if html else data.root.with_name(f"{data.root.name}.report.html")
            page.write(data.current() or data.root, place)
        click.echo(place)
