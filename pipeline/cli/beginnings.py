"""The command with which one begins."""

from __future__ import annotations

import click

from pipeline.cli.help import Command
from pipeline.cli.options import inputs_argument, json_option, path
from pipeline.cli.output import one_json, say


@click.command(
    cls=Command,
    examples=("corpusmill init seeds", "corpusmill init 'seeds/*.jsonl' seeds/market.parquet --out news.toml"),
)
@inputs_argument
@click.option("--out", default="corpusmill.toml", show_default=True, type=path(), metavar="FILE", help="What to write.")
@json_option
def init(inputs: tuple[str, ...], out: str, as_json: bool) -> None:
    """Look at INPUT... and write a settings file that fits it.

    Reads a sample of each input: which form and columns it has, how many rows, sites and languages, how much of it
    looks damaged. The file says what was seen and why each setting is as it is. A file that is there is not touched.
    """
    from pipeline.start import without_pandas

    without_pandas()
    from pipeline.survey import look, starter

    starter.require_free(out)
    seen = look.survey(inputs)
    starter.write(seen, out)
    say(one_json(starter.as_json(seen, out)) if as_json else starter.lines(seen, out))
