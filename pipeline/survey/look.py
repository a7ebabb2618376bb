"""The look: a bounded sample of every form of input, and what is seen in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow
from pipeline.errors import InputError, RunError
from pipeline.read.batches import read
from pipeline.read.columns import choose
from pipeline.read.documents import DOCUMENT, Batch, nothing
from pipeline.read.inputs import Input, find
from pipeline.schema import QUARANTINE
from pipeline.settings import ReadSettings
from pipeline.survey.extent import Extent, extent, stored
from pipeline.survey.guesses import ROLES, guessed, usual
from pipeline.survey.heads import head
from pipeline.survey.texts import Texts, examine

#: Files that are looked into, of each form, evenly over their names; a text file is one row.
FILES = {"text": 200}
FILES_OF_ROWS = 24
#: Rows of all files together whose texts are looked at.
SAMPLED = 5000
FORMS = {"text": "text", "jsonl": "JSONL", "delimited": "CSV", "parquet": "Parquet", "arrow": "Arrow"}


class Choice(NamedTuple):
    """Which columns are taken in some inputs: role to (column, why); the other columns; the inputs."""

    columns: dict[str, tuple[str, str]]
    others: tuple[str, ...]
    sources: list[str]


class Survey(NamedTuple):
    """What a look at inputs shows; settings: keys of ReadSettings that reading needs to be told."""

    inputs: tuple[str, ...]
    files: int
    looked: int
    forms: dict[str, tuple[int, Extent]]
    choices: list[Choice]
    settings: dict[str, tuple[str, str]]
    apart: list[Choice]  #: inputs whose text has to be named, in runs of their own
    texts: Texts
    unread: list[tuple[str, str]]


class Looked(NamedTuple):
    """The sampled rows (DOCUMENT), their charsets but UTF-8, extents by source, what could not be read and why."""

    documents: pa.Table
    charsets: Counter[str]
    extents: dict[str, Extent]
    unread: list[tuple[str, str]]


def survey(inputs: Sequence[str]) -> Survey:
    """Look at a bounded sample of `inputs` (files, folders, globs).

    Raises RunError when not one row could be read, or standard input is named.
    """
    if "-" in inputs:
        raise RunError("standard input can be read once only: write it to a file and give that")
    found, refused = find(inputs)
    picked = [item for kind in FORMS for item in _spread([one for one in found if one.kind == kind], kind)]
    heads = {item.source: head(item, ReadSettings()) for item in picked if item.kind != "text"}
    guesses = {source: guessed(table) for source, table in heads.items() if table.num_columns}
    named = _named({source: heads[source].column_names for source in guesses}, guesses)
    settings = ReadSettings(**{f"{role}_column": column for role, (column, _) in named.items()})
    apart = _apart(heads, settings, guesses)
    own = {source: ReadSettings(text_column=one.columns["text"][0]) for one in apart for source in one.sources}
    looked = _looked(picked, settings, own)
    unread = [*zip(refused["source"].to_pylist(), refused["error"].to_pylist(), strict=True), *looked.unread]
    if not looked.documents.num_rows:
        raise RunError(f"there is nothing to look at: {unread[0][1] if unread else 'the inputs hold no document'}")
    return Survey(
        inputs=tuple(inputs),
        files=len(found),
        looked=len(picked),
        forms=_forms(found, picked, looked.extents),
        choices=_choices(heads, settings, named),
        settings=named,
        apart=apart,
        texts=examine(looked.documents, looked.charsets),
        unread=unread,
    )


def _looked(picked: list[Input], settings: ReadSettings, own: dict[str, ReadSettings]) -> Looked:
    """Read the beginning of each input, by its own settings if it has some: a batch, and whether more follow."""
    each = max(SAMPLED // max(len(picked), 1), 20)
    tables, charsets, extents, unread = [], Counter[str](), dict[str, Extent](), list[tuple[str, str]]()
    for item in picked:
        first, more, aside = _beginning(read(item, own.get(item.source, settings)))
        unread += [(item.source, error) for error in aside["error"].to_pylist()[:1]]
        charsets.update(rule.removeprefix("decoded:") for rule in first.ledger["rule"].to_pylist())
        tables.append(first.documents.slice(0, each))
        if first.documents.num_rows:
            last = pc.max(first.documents["position"]).as_py()
            extents[item.source] = extent(item, first.documents.num_rows, last, whole=not more)
    return Looked(arrow.concat(tables, DOCUMENT), charsets, extents, unread)


def _beginning(batches: Iterator[Batch]) -> tuple[Batch, bool, pa.Table]:
    """Return the first batch with rows, whether there is another one, and what was set aside up to there."""
    seen = [nothing(QUARANTINE.empty_table(), None)]
    filled: list[Batch] = []
    for batch in batches:
        seen.append(batch)
        filled += [batch] if batch.documents.num_rows else []
        if len(filled) == 2:
            break
    return [*filled, seen[0]][0], len(filled) == 2, arrow.concat([batch.quarantine for batch in seen], QUARANTINE)


def _spread(items: list[Input], kind: str) -> list[Input]:
    """Return at most so many items as a form allows, evenly over all."""
    most = FILES.get(kind, FILES_OF_ROWS)
    return items if len(items) <= most else [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]


def _named(names: dict[str, list[str]], guesses: dict[str, dict[str, tuple[str, str]]]) -> dict[str, tuple[str, str]]:
    """Return role to (column, why) where one guess fits all inputs: a column that is named must be in each."""
    found = {}
    for role in ROLES:
        guess = next((one[role] for one in guesses.values() if role in one), None)
        if guess and all(not usual(own, role) and guess[0] in own for own in names.values()):
            found[role] = guess
    return found


def _choices(heads: dict[str, pa.Table], settings: ReadSettings, named: dict[str, tuple[str, str]]) -> list[Choice]:
    found: dict[tuple[object, ...], Choice] = {}
    for source, table in heads.items():
        try:
            taken = choose(table.column_names, settings)
        except InputError:  # among those apart, or without any column
            continue
        columns = {
            role: (name, named[role][1] if role in named else "by its name")
            for role, name in taken._asdict().items()
            if name
        }
        others = tuple(name for name in table.column_names if name not in taken)
        one = found.setdefault((tuple(taken), others), Choice(columns, others, []))
        one.sources.append(source)
    return list(found.values())


def _apart(
    heads: dict[str, pa.Table], settings: ReadSettings, guesses: dict[str, dict[str, tuple[str, str]]]
) -> list[Choice]:
    found: dict[str, Choice] = {}
    for source, guess in guesses.items():
        if "text" in guess and settings.text_column != guess["text"][0]:
            name = guess["text"][0]
            found.setdefault(name, Choice({"text": guess["text"]}, (), [])).sources.append(source)
    return list(found.values())


def _forms(found: list[Input], picked: list[Input], extents: dict[str, Extent]) -> dict[str, tuple[int, Extent]]:
    """Return form to (files, extent of all of them); files that were not looked into are taken for like the others."""
    forms = {}
    for kind, form in FORMS.items():
        files = [item for item in found if item.kind == kind]
        seen = [extents[item.source] for item in picked if item.kind == kind and item.source in extents]
        if not seen:
            continue
        rows, size = sum(one.rows for one in seen), sum(one.bytes for one in seen)
        looked = sum(item.kind == kind for item in picked)
        if looked < len(files):
            size_of_all = sum(map(stored, files))
            forms[form] = len(files), Extent(round(rows * size_of_all / max(size, 1)), kind == "text", size_of_all)
        else:
            forms[form] = len(files), Extent(rows, all(one.exact for one in seen), size)
    return forms
