"""The starter: a commented settings file from what was seen, and the lines that say so."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from pipeline import presets
from pipeline.configuration import toml
from pipeline.errors import OutputError
from pipeline.survey.advice import preset
from pipeline.survey.extent import Extent
from pipeline.survey.guesses import ROLES
from pipeline.survey.look import Choice, Survey
from pipeline.survey.texts import Texts

#: Names shown of a list that may be long.
SHOWN = 8


def require_free(out: str) -> None:
    """Raise OutputError when there is something at `out`."""
    if os.path.lexists(out):
        raise OutputError(f"{out} is there already: give --out another file, or remove it")


def write(seen: Survey, out: str) -> None:
    """Write the settings file: whole, or not at all; never over another. Raises OutputError."""
    place = Path(out)
    beside = place.with_name(f".{place.name}.{uuid4().hex}.tmp")
    try:
        beside.write_text(content(seen, out), "utf-8")
        try:
            os.link(beside, place)  # which fails where something is: a rename would replace it
        except FileExistsError:
            require_free(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror}): give --out another file") from error
    finally:
        beside.unlink(missing_ok=True)


def content(seen: Survey, out: str) -> str:
    """Return the settings file."""
    parts = [*_comment([f"Settings for {_command(seen.inputs)}, from a look at them by `corpusmill init`.", ""])]
    parts += _comment(list(found(seen)))
    parts += _comment(["", "All settings, each with its reason: `corpusmill config`.", f"Run: {following(seen, out)}"])
    return "\n".join([*parts, "", *_reading(seen), "", *_duplicates(seen.texts), ""])


def lines(seen: Survey, out: str) -> Iterator[str]:
    """Yield what is said at the end: what was found, what was written, what to do next."""
    yield from found(seen)
    yield ""
    yield f"wrote {out}"
    yield f"next: {following(seen, out)}"


def following(seen: Survey, out: str) -> str:
    """Return the command to run next."""
    return f"corpusmill clean {_command(seen.inputs)} --out out --config {shlex.quote(out)}"


def found(seen: Survey) -> Iterator[str]:
    """Yield what was seen, a line each."""
    texts = seen.texts
    some = (
        f"{seen.looked:,} of {seen.files:,} files"
        if seen.looked < seen.files
        else f"{seen.files:,} {_plural(seen.files, 'file')}"
    )
    yield f"looked at    {some}, {texts.rows:,} rows of them read"
    for form, (files, size) in seen.forms.items():
        yield f"{form:<12} {_rows(size)} in {files:,} {_plural(files, 'file')}, {_bytes(size.bytes)}"
    for choice in seen.choices[:SHOWN]:
        yield from _columns(choice)
    if len(seen.choices) > SHOWN:
        yield f"             … and {len(seen.choices) - SHOWN} other sets of columns"
    for choice in seen.apart:
        name, why = choice.columns["text"]
        yield f"by itself    {_sources(choice)}: run with --text-column {shlex.quote(_tame(name))} ({why})"
    yield f"charset      {_charsets(texts)}"
    yield f"languages    {_tally(texts.languages, texts.rows) or 'none that is certain'}"
    yield f"sites        {texts.sites:,}, {texts.dated:,} of {texts.rows:,} rows with a date"
    yield f"damage       {_share(texts.broken, texts.rows)} of the rows{_kinds(texts.damaged)}"
    if texts.empty:
        yield f"empty        {texts.empty:,} rows"
    for source, error in seen.unread[:SHOWN]:
        error = error.removesuffix("; it went to quarantine/")
        yield f"not read     {_tame(error if source in error else f'{source} {error}')}"
    if len(seen.unread) > SHOWN:
        yield f"             … and {len(seen.unread) - SHOWN:,} more"
    name, why = preset(texts)
    yield f"preset       {name or 'none'}: {why}"


def as_json(seen: Survey, out: str) -> dict[str, Any]:
    """Return what was seen as `--json` prints it."""
    texts = seen.texts
    name, why = preset(texts)
    return {
        "out": out,
        "next": following(seen, out),
        "files": seen.files,
        "looked_at": seen.looked,
        "forms": {form: {"files": files, **size._asdict()} for form, (files, size) in seen.forms.items()},
        "columns": [_choice(choice) for choice in seen.choices],
        "apart": [_choice(choice) for choice in seen.apart],
        "settings": {f"read.{role}_column": column for role, (column, _) in seen.settings.items()},
        "rows": texts.rows,
        "languages": dict(texts.languages.most_common()),
        "charsets": dict(texts.charsets.most_common()),
        "sites": texts.sites,
        "dated": texts.dated,
        "empty": texts.empty,
        "damaged_rows": texts.broken,
        "damaged": dict(texts.damaged.most_common()),
        "unread": [{"source": source, "error": error} for source, error in seen.unread],
        "preset": name,
        "why": why,
    }


def _choice(choice: Choice) -> dict[str, Any]:
    columns = {role: {"column": name, "why": why} for role, (name, why) in choice.columns.items()}
    return {"columns": columns, "others": list(choice.others), "sources": choice.sources}


def _reading(seen: Survey) -> Iterator[str]:
    yield "[read]"
    for role in ROLES:
        if role in seen.settings:
            column, why = seen.settings[role]
            yield from (f"# {_tame(why)}", f"{role}_column = {toml(column)}")
        else:
            names = Counter(one.columns[role][0] for one in seen.choices if role in one.columns)
            taken = f"found by its name: {', '.join(map(_tame, names))}" if names else "there is none"
            yield f'# {role}_column = ""  # {taken}'
    if seen.texts.repeated_id:
        yield f"# The id {_tame(seen.texts.repeated_id)} comes twice: the later ones get -2, -3, …"
        yield 'on_duplicate_id = "suffix"'
    else:
        yield '# on_duplicate_id = "error"  # or suffix, where the same id may come twice'
    yield '# charset = ""  # UTF-8, and where that fails, detected; a name such as cp1252 where you know better'


def _duplicates(texts: Texts) -> Iterator[str]:
    name, why = preset(texts)
    chosen = presets.load(name)["dedup"] if name else {}
    defaults = {"documents": {"threshold": 0.8, "ngram": 5}, "paragraphs": {"threshold": 0.7, "ngram": 3}}
    yield "[dedup]"
    yield '# memory = ""  # such as 2GB; empty: a quarter of the machine\'s'
    yield ""
    yield from _comment([f"preset {name or 'none'}: {why}."])
    for level, usual in defaults.items():
        mark = "" if level in chosen else "# "
        yield f"[dedup.{level}]"
        yield from (f"{mark}{key} = {toml(value)}" for key, value in chosen.get(level, usual).items())
        yield '# action = "drop"  # mark: keep duplicates, with the copy that they repeat in `duplicate_of`'
        yield ""


def _columns(choice: Choice) -> Iterator[str]:
    named = (
        f"{role} = {_tame(name)}" + (f" ({_tame(why)})" if why != "by its name" else "")
        for role, (name, why) in choice.columns.items()
    )
    yield f"columns      {', '.join(named)}: {_sources(choice)}"
    if choice.others:
        more = f" and {len(choice.others) - SHOWN} more" if len(choice.others) > SHOWN else ""
        yield f"             beside {', '.join(map(_tame, choice.others[:SHOWN]))}{more}, which travel through"


def _sources(choice: Choice) -> str:
    more = f" and {len(choice.sources) - 1} more" if len(choice.sources) > 1 else ""
    return f"{_tame(choice.sources[0])}{more}"


def _charsets(texts: Texts) -> str:
    if not texts.charsets:
        return "UTF-8"
    return f"UTF-8, but of some rows decoded: {_tally(texts.charsets, 0)}"


def _kinds(kinds: Counter[str]) -> str:
    return f": {', '.join(f'{count:,} {kind}' for kind, count in kinds.most_common())}" if kinds else ""


def _tally(counts: Counter[str], rows: int) -> str:
    shown = [f"{name} {_share(count, rows) if rows else f'{count:,}'}" for name, count in counts.most_common(SHOWN)]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _rows(size: Extent) -> str:
    return f"{size.rows:,} rows" if size.exact else f"about {float(f'{size.rows:.2g}'):,.0f} rows"


def _bytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB" if size >= 10**7 else f"{size / 1e3:,.0f} kB"


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0 %"


def _command(inputs: tuple[str, ...]) -> str:
    return " ".join(shlex.quote(_tame(one)) for one in inputs)


def _comment(text: list[str]) -> list[str]:
    return [f"# {_tame(line, keep=True)}".rstrip() for line in text]


def _tame(text: str, keep: bool = False) -> str:
    """Return text of others fit for one line of a terminal or a comment: no line ends, no control characters."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return shown if keep else " ".join(shown.split())
