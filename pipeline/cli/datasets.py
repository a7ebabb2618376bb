"""Commands on the versions of a dataset."""

from __future__ import annotations

import click

from pipeline.cli.options import told


@click.command()
@click.argument("out")
def versions(out: str) -> None:
    """List the versions of the dataset OUT."""
    with told():
        from pipeline.summary import history
        from pipeline.target import data_of

        data = data_of(out)
        data.require_dataset()
        for line in history(data):
            click.echo(line)


@click.command()
@click.argument("out")
@click.option("--to", type=int, metavar="N", help="Which version; without it, the one before the current.")
def rollback(out: str, to: int | None) -> None:
    """Publish an older version of the dataset OUT again."""
    with told():
        from pipeline.secrets import masked
        from pipeline.target import target, writing

        place = target(out)
        place.data.require_dataset()
        with writing(place):
            click.echo(f"{masked(out)} is at version {place.data.rollback(to)}")


@click.command()
@click.argument("out")
@click.option("--file-size", default="256MB", show_default=True, help="Size up to which files are joined.")
@click.option("--keep-versions", type=click.IntRange(1), help="Versions that stay, with the new one.")
def compact(out: str, file_size: str, keep_versions: int | None) -> None:
    """Join small files of the dataset OUT into larger ones: a new version with the same rows."""
    with told():
        from pipeline.compact import compact
        from pipeline.dataset import place_of
        from pipeline.dedup.memory import size

        manifest = compact(place_of(out), size(file_size, "--file-size"), keep_versions)
        click.echo(f"{out} is at version {manifest['version']}, of {len(manifest['files'])} files")
