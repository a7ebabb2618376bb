"""The arguments and options that commands share, and the settings that options make."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from pipeline.cli import completion
from pipeline.errors import SettingsError

if TYPE_CHECKING:
    from pipeline.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def path() -> click.Path:
    """Return the type of a file or folder: as it is typed, unlooked at; shells complete it."""
    return click.Path(readable=False)


out_argument = click.argument("out", type=path())
inputs_argument = click.argument("inputs", nargs=-1, required=True, type=path(), metavar="INPUT...")
labelled_argument = click.argument("labelled", nargs=-1, required=True, type=path(), metavar="LABELLED.jsonl...")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
keep_versions_option = click.option(
    "--keep-versions", type=click.IntRange(1), metavar="N", help="Versions that stay, with the new one."
)


preset_option = click.option(
    "--preset",
    default="",
    metavar="news|noisy|strict",
    shell_complete=completion.presets,
    help="Settings to start from.",
)


def config_option(text: str) -> Callable[[Command], Command]:
    """Return the option --config."""
    return click.option("--config", type=path(), metavar="FILE", help=text)


def out_option(text: str) -> Callable[[Command], Command]:
    """Return the option --out."""
    return click.option("--out", required=True, type=path(), metavar="OUT", help=text)


def examples_option(text: str) -> Callable[[Command], Command]:
    """Return the option --examples."""
    return click.option("--examples", type=click.IntRange(0), default=5, metavar="N", show_default=True, help=text)


def worst_option(number: int) -> Callable[[Command], Command]:
    """Return the option --worst."""
    text = "How many errors to show."
    return click.option("--worst", type=click.IntRange(0), default=number, metavar="N", show_default=True, help=text)


class Flag(NamedTuple):
    """An option that is short for one `--set`. value: what it takes, as help shows it; "" for a bare switch."""

    key: str
    value: str
    text: str
    many: bool = False


#: By the name of the parameter; a command has those whose settings act in it.
FLAGS = {
    "text_column": Flag("read.text_column", "COLUMN", "Column with the text."),
    "id_column": Flag("read.id_column", "COLUMN", "Column with the document id."),
    "title_column": Flag("read.title_column", "COLUMN", "Column with the headline."),
    "url_column": Flag("read.url_column", "COLUMN", "Column with the address."),
    "date_column": Flag("read.date_column", "COLUMN", "Column with the date of publication."),
    "on_duplicate_id": Flag("read.on_duplicate_id", "error|suffix", "What to do with an id given twice."),
    "encoding": Flag("read.charset", "CHARSET", "Charset of the inputs, where they do not say it themselves."),
    "rules": Flag("boilerplate.rules", "FILE", "Rules of your own, or a learned.toml.", many=True),
    "memory": Flag(
        "dedup.memory", "SIZE", "Memory for finding duplicates, such as 2GB; empty: a quarter of the machine's."
    ),
    "executor": Flag("run.executor", "NAME", "Where shards are worked on: processes, threads or dask."),
    "dask": Flag("run.dask", "tcp://HOST:PORT", "Address of a Dask scheduler."),
    "workers": Flag("run.workers", "N", "Processes or threads; 0: one a core."),
    "work": Flag("run.work", "DIR", "Folder for the tables between steps; empty: beside OUT."),
    "partition_by": Flag("write.partition_by", "COLUMNS", "Folders of documents/ by columns: site,published:month."),
    "sort_by": Flag("write.sort_by", "COLUMNS", "Columns that documents are sorted by, with commas between them."),
    "file_size": Flag("write.file_size", "SIZE", "Size that files get, such as 256MB."),
    "format": Flag("write.format", "parquet|delta", "delta: documents/ is a Delta table too."),
    "keep_versions": Flag("write.keep_versions", "N", "Versions that stay, with the new one."),
    "write_signatures": Flag("write.signatures", "", "Also write MinHash signatures, for an index of your own."),
    "accept_losses": Flag("alarms.accept", "", "Publish even if more is removed than the limits allow."),
    "late_better": Flag("ingest.late_better", "keep_old|replace", "Whether an old copy goes when a better one comes."),
    "prune": Flag("ingest.prune", "", "What was ingested and is not named now is gone."),
}


class Acting:
    """The settings that act in a command: patterns of their keys, such as `read.*`."""

    def __init__(self, *patterns: str) -> None:
        self.patterns = patterns

    def has(self, key: str) -> bool:
        """Return whether the setting acts."""
        return any(fnmatchcase(key, pattern) for pattern in self.patterns)

    def require(self, assignments: Sequence[str]) -> None:
        """Raise SettingsError for a `--set` of what would change nothing; a key that is unknown is not looked at."""
        from pipeline.configuration import fields

        for assignment in assignments:
            key = assignment.partition("=")[0].strip()
            named = [name for name in fields() if name == key or name.startswith(f"{key}.")]
            if named and not any(map(self.has, named)):
                raise SettingsError(
                    f"--set {assignment}: `{click.get_current_context().command_path}` does not use {key}: leave it out"
                )


def set_option(acting: Acting, required: bool = False) -> Callable[[Command], Command]:
    """Return the option --set, for settings that act."""
    return click.option(
        "--set",
        "assignments",
        multiple=True,
        required=required,
        metavar="KEY=VALUE",
        shell_complete=completion.assignments(acting.has),
        help="Change one setting.",
    )


def settings_options(*patterns: str, presets: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what gives a command the options for its settings, and hands it the `settings` that they make.

    patterns: of the settings that act in the command. presets: whether --preset is among the options.
    """
    acting = Acting(*patterns)

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(*, config: str | None, assignments: tuple[str, ...], preset: str = "", **given: Any) -> Any:
            acting.require(assignments)
            flags = {name: given.pop(name) for name in FLAGS if name in given}
            return command(settings=settings_of(config, assignments, flags, preset), **given)

        made: Callable[..., Any] = run
        for option in reversed([*_settings(acting, presets)]):
            made = option(made)
        return made

    return decorated


def _settings(acting: Acting, presets: bool) -> Iterator[Callable[[Command], Command]]:
    if presets:
        yield preset_option
    yield config_option("Settings as TOML; see `corpusmill config`.")
    yield set_option(acting)
    yield from (_flag(name, flag) for name, flag in FLAGS.items() if acting.has(flag.key))


def _flag(name: str, flag: Flag) -> Callable[[Command], Command]:
    words, text = f"--{name.replace('_', '-')}", f"{flag.text} [{flag.key}]"
    if not flag.value:
        return click.option(words, name, flag_value="true", default=None, help=text)
    kind = path() if flag.value in ("FILE", "DIR") else None
    offer = None if kind else completion.values(flag.key)
    return click.option(words, name, type=kind, multiple=flag.many, metavar=flag.value, shell_complete=offer, help=text)


def settings_of(config: str | None, assignments: tuple[str, ...], flags: dict[str, Any], preset: str = "") -> Settings:
    """Return the settings of a command line; flags win over --set, --set over the file, the file over the preset."""
    from pipeline.configuration import load

    given = {name: value for name, value in flags.items() if value not in (None, ())}
    short = [f"{FLAGS[name].key}={json.dumps(value)}" for name, value in given.items()]
    return load(config, [*assignments, *short], preset)
