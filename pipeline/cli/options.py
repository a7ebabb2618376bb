"""The options that commands share, the settings they make, and how errors are told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline.errors import CorpusmillError, SettingsError

if TYPE_CHECKING:
    from pipeline.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

#: Flags that are short for one `--set`.
FLAGS = {
    "text_column": ("read.text_column", "Column with the text."),
    "id_column": ("read.id_column", "Column with the document id."),
    "title_column": ("read.title_column", "Column with the headline."),
    "url_column": ("read.url_column", "Column with the address."),
    "date_column": ("read.date_column", "Column with the date of publication."),
    "on_duplicate_id": ("read.on_duplicate_id", "What to do with an id given twice: error or suffix."),
    "encoding": ("read.charset", "Charset of the inputs, where they do not say it themselves."),
    "memory": ("dedup.memory", "Memory for finding duplicates, such as 2GB; empty: a quarter of the machine's."),
    "executor": ("run.executor", "Where shards are worked on: processes, threads or dask."),
    "dask": ("run.dask", "Address of a Dask scheduler: tcp://HOST:PORT."),
    "workers": ("run.workers", "Processes or threads; 0: one a core."),
    "keep_versions": ("write.keep_versions", "Versions that stay, with the new one."),
}
#: Flags without a value that are short for `--set KEY=true`.
SWITCHES = {
    "write_signatures": ("write.signatures", "Also write MinHash signatures, for an index of your own."),
    "accept_losses": ("alarms.accept", "Publish even if more is removed than the limits allow."),
}


def run_options(command: Command) -> Command:
    """Add the arguments and options of a run; the flow's command line takes the same."""
    return input_options(click.option("--overwrite", is_flag=True, help="Replace the dataset that OUT holds.")(command))


def input_options(command: Command) -> Command:
    """Add the arguments and options of what reads inputs into a dataset."""
    for name, (key, text) in reversed(FLAGS.items()):
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, metavar="VALUE", help=f"{text} [{key}]")(command)
    for name, (key, text) in SWITCHES.items():
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, flag_value="true", default=None, help=f"{text} [{key}]")(command)
    for option in (
        click.option(
            "--rules", multiple=True, metavar="FILE", help="Rules of your own, or a learned.toml. [boilerplate.rules]"
        ),
        click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Change one setting."),
        click.option("--config", metavar="FILE", help="Settings as TOML; see `corpusmill config`."),
        click.option("--preset", default="", metavar="NAME", help="Settings to start from: news, noisy or strict."),
        click.option("--out", required=True, metavar="OUT", help="Folder for the results."),
        click.argument("inputs", nargs=-1, required=True, metavar="INPUT..."),
    ):
        command = option(command)
    return command


def settings_of(
    config: str | None,
    assignments: tuple[str, ...],
    rules: tuple[str, ...],
    flags: dict[str, str | None],
    preset: str = "",
) -> Settings:
    """Return the settings of a command line; flags win over --set, --set over the file, the file over the preset."""
    from pipeline.configuration import load

    keys = {**FLAGS, **SWITCHES}
    short = [f"{keys[name][0]}={json.dumps(value)}" for name, value in flags.items() if value is not None]
    files = [f"boilerplate.rules={json.dumps(rules)}"] if rules else []
    return load(config, [*assignments, *files, *short], preset)


@contextmanager
def told() -> Iterator[None]:
    """Turn errors that a user can mend into one sentence and an exit status: 2 for settings, 1 for all else."""
    try:
        yield
    except CorpusmillError as error:
        click.echo(f"corpusmill: {error}", err=True)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
    except MemoryError:
        click.echo(f"corpusmill: {NO_MEMORY}", err=True)
        sys.exit(1)
    except BrokenPipeError:  # `corpusmill versions OUT | head`: click ends quietly
        raise
    except OSError as error:  # a full disk, a folder that went away: nothing was published
        click.echo(f"corpusmill: {mended(error)}", err=True)
        sys.exit(1)


#: Said when this process gets no more memory; of a worker that was killed for it `corpus` says the same.
NO_MEMORY = (
    "the memory this process may take is used up: start the same command again with more of it, fewer --workers, or a "
    "smaller --set run.shard_bytes and --memory; it goes on where it was, and nothing was published"
)


def mended(error: OSError) -> str:
    """Return what the system refused, as a sentence that says what to do."""
    what = f"{error.strerror} ({error.filename})" if error.filename else str(error)
    return f"{what}: mend that and start the same command again, it goes on where it was"
