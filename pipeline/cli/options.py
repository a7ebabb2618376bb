"""The options that commands share, the settings they make, and how errors are told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from pipeline.cli import completion
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
    "work": ("run.work", "Folder for the tables between steps; empty: beside OUT."),
    "partition_by": ("write.partition_by", "Folders of documents/ by columns: site,published:month."),
    "sort_by": ("write.sort_by", "Columns that documents are sorted by, with commas between them."),
    "file_size": ("write.file_size", "Size that files get, such as 256MB."),
    "format": ("write.format", "parquet, or delta: documents/ is a Delta table too."),
    "keep_versions": ("write.keep_versions", "Versions that stay, with the new one."),
}
#: Flags without a value that are short for `--set KEY=true`.
SWITCHES = {
    "write_signatures": ("write.signatures", "Also write MinHash signatures, for an index of your own."),
    "accept_losses": ("alarms.accept", "Publish even if more is removed than the limits allow."),
}


def path() -> click.Path:
    """Return the type of a file or folder: as it is typed, unlooked at; shells complete it."""
    return click.Path(readable=False)


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
config_option = click.option("--config", type=path(), metavar="FILE", help="Settings as TOML; see `corpusmill config`.")
preset_option = click.option(
    "--preset",
    default="",
    metavar="NAME",
    shell_complete=completion.presets,
    help="Settings to start from: news, noisy or strict.",
)
set_option = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=completion.assignments,
    help="Change one setting.",
)


def rules_option(text: str) -> Callable[[Command], Command]:
    """Return the option --rules."""
    return click.option("--rules", multiple=True, type=path(), metavar="FILE", help=f"{text} [boilerplate.rules]")


def run_options(command: Command) -> Command:
    """Add the arguments and options of a run; the flow's command line takes the same."""
    return input_options(click.option("--overwrite", is_flag=True, help="Replace the dataset that OUT holds.")(command))


def input_options(command: Command) -> Command:
    """Add the arguments and options of what reads inputs into a dataset."""
    for name, (key, text) in reversed(FLAGS.items()):
        flag = "--" + name.replace("_", "-")
        offer = completion.values(key)
        command = click.option(flag, name, metavar="VALUE", shell_complete=offer, help=f"{text} [{key}]")(command)
    for name, (key, text) in SWITCHES.items():
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, flag_value="true", default=None, help=f"{text} [{key}]")(command)
    for option in (
        rules_option("Rules of your own, or a learned.toml."),
        set_option,
        config_option,
        preset_option,
        click.option(
            "--out",
            required=True,
            type=path(),
            metavar="OUT",
            help="Folder for the results; clean: or s3://BUCKET/PREFIX.",
        ),
        click.argument("inputs", nargs=-1, required=True, type=path(), metavar="INPUT..."),
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


def printed(found: Mapping[str, Any]) -> None:
    """Print a result as one line of JSON."""
    click.echo(json.dumps(found, ensure_ascii=False))


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


#: Said when this process gets no more memory; of a worker that was killed for it `corpus` says the same.
NO_MEMORY = (
    "the memory this process may take is used up: start the same command again with more of it, fewer --workers, or a "
    "smaller --set run.shard_bytes and --memory; it goes on where it was, and nothing was published"
)


def mended(error: OSError) -> str:
    """Return what the system refused, as a sentence that says what to do."""
    what = f"{error.strerror} ({error.filename})" if error.filename else str(error)
    return f"{what}: mend that and start the same command again, it goes on where it was"
