"""How errors are told: one sentence on stderr, and an exit status."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from pipeline.errors import CorpusmillError, SettingsError

#: Said when this process gets no more memory; of a worker that was killed for it `corpus` says the same.
NO_MEMORY = (
    "the memory this process may take is used up: start the same command again with more of it, fewer --workers, or a "
    "smaller --set run.shard_bytes and --memory; it goes on where it was, and nothing was published"
)


@contextmanager
def told() -> Iterator[None]:
    """Turn errors that a user can mend into one sentence and an exit status: 2 for settings, 1 for all else."""
    try:
        yield
    except CorpusmillError as error:
        failed(str(error), 2 if isinstance(error, SettingsError) else 1)
    except MemoryError:
        failed(NO_MEMORY, 1)
    except BrokenPipeError:  # `corpusmill versions OUT | head`: click ends quietly
        raise
    except OSError as error:  # a full disk, a folder that went away: nothing was published
        failed(mended(error), 1)
    except KeyboardInterrupt:
        failed("stopped; nothing was published", 130)


def failed(sentence: str, status: int) -> NoReturn:
    """Say what went wrong on stderr, and end with a status."""
    click.echo(f"{click.style('corpusmill:', fg='red', bold=True)} {sentence}", err=True)
    sys.exit(status)


def mended(error: OSError) -> str:
    """Return what the system refused, as a sentence that says what to do."""
    what = error.strerror or str(error)
    what = f"{what} ({error.filename})" if error.filename else what
    return f"{what}: mend that and start the same command again, it goes on where it was"
