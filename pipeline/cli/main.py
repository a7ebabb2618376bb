"""The command `corpusmill`: all commands, in sections."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from pipeline.cli.datasets import compact, rollback, versions
from pipeline.cli.look import report
from pipeline.cli.measures import advise, config, evaluate
from pipeline.cli.runs import clean, dedup, ingest
from pipeline.start import collect_seldom

#: What `corpusmill --help` lists, in this order.
SECTIONS = {
    "Make a dataset": (clean, ingest, dedup),
    "Look at a dataset": (report,),
    "Keep a dataset": (versions, rollback, compact),
    "Measure and set": (evaluate, advise, config),
}


class Sections(click.Group):
    """A group whose help lists its commands by section."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write SECTIONS where click writes one list of all commands."""
        widest = max(len(name) for name in self.commands)
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                rows = [(command.name or "", command.get_short_help_str(limit=100)) for command in commands]
                formatter.write_dl([(name.ljust(widest), text) for name, text in rows])


def run() -> NoReturn:
    """Run the command line; then end at once, for taking numba and PyArrow apart takes 0.2 s of processor time."""
    try:
        main(prog_name="corpusmill")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@click.group(cls=Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="corpusmill", prog_name="corpusmill")
def main() -> None:
    """Scraped, damaged text in; clean, deduplicated Parquet out."""
    collect_seldom()


for _commands in SECTIONS.values():
    for _command in _commands:
        main.add_command(_command)
