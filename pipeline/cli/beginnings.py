"""The command with which one begins."""

from __future__ import annotations

import click

from pipeline.cli.help import Command
from pipeline.cli.options import json_option, path, printed, told


@click.command(
    cls=Command,
    examples=("corpusmill init seeds", "corpusmill init 'seeds/*.jsonl' seeds/market.parquet --out news.toml"),
)
@click.argument("inputs", nargs=-1, required=True, type=path(), metavar="INPUT...")
@click.option("--out", default="corpusmill.toml", show_default=True, type=path(), metavar="FILE", help="What to write.")
@json_option
def init(inputs: tuple[str, ...], out: str, as_json: bool) -> None:
    """Look at INPUT... and write a settings file that fits it.

    Reads a sample of each input: which form and columns it has, how many rows, sites and languages, how much of it
    looks damaged. The file says what was seen and why each setting is as it is. A file that is there is not touched.
    """
    with told():
        from pipeline.start import without_pandas

        without_pandas()
        from pipeline.survey import look, starter

        starter.require_free(out)
        seen = look.survey(inputs)
        starter.write(seen, out)
        if as_json:
            printed(starter.as_json(seen, out))
            return
        for line in starter.lines(seen, out):
            click.echo(line)
