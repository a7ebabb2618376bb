"""Commands on the versions of a dataset."""

from __future__ import annotations

import click

from pipeline.cli.help import Command
from pipeline.cli.options import json_option, path, printed, told


@click.command(cls=Command, examples=("corpusmill versions out",))
@click.argument("out", type=path())
@json_option
def versions(out: str, as_json: bool) -> None:
    """List the versions of the dataset OUT."""
    with told():
        from pipeline.summary import history, history_json
        from pipeline.target import data_of

        data = data_of(out)
        data.require_dataset()
        if as_json:
            printed(history_json(data, out))
            return
        for line in history(data):
            click.echo(line)


@click.command(cls=Command, examples=("corpusmill rollback out --to 1",))
@click.argument("out", type=path())
@click.option("--to", type=int, metavar="N", help="Which version; without it, the one before the current.")
@json_option
def rollback(out: str, to: int | None, as_json: bool) -> None:
    """Publish an older version of the dataset OUT again."""
    with told():
        from pipeline.secrets import masked
        from pipeline.target import target, writing

        place = target(out)
        place.data.require_dataset()
        with writing(place):
            number = place.data.rollback(to)
        if as_json:
            printed({"out": masked(out), "version": number})
        else:
            click.echo(f"{masked(out)} is at version {number}")


@click.command(cls=Command, examples=("corpusmill compact out --file-size 256MB",))
@click.argument("out", type=path())
@click.option("--file-size", default="256MB", show_default=True, help="Size up to which files are joined.")
@click.option("--keep-versions", type=click.IntRange(1), help="Versions that stay, with the new one.")
@json_option
def compact(out: str, file_size: str, keep_versions: int | None, as_json: bool) -> None:
    """Join small files of the dataset OUT into larger ones: a new version with the same rows."""
    with told():
        from pipeline.compact import compact
        from pipeline.dataset import place_of
        from pipeline.dedup.memory import size

        manifest = compact(place_of(out), size(file_size, "--file-size"), keep_versions)
        number, files = manifest["version"], len(manifest["files"])
        if as_json:
            printed({"out": out, "version": number, "files": files})
        else:
            click.echo(f"{out} is at version {number}, of {files} files")
