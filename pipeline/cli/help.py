"""How help looks: commands by section, options by subject, examples at the end; hints where a name is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import click

from pipeline.cli.failures import told

#: Options up to so many are one list; more are told apart by subject.
FEW = 12
#: Subjects in the order in which help lists them, with the parameters that belong to each.
SUBJECTS = {
    "Result": ("out", "overwrite", "keep_versions", "write_signatures", "as_json", "help"),
    "Layout of documents/": ("partition_by", "sort_by", "file_size", "format"),
    "Settings": ("preset", "config", "assignments", "rules"),
    "Inputs": ("text_column", "id_column", "title_column", "url_column", "date_column", "on_duplicate_id", "encoding"),
    "Later batches": ("late_better", "prune"),
    "Where the work is done": ("memory", "workers", "executor", "dask", "work"),
    "Loss alarms": ("accept_losses",),
}
OTHERS = "Others"


class Formatter(click.HelpFormatter):
    """Headings stand out on a terminal."""

    def write_heading(self, heading: str) -> None:
        """Write a heading, bold; where the output is no terminal click takes that off."""
        super().write_heading(click.style(heading, bold=True))


class Context(click.Context):
    """A context that writes help so."""

    formatter_class = Formatter


class Command(click.Command):
    """A command with examples, whose help lists many options by subject, and whose errors are one sentence.

    examples: command lines, or `# …` lines that say what the next one does.
    """

    context_class = Context

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.examples = tuple(examples)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that a user can mend is told as `failures` says."""
        with told():
            return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options by subject."""
        for subject, options in by_subject(self.get_params(ctx)).items():
            with formatter.section(subject):
                formatter.write_dl([record for option in options if (record := option.get_help_record(ctx))])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are to be typed, whatever the width."""
        if self.examples:
            with formatter.section("Examples"):
                formatter.write("".join(f"{'':>{formatter.current_indent}}{line}\n" for line in self.examples))


class Sections(click.Group):
    """A group whose help lists its commands by section. sections: title to commands, in the order of the help."""

    context_class = Context

    def __init__(self, *arguments: Any, sections: Mapping[str, Sequence[click.Command]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sections = sections
        for commands in sections.values():
            for command in commands:
                self.add_command(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections where click writes one list of all commands."""
        widest = max(len(name) for name in self.commands)
        for title, commands in self.sections.items():
            with formatter.section(title):
                rows = [(command.name or "", command.get_short_help_str(limit=100)) for command in commands]
                formatter.write_dl([(name.ljust(widest), text) for name, text in rows])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Do what click does; for an unknown command also say which one has the nearest name."""
        near = [] if args[0] in self.commands or args[0].startswith("-") else nearest(args[0], list(self.commands))
        if near and not ctx.resilient_parsing:
            raise click.UsageError(f"There is no command '{args[0]}': did you mean '{near[0]}'?", ctx)
        return super().resolve_command(ctx, args)


def by_subject(parameters: Sequence[click.Parameter]) -> dict[str, list[click.Option]]:
    """Return the options that help shows under the titles they go under, in order; few go under one."""
    options = [one for one in parameters if isinstance(one, click.Option) and not one.hidden]
    if len(options) <= FEW:
        return {"Options": options}
    of = {name: subject for subject, names in SUBJECTS.items() for name in names}
    found: dict[str, list[click.Option]] = {subject: [] for subject in (*SUBJECTS, OTHERS)}
    for option in options:
        found[of.get(option.name or "", OTHERS)].append(option)
    order = list(of)
    return {
        subject: sorted(chosen, key=lambda one: order.index(str(one.name)) if one.name in of else 0)
        for subject, chosen in found.items()
        if chosen
    }


def nearest(name: str, names: Sequence[str]) -> list[str]:
    """Return the names most like `name`, best first; none when none is like it."""
    return get_close_matches(name, names, n=3, cutoff=0.6)
