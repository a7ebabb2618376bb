"""Commands that answer from a finished dataset alone: why, what, what if, and back again."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.help import Command, nearest
from pipeline.cli.options import (
    Acting,
    examples_option,
    json_option,
    keep_versions_option,
    out_argument,
    path,
    set_option,
)
from pipeline.cli.output import one_json, say

if TYPE_CHECKING:
    from pipeline.answers.entries import Filter
    from pipeline.answers.version import Version

#: Rows of a sample.
SAMPLE = 20
#: Settings of which a change can be answered, or of which it is said why not; others change no row.
RETUNED = Acting("read.*", "encoding.*", "typography.*", "paragraphs.*", "boilerplate.*", "dedup.*")


@click.command(
    cls=Command,
    examples=(
        "corpusmill explain out clock-original",
        "corpusmill explain out clock-original --paragraph 1",
        "corpusmill explain out clock-original --html clock.html",
    ),
)
@out_argument
@click.argument("doc_id")
@click.option("--paragraph", type=click.IntRange(0), metavar="N", help="Only the paragraph at this position, from 0.")
@click.option("--html", "page", is_flag=False, flag_value="-", metavar="[FILE]", help="A page of HTML; alone: printed.")
@json_option
def explain(out: str, doc_id: str, paragraph: int | None, page: str | None, as_json: bool) -> None:
    """Tell what became of a document, and why: kept, edited, removed."""
    if as_json and page:
        raise click.UsageError("give --json or --html, not both")
    from pipeline.answers import shapes, terminal
    from pipeline.answers.explain import explain
    from pipeline.answers.page import page as page_of

    found = explain(out, doc_id)
    found = found if paragraph is None else found.only(paragraph)
    if as_json:
        say(one_json(shapes.of_explanation(found)))
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
@out_argument
@click.option("--stage", metavar="STAGE", help="Such as boilerplate or dedup.documents.")
@click.option("--rule", metavar="RULE", help="Id of a rule.")
@click.option("--site", metavar="SITE", help="Of documents with this site or registered domain.")
@click.option("--action", type=click.Choice(["drop", "edit", "mark", "quarantine", "restore"]), help="What was done.")
@click.option("--doc", "doc_id", metavar="DOC_ID", help="Of one document.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    metavar="N",
    help="Rows of the sample; unless told 20, and none where all of the ledger is asked for.",
)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print rows as CSV; no cell is a formula to a spreadsheet.")
def ledger(out: str, limit: int | None, as_json: bool, as_csv: bool, **filters: str | None) -> None:
    """Show what was done, and why: counts by rule, a sample of rows.

    The sample is always the same.
    """
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    from pipeline.answers.entries import Filter, counts, sample
    from pipeline.answers.entries import as_csv as csv_of
    from pipeline.answers.version import opened

    version, wanted = opened(out), Filter(**filters)
    by_default = SAMPLE if as_json or as_csv or wanted != Filter() else 0
    chosen = sample(version, wanted, by_default if limit is None else limit)
    if as_csv:
        say(csv_of(chosen))
    elif as_json:
        say(one_json({"counts": counts(version, wanted), "rows": chosen.to_pylist()}))
    else:
        say(_ledger(version, wanted, chosen.to_pylist()))


def _ledger(version: Version, wanted: Filter, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield counts and rows, then how to see more where there are only counts, or why there are none."""
    from pipeline.answers.entries import counts
    from pipeline.answers.shapes import of_ledger

    count = counts(version, wanted)
    yield from of_ledger(count, rows)
    if not count:
        yield from _strange(version, wanted)
    elif not rows:
        yield ""
        yield f"rows of one rule: corpusmill ledger {shlex.quote(version.name)} --rule {count[0]['rule']}"


def _strange(version: Version, wanted: Filter) -> Iterator[str]:
    """Yield a sentence on a stage or rule that the ledger does not have, with the names most like it."""
    from pipeline.answers.entries import counts

    count = counts(version, type(wanted)())
    for what, name in (("stage", wanted.stage), ("rule", wanted.rule)):
        known = sorted({str(one[what]) for one in count})
        if name and name not in known:
            hint = " or ".join(nearest(name, known))
            yield f"it has no {what} {name}" + (f": did you mean {hint}?" if hint else "")


@click.command(
    cls=Command,
    examples=("corpusmill diff out stricter || echo 'not the same rows'",),
)
@click.argument("out_a", type=path())
@click.argument("out_b", type=path())
@examples_option("Documents shown of each kind.")
@json_option
def diff(out_a: str, out_b: str, examples: int, as_json: bool) -> None:
    """Compare the rows of two datasets, or of two versions of one.

    Exits 0 where they are the same, 1 where they are not. A version is the folder OUT/versions/000001.
    """
    from pipeline.answers import shapes
    from pipeline.answers.diff import diff
    from pipeline.answers.version import opened

    found = diff(opened(out_a), opened(out_b), examples)
    say(one_json(found) if as_json else shapes.of_diff(found))
    sys.exit(0 if found["equal"] else 1)


@click.command(
    cls=Command,
    examples=(
        "corpusmill retune out --set dedup.documents.threshold=0.9",
        "corpusmill retune out --set 'boilerplate.off=[\"title\"]'",
    ),
)
@out_argument
@set_option(RETUNED, required=True)
@examples_option("Rows shown of each kind.")
@click.option(
    "--check/--no-check", default=True, help="Also see that the settings as they are give the rows there are."
)
@json_option
def retune(out: str, assignments: tuple[str, ...], examples: int, check: bool, as_json: bool) -> None:
    """Tell how many rows would come or go under other settings.

    The inputs are not read again: what dedup saw is in the dataset.
    """
    RETUNED.require(assignments)
    from pipeline.answers import shapes
    from pipeline.answers.retune import retune
    from pipeline.answers.version import opened

    found = retune(opened(out), assignments, examples, check)
    say(one_json(found) if as_json else shapes.of_retune(found))


@click.command(
    cls=Command,
    examples=(
        "corpusmill restore looser --rule title",
        "corpusmill restore looser --doc clock-exact-copy-later",
    ),
)
@out_argument
@click.option("--rule", metavar="RULE", help="Id of a rule: all that it removed.")
@click.option("--stage", metavar="STAGE", help="Only what the rule removed in this stage: `near` is of two.")
@click.option("--doc", "doc_id", metavar="DOC_ID", help="A document, or all paragraphs that a kept one lost.")
@click.option("--paragraph", type=click.IntRange(0), metavar="N", help="Of the document only the one at this position.")
@keep_versions_option
@json_option
def restore(out: str, keep_versions: int | None, as_json: bool, **wish: Any) -> None:
    """Put back what was removed: a new version of OUT.

    `corpusmill rollback` undoes it.
    """
    from pipeline.answers import shapes
    from pipeline.answers.chosen import Wish
    from pipeline.answers.restore import restore
    from pipeline.dataset import place_of

    if (wish["rule"] is None) == (wish["doc_id"] is None):
        raise click.UsageError("name either --rule or --doc")
    if (wish["stage"] and not wish["rule"]) or (wish["paragraph"] is not None and not wish["doc_id"]):
        raise click.UsageError("--stage goes with --rule, --paragraph with --doc")
    found = restore(place_of(out), Wish(**wish), keep_versions)
    plain = {"out": out, "version": found.manifest["version"], **found._asdict()}
    del plain["manifest"]
    say(one_json(plain) if as_json else shapes.of_restored(found, out))
