"""docs/commands.md and docs/settings.md, made from the commands and the settings themselves.

python -m tests.generated_docs --update     after a change of either; then read the diff
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipeline.cli.help import by_subject
from pipeline.cli.main import SECTIONS
from pipeline.configuration import choices, toml
from pipeline.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"
MADE = "<!-- Made by `python -m tests.generated_docs --update`; do not edit. -->"
COMMANDS = f"""{MADE}

# Commands

`corpusmill --help` lists the commands, `corpusmill COMMAND --help` says what one takes.

## Exit status

| status | means |
|---|---|
| 0 | done; the last line says how many inputs could not be read |
| 1 | nothing could be done or published: no readable input, OUT is taken, more was removed than the limits allow, a full disk |
| 2 | a command line or a setting that cannot be taken; nothing was begun |
| 130 | stopped by Ctrl-C; nothing was published. `clean` and `ingest` go on where they were when they are started again |

Errors are one sentence on stderr: what, where, what to do.

## Output for programs

With `--json` a command prints one JSON object in one line on stdout, and nothing else; progress and errors go to
stderr. On an error stdout stays empty and the exit status tells. What the objects hold stands with each command.

```console
$ corpusmill clean seeds --out json --json
$ corpusmill versions json --json
```

## Colours

Only on a terminal, and not where the environment variable `NO_COLOR` is set to anything.

## Completion

Commands, options, files, presets, and behind `--set` every setting with its default (and the values that it takes once
`=` is typed), in bash 4.4 or later, zsh and fish. Once, in the start-up file of the shell:

| shell | file | line |
|---|---|---|
| bash | `~/.bashrc` | `eval "$(_CORPUSMILL_COMPLETE=bash_source corpusmill)"` |
| zsh | `~/.zshrc` | `eval "$(_CORPUSMILL_COMPLETE=zsh_source corpusmill)"` |
| fish | `~/.config/fish/completions/corpusmill.fish` | `_CORPUSMILL_COMPLETE=fish_source corpusmill \\| source` |
"""
SETTINGS = f"""{MADE}

# Settings

`corpusmill config` prints them as TOML with these sentences as comments. Four places can set one; the later wins:

1. `--preset news`, `noisy` or `strict` ([duplicates](duplicates.md#presets)),
2. `--config settings.toml`,
3. `--set dedup.documents.threshold=0.7` (the value is TOML; text needs no quotes),
4. a flag of its own, such as `--memory 2GB`; `corpusmill clean --help` says behind each which setting it is.

An unknown setting or a value that cannot be taken ends a command with status 2, before anything is read. The same model
is the parameter `settings` of the Prefect flows and of the functions in Python.

```console
$ corpusmill config --preset news --set read.text_column=story > story.toml
$ corpusmill config --config story.toml --json
```
"""
#: Keys of the object that `--json` prints, by command.
JSON = {
    "init": "`out`, `next` (the command to run next), `files`, `looked_at`, `forms`, `columns`, `apart`, `settings`, "
    "`rows`, `languages`, `charsets`, `sites`, `dated`, `empty`, `damaged_rows`, `damaged`, `unread`, `preset`, `why`",
    "clean": "`out`, `version`, `published`, `run`, `counts`, `rules`, `encoding`, `recall`, `contained`, `capped`, "
    "`alarms`, `seconds`, `columns`: the manifest, without what is as long as the corpus",
    "ingest": "as `clean`, and `batch`; that is null when there was nothing new",
    "dedup": "`out`, `run`, `counts`, `quarantine` (reason to number of inputs), `recall`, `capped`, `seconds`, `columns`",
    "report": "`out`, `report`",
    "explain": "`doc_id`, `source`, `title`, `status`, `sentence`, `changes`, `copies`, `paragraphs`",
    "ledger": "`counts`, `rows`: a list of rows of the ledger",
    "diff": "`a`, `b`, `equal`, `settings`, `documents`, `quarantined`, `reasons`, `rules`, `examples`",
    "retune": "`settings`, `exact`, `unsure`, `documents`, `paragraphs`, `examples`",
    "restore": "`out`, `version`, `documents`, `paragraphs`, `passed`",
    "upload": "`out`, `version`, `files`",
    "versions": "`out`, `current`, `versions`: a list of `version`, `published`, `documents`, `bytes`",
    "rollback": "`out`, `version`",
    "compact": "`out`, `version`, `files`",
    "evaluate boilerplate": "`documents`, `all`, `precision_interval`, `recall_interval`, `languages`, `rules`, `wrong`, "
    "`missed`, `shapes`, `forms`",
    "evaluate dedup": "`kind`, `texts`, `pairs` or `clusters`, `skipped`, `score`, `best`, `sweep`, `wrong`, `missed`, "
    "`missed_above`",
    "advise": "`threshold`, `ngram`, `num_perm`, `wanted`, `at_threshold`, `bands`, `rows`, `steps`, `curve`, `need`, "
    "`warnings`",
    "config": "the settings, by group",
}


def commands() -> str:
    """Return docs/commands.md."""
    parts = [COMMANDS]
    for title, members in SECTIONS.items():
        parts.append(f"## {title}\n")
        for command in members:
            parts += _command(command, f"corpusmill {command.name}")
    return "\n".join(parts).rstrip() + "\n"


def settings() -> str:
    """Return docs/settings.md."""
    return "\n".join([SETTINGS, *_group("", Settings())]).rstrip() + "\n"


def _command(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    yield f"### {name.removeprefix('corpusmill ')}\n"
    if isinstance(command, click.Group):
        yield f"{click.unstyle(_help(command))}\n"
        for inner in command.commands.values():
            yield from _command(inner, f"{name} {inner.name}")
        return
    yield f"`{' '.join([name, *command.collect_usage_pieces(context)])}`\n\n{_help(command)}\n"
    for subject, options in by_subject(command.get_params(context)).items():
        rows = [record for one in options if "--help" not in one.opts and (record := one.get_help_record(context))]
        if rows:
            yield f"| {subject} | |\n|---|---|"
            yield "".join(f"| `{_cell(flag)}` | {_cell(text)} |\n" for flag, text in rows)
    examples = getattr(command, "examples", ())
    if examples:
        yield "```console\n" + "".join(f"$ {line}\n" for line in examples) + "```\n"
    yield f"`--json`: {JSON[name.removeprefix('corpusmill ')]}.\n"


def _help(command: click.Command) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (command.help or "").strip().split("\n\n"))


def _group(name: str, model: BaseModel) -> Iterator[str]:
    own = {key: field for key, field in type(model).model_fields.items() if not isinstance(field.default, BaseModel)}
    if own:
        yield f"## {name}\n\n{' '.join((type(model).__doc__ or '').split())}\n"
        yield "| setting | type | default | what it does |\n|---|---|---|---|"
        yield "".join(
            f"| `{name}.{key}` | {_type(field)} | `{toml(field.default)}` | {_cell(field.description or '')} |\n"
            for key, field in own.items()
        )
    for key, field in type(model).model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from _group(f"{name}.{key}" if name else key, field.default)


def _type(field: FieldInfo) -> str:
    if choices(field):
        return ", ".join(f"`{value}`" for value in choices(field))
    kind: Any = field.annotation
    if str(kind).startswith("tuple"):
        return "list of text"
    word = {int: "whole number", float: "number"}.get(kind, "text")
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    bounds = [
        f"{signs[sign]} {getattr(limit, sign):g}" for limit in field.metadata for sign in signs if hasattr(limit, sign)
    ]
    return " ".join([word, " and ".join(bounds)]).strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES = {"commands.md": commands, "settings.md": settings}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", required=True)
    parser.parse_args()
    for name, made in PAGES.items():
        (DOCS / name).write_text(made(), "utf-8")


if __name__ == "__main__":
    main()
