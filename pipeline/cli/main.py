"""The command `corpusmill`: all commands, in sections."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from pipeline.cli.answers import diff, explain, ledger, restore, retune
from pipeline.cli.beginnings import init
from pipeline.cli.datasets import compact, rollback, upload, versions
from pipeline.cli.failures import told
from pipeline.cli.help import Sections
from pipeline.cli.look import report
from pipeline.cli.measures import advise, config, evaluate
from pipeline.cli.runs import clean, dedup, ingest
from pipeline.start import collect_seldom

#: What `corpusmill --help` lists, in this order.
SECTIONS = {
    "Make a dataset": (init, clean, ingest, dedup),
    "Look at a dataset": (report, explain, ledger, diff, retune),
    "Keep a dataset": (versions, rollback, compact, restore, upload),
    "Measure and set": (evaluate, advise, config),
}


def run() -> NoReturn:
    """Run the command line; then end at once, for taking numba and PyArrow apart takes 0.2 s of processor time."""
    try:
        with told():
            main(prog_name="corpusmill", color=False if os.environ.get("NO_COLOR") else None)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@click.group(
    cls=Sections, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="corpusmill", prog_name="corpusmill")
def main() -> None:
    """Scraped, damaged text in; clean, deduplicated Parquet out."""
    collect_seldom()
