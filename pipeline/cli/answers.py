"""Commands that answer from a finished dataset alone: why, what, what if, and back again."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from pipeline.cli.help import Command
from pipeline.cli.options import json_option, path, told


def say(lines: Iterable[str]) -> None:
    """Print lines; colours on a terminal only, and never where NO_COLOR is set (no-color.org)."""
    for line in lines:
        click.echo(line, color=False if os.environ.get("NO_COLOR") else None)


def say_json(found: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))


@click.command(
    cls=Command,
    examples=(
        "corpusmill explain out clock-original",
        "corpusmill explain out clock-original --paragraph 1",
        "corpusmill explain out clock-original --html clock.html",
    ),
)
@click.argument("out", type=path())
@click.argument("doc_id")
@click.option("--paragraph", type=click.IntRange(0), metavar="N", help="Only the paragraph at this position, from 0.")
@click.option("--html", "page", is_flag=False, flag_value="-", metavar="[FILE]", help="A page of HTML; alone: printed.")
@json_option
def explain(out: str, doc_id: str, paragraph: int | None, page: str | None, as_json: bool) -> None:
    """Tell what became of a document, and why: kept, edited, removed."""
    with told():
        from pipeline.answers import shapes, terminal
        from pipeline.answers.explain import explain
        from pipeline.answers.page import page as page_of

        found = explain(out, doc_id)
        found = found if paragraph is None else found.only(paragraph)
        if as_json:
            say_json(shapes.of_explanation(found))
        elif page == "-":
            click.echo(page_of(found), nl=False)
        elif page:
            Path(page).write_text(page_of(found), "utf-8")
            click.echo(f"written to {page}")
        else:
            say(terminal.lines(found))


@click.command(
    cls=Command,
    examples=(
        "corpusmill ledger out",
        "corpusmill ledger out --stage boilerplate --rule title --limit 3",
        "corpusmill ledger out --action drop --csv --limit 1000 > removed.csv",
    ),
)
@click.argument("out", type=path())
@click.option("--stage", help="Such as boilerplate or dedup.documents.")
@click.option("--rule", help="Id of a rule.")
@click.option("--site", help="Of documents with this site or registered domain.")
@click.option("--action", help="drop, edit, mark, quarantine or restore.")
@click.option("--doc", "doc_id", metavar="DOC_ID", help="Of one document.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Rows of the sample.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print rows as CSV; no cell is a formula to a spreadsheet.")
def ledger(out: str, limit: int, as_json: bool, as_csv: bool, **filters: str | None) -> None:
    """Show what was done to the documents of OUT: counts by rule, and a sample that is always the same."""
    with told():
        from pipeline.answers import shapes
        from pipeline.answers.entries import Filter, counts, sample
        from pipeline.answers.entries import as_csv as csv_of
        from pipeline.answers.version import opened

        version, wanted = opened(out), Filter(**filters)
        if as_csv:
            return say(csv_of(sample(version, wanted, limit)))
        count = counts(version, wanted)
        rows = sample(version, wanted, limit).to_pylist() if wanted != Filter() or as_json else []
        if as_json:
            return say_json({"counts": count, "rows": rows})
        say(shapes.of_ledger(count, rows))
    return None


@click.command(
    cls=Command,
    examples=("corpusmill diff out stricter || echo 'not the same rows'",),
)
@click.argument("out_a")
@click.argument("out_b")
@click.option("--examples", type=click.IntRange(0), default=5, show_default=True, help="Documents shown of each kind.")
@json_option
def diff(out_a: str, out_b: str, examples: int, as_json: bool) -> None:
    """Compare two datasets, or two versions of one: exits 0 where their rows are the same, 1 where they are not."""
    with told():
        from pipeline.answers import shapes
        from pipeline.answers.diff import diff
        from pipeline.answers.version import opened

        found = diff(opened(out_a), opened(out_b), examples)
        if as_json:
            say_json(found)
        else:
            say(shapes.of_diff(found))
        sys.exit(0 if found["equal"] else 1)


@click.command(
    cls=Command,
    examples=(
        "corpusmill retune out --set dedup.documents.threshold=0.9",
        "corpusmill retune out --set 'boilerplate.off=[\"title\"]'",
    ),
)
@click.argument("out", type=path())
@click.option("--set", "assignments", multiple=True, required=True, metavar="KEY=VALUE", help="Change one setting.")
@click.option("--examples", type=click.IntRange(0), default=5, show_default=True, help="Rows shown of each kind.")
@click.option(
    "--check/--no-check", default=True, help="Also see that the settings as they are give the rows there are."
)
@json_option
def retune(out: str, assignments: tuple[str, ...], examples: int, check: bool, as_json: bool) -> None:
    """Tell how many rows would come or go under other settings, without reading the inputs again."""
    with told():
        from pipeline.answers import shapes
        from pipeline.answers.retune import retune
        from pipeline.answers.version import opened

        found = retune(opened(out), assignments, examples, check)
        if as_json:
            return say_json(found)
        say(shapes.of_retune(found))
    return None


@click.command(
    cls=Command,
    examples=(
        "corpusmill restore looser --rule title",
        "corpusmill restore looser --doc clock-exact-copy-later",
    ),
)
@click.argument("out", type=path())
@click.option("--rule", help="Id of a rule: all that it removed.")
@click.option("--stage", help="Only what the rule removed in this stage: `near` is of two.")
@click.option("--doc", "doc_id", metavar="DOC_ID", help="A document, or all paragraphs that a kept one lost.")
@click.option("--paragraph", type=click.IntRange(0), metavar="N", help="Of the document only the one at this position.")
@click.option("--keep-versions", type=click.IntRange(1), help="Versions that stay, with the new one.")
@json_option
def restore(out: str, keep_versions: int | None, as_json: bool, **wish: Any) -> None:
    """Put back what was removed from OUT: a new version, which `corpusmill rollback` undoes."""
    with told():
        from pipeline.answers import shapes
        from pipeline.answers.chosen import Wish
        from pipeline.answers.restore import restore

        if (wish["rule"] is None) == (wish["doc_id"] is None):
            raise click.UsageError("name either --rule or --doc")
        if (wish["stage"] and not wish["rule"]) or (wish["paragraph"] is not None and not wish["doc_id"]):
            raise click.UsageError("--stage goes with --rule, --paragraph with --doc")
        found = restore(Path(out).resolve(), Wish(**wish), keep_versions)
        if as_json:
            return say_json(found._asdict() | {"manifest": None, "version": found.manifest["version"]})
        say(shapes.of_restored(found, out))
    return None
