"""Answers as JSON, and as lines of plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from pipeline.answers.explain import Change, Explanation
from pipeline.answers.restore import Restored
from pipeline.answers.terminal import shown
from pipeline.answers.words import differing
from pipeline.report.amounts import many

_DONE = {"drop": "removed", "edit": "changed", "quarantine": "set aside", "mark": "marked", "restore": "restored"}
#: Characters of a text that a line of a sample shows.
WIDTH = 160


def of_explanation(found: Explanation) -> dict[str, Any]:
    """Return an explanation as plain values."""
    paragraphs = [
        {
            "position": fate.position,
            "kept": fate.kept,
            "raw": fate.raw,
            "text": fate.text,
            "removal": fate.removal and of_change(fate.removal, fate.text),
            "changes": [of_change(change, "") for change in fate.changes],
        }
        for fate in found.paragraphs
    ]
    return {
        "doc_id": found.doc_id,
        "source": found.source,
        "title": found.title,
        "status": found.status,
        "sentence": found.sentence,
        "changes": [of_change(change, "") for change in found.whole],
        "copies": [{"doc_id": copy.doc_id, "source": copy.source} for copy in found.copies],
        "paragraphs": paragraphs,
    }


def of_change(change: Change, text: str) -> dict[str, Any]:
    """Return a change as plain values. text: what was removed, to be compared with the copy that is kept."""
    plain = change._asdict()
    copy = plain.pop("copy")
    if copy is not None:
        same = copy.text is not None and copy.position is not None and text
        plain["kept"] = copy._asdict() | {"differing": list(differing(text, copy.text)) if same else None}
    return plain


def of_ledger(counts: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield counts by rule, then a sample of rows."""
    for count in counts:
        yield f"{count['rows']:>10,} {_DONE.get(count['action'], count['action']):<9} {count['stage']}: {count['rule']}"
    if not counts:
        yield "no row of the ledger is so"
    for row in rows:
        place = "" if row["position"] is None else f" paragraph {row['position']}"
        yield ""
        yield click.style(f"{shown(row['doc_id'] or '')}{place}", bold=True) + f"  ({shown(row['source'] or '')})"
        yield f"  {_DONE.get(row['action'], row['action'])} {row['stage']}: {row['rule']}{_why(row)}"
        for name, sign in (("text", "-"), ("after", "+")):
            if row[name] is not None:
                yield f"  {sign} {short(row[name])}"


def of_diff(found: dict[str, Any]) -> Iterator[str]:
    """Yield what `diff.diff` found."""
    if found["equal"]:
        yield f"{found['a']} and {found['b']} have the same rows"
    for key, before, after in found["settings"]:
        yield f"setting {key}: {before!r} in {found['a']}, {after!r} in {found['b']}"
    if found["equal"]:
        return
    count = found["documents"]
    yield f"documents   {count['a']:,} in {found['a']}, {count['b']:,} in {found['b']}"
    yield f"            {count['came']:,} came, {count['went']:,} went, {count['changed']:,} have another text, " + (
        f"{count['recounted']:,} only other counts or columns"
    )
    for kind, side in (("came", "a"), ("went", "b")):
        for one in found["reasons"][kind]:
            yield f"  {one['documents']:>8,} {kind}; in {found[side]}: {shown(one['reason'])}"
    for one in found["rules"]:
        done = _DONE.get(one["action"], one["action"])
        yield f"  {one['a']:>8,} -> {one['b']:>6,} {done:<9} {one['stage']}: {shown(one['rule'])}"
    yield from _diff_examples(found)


def _diff_examples(found: dict[str, Any]) -> Iterator[str]:
    for kind, side in (("came", "a"), ("went", "b")):
        for one in found["examples"][kind]:
            copy = "" if one["kept_doc_id"] is None else f" {shown(one['kept_doc_id'])}, {one['similarity']:.3f}"
            yield f"{kind}: {click.style(shown(one['doc_id']), bold=True)}; in {found[side]}: {one['reason']}{copy}"
    for one in found["examples"]["changed"]:
        yield f"changed: {click.style(shown(one['doc_id']), bold=True)}"
        for before, after in one["differing"]:
            yield f"  {click.style('- ' + short(before), fg='red')}"
            yield f"  {click.style('+ ' + short(after), fg='green')}"
        for name in ("a", "b"):
            for row in one[f"only_{name}"]:
                yield f"  only in {found[name]}: {shown(row)}"


def of_retune(found: dict[str, Any]) -> Iterator[str]:
    """Yield what `retune.retune` found."""
    for key, before, after in found["settings"]:
        yield f"setting {key}: {after!r} instead of {before!r}"
    if not found["settings"]:
        yield "no setting differs from those of the dataset"
    for name in ("documents", "paragraphs"):
        count = found[name]
        left = count["now"] + count["come"] - count["go"]
        yield f"{name:<11} {count['come']:,} come, {count['go']:,} go: {left:,} instead of {count['now']:,}"
    yield from _assured(found)
    for name, kinds in found["examples"].items():
        for kind, rows in kinds.items():
            for row in rows:
                yield _example(name, kind, row)


def _assured(found: dict[str, Any]) -> Iterator[str]:
    if found["exact"]:
        yield "checked: with the settings as they are the same steps give exactly the rows of the dataset"
    elif found["exact"] is not None:
        yield "careful: with the settings as they are the same steps give other rows than there are, so this is rough"
    yield from (f"not known: {sentence}" for sentence in found["unsure"])


def _example(name: str, kind: str, row: dict[str, Any]) -> str:
    place = "" if row["position"] is None else f" paragraph {row['position']}"
    who = click.style(f"{shown(row['doc_id'])}{place}", bold=True)
    if row["rule"] is None:
        return f"  {kind}: {who}"
    copy = "" if row["kept_doc_id"] is None else f" {shown(row['kept_doc_id'])}, {row['similarity']:.3f}"
    text = f"  {short(row['text'])}" if row["text"] else ""
    return f"  {kind}: {who}; {'is' if kind == 'come' else 'would be'} removed by {row['rule']}{copy}{text}"


def of_restored(found: Restored, out: str) -> Iterator[str]:
    """Yield what came back."""
    version = found.manifest["version"]
    if not found.paragraphs:
        yield f"nothing to put back: all of it is in {out} already (version {version})"
    else:
        back = f"{many(found.documents, 'document')}, {many(found.paragraphs, 'paragraph')}"
        yield f"{out} is at version {version}: {back} put back"
        yield f"`corpusmill rollback {out}` undoes it"
    if found.passed:
        yield f"{many(found.passed, 'paragraph')} not put back: another rule removed the whole document"


def short(text: str) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return shown(line if len(line) <= WIDTH else f"{line[:WIDTH]}…")


def _why(row: dict[str, Any]) -> str:
    parts = [shown(row["evidence"])] if row["evidence"] else []
    if row["kept_doc_id"] is not None:
        place = "" if row["kept_position"] is None else f" paragraph {row['kept_position']}"
        parts.append(f"kept: {shown(row['kept_doc_id'])}{place}, similarity {row['similarity']:.3f}")
    return f" ({'; '.join(parts)})" if parts else ""
