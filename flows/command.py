"""`python -m flows.clean`: the flow by hand. What takes long begins before Prefect is imported, which takes 1 s."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

from pipeline.cli.help import Command
from pipeline.cli.output import say
from pipeline.cli.runs import run_options
from pipeline.pool import ahead
from pipeline.start import start

if TYPE_CHECKING:
    from pipeline.settings import Settings


def run() -> NoReturn:
    """Run the command line; end when Prefect has sent what it has to, but do not take it apart: 0.3 s."""
    start()
    status = [0]
    atexit.register(lambda: os._exit(status[0]))  # first in, so after all that Prefect does at the end
    try:
        main(prog_name="python -m flows.clean")
    except SystemExit as ended:
        status[0] = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    sys.exit(status[0])


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@run_options
def main(inputs: tuple[str, ...], out: str, overwrite: bool, settings: Settings) -> None:
    """Clean and deduplicate INPUT... into Parquet under OUT, as a Prefect flow."""
    ahead(settings.run, inputs)
    from flows import server
    from flows.clean import clean
    from flows.places import require_bare
    from pipeline import summary
    from pipeline.target import data_of, lies

    require_bare([*inputs, out])
    data = data_of(out)
    before = data.number()
    try:
        with server.reached(), without_heartbeats():
            state = clean(list(inputs), out, overwrite, settings=settings, return_state=True)
        if not state.is_completed():
            state.result()  # raises the error
    except server.LeftError as error:
        if data.number() == before:
            raise
        click.echo(
            f"corpusmill: all is published, but {error.__cause__}: the Prefect server does not know it", err=True
        )
    # Not the state's result: from a server that was too busy to answer at once Prefect gets the state without it.
    manifest = data.manifest()
    say(summary.lines(manifest, lies(data, manifest, out)))


@contextmanager
def without_heartbeats() -> Iterator[None]:
    """Run the block without what Prefect's workers look for: to stop it takes a run up to a second at its end."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield
