"""Commands on the versions of a dataset."""

from __future__ import annotations

from typing import Any

import click

from pipeline.cli.help import Command
from pipeline.cli.options import json_option, keep_versions_option, out_argument, path
from pipeline.cli.output import one_json, say


@click.command(cls=Command, examples=("corpusmill versions out",))
@out_argument
@json_option
def versions(out: str, as_json: bool) -> None:
    """List the versions of the dataset OUT."""
    from pipeline.summary import history, history_json
    from pipeline.target import data_of

    data = data_of(out)
    data.require_dataset()
    say(one_json(history_json(data, out)) if as_json else history(data))


@click.command(cls=Command, examples=("corpusmill rollback out --to 1",))
@out_argument
@click.option("--to", type=int, metavar="N", help="Which version; without it, the one before the current.")
@json_option
def rollback(out: str, to: int | None, as_json: bool) -> None:
    """Publish an older version of the dataset OUT again."""
    from pipeline.secrets import masked
    from pipeline.target import target, writing

    place = target(out)
    place.data.require_dataset()
    with writing(place):
        number = place.data.rollback(to)
    found = {"out": masked(out), "version": number}
    say(one_json(found) if as_json else [f"{found['out']} is at version {number}"])


@click.command(cls=Command, examples=("corpusmill compact out --file-size 256MB",))
@out_argument
@click.option(
    "--file-size", default="256MB", metavar="SIZE", show_default=True, help="Size up to which files are joined."
)
@keep_versions_option
@json_option
def compact(out: str, file_size: str, keep_versions: int | None, as_json: bool) -> None:
    """Join small files of OUT: a new version with the same rows."""
    from pipeline.compact import compact
    from pipeline.dataset import place_of
    from pipeline.dedup.memory import size

    manifest = compact(place_of(out), size(file_size, "--file-size"), keep_versions)
    _say_version(out, manifest, as_json)


@click.command(cls=Command, examples=("# corpusmill upload out s3://bucket/corpus",))
@out_argument
@click.argument("to", metavar="s3://BUCKET/PREFIX")
@keep_versions_option
@click.option(
    "--work", type=path(), default="", metavar="DIR", help="Folder for what is on its way; empty: the current one."
)
@json_option
def upload(out: str, to: str, keep_versions: int | None, work: str, as_json: bool) -> None:
    """Publish the dataset OUT in an object store too, s3:// or gs://."""
    from pipeline.secrets import masked
    from pipeline.upload import upload

    _say_version(masked(to), upload(out, to, keep_versions, work), as_json)


def _say_version(out: str, manifest: dict[str, Any], as_json: bool) -> None:
    found = {"out": out, "version": manifest["version"], "files": len(manifest["files"])}
    say(one_json(found) if as_json else ["{out} is at version {version}, of {files} files".format_map(found)])
