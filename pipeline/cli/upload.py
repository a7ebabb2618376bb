"""The command `upload`."""

from __future__ import annotations

import click

from pipeline.cli.help import Command
from pipeline.cli.options import json_option, path, printed, told


@click.command(cls=Command, examples=("# corpusmill upload out s3://bucket/corpus",))
@click.argument("out", type=path())
@click.argument("to", metavar="s3://BUCKET/PREFIX")
@click.option("--keep-versions", type=click.IntRange(1), help="Versions that stay there, with the new one.")
@click.option("--work", default="", metavar="DIR", help="Folder for what is on its way; empty: the current one.")
@json_option
def upload(out: str, to: str, keep_versions: int | None, work: str, as_json: bool) -> None:
    """Publish the dataset OUT in an object store too, s3:// or gs://: as its next version there."""
    with told():
        from pipeline.secrets import masked
        from pipeline.upload import upload

        manifest = upload(out, to, keep_versions, work)
        number, files = manifest["version"], len(manifest["files"])
        if as_json:
            printed({"out": masked(to), "version": number, "files": files})
        else:
            click.echo(f"{masked(to)} is at version {number}, of {files} files")
