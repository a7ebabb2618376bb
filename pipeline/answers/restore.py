"""Restore: removed text comes back, as a new version of the dataset with ledger rows and counts that add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import arrow, ledger, write
from pipeline.answers.chosen import Chosen, Wish, chosen, spelt
from pipeline.answers.rebuilt import Rebuilt, rebuilt
from pipeline.answers.version import Version, among, opened
from pipeline.compact import carry
from pipeline.dataset import MANIFEST, Dataset, link, locked, number_of, part
from pipeline.dedup import signatures
from pipeline.schema import LEDGER
from pipeline.settings import DedupSettings, WriteSettings
from pipeline.steps.publish import TABLES

#: Not carried on: an index that says of documents that they are removed, signatures of texts that change.
_LEFT = ("index", "signatures")


class Restored(NamedTuple):
    """What came back; nothing did where all of it was there already, and then no version was made."""

    manifest: dict[str, Any]
    documents: int
    paragraphs: int
    passed: int  #: paragraphs that stay away, for their documents are removed by another rule


def restore(root: Path, wish: Wish, keep: int | None = None) -> Restored:
    """Put back what the wish names, in the dataset at `root`; the new version is published.

    keep: versions that stay; None: as the run was told. Memory: the documents that change.
    Raises OutputError when there is no dataset, InputError when nothing was removed so, or cannot be put back.
    """
    data = Dataset(root)
    data.require_dataset()
    with locked(root):
        staged = data.stage()  # which makes versions of a dataset that had none
        version = opened(root)
        version.require_plain("restore")
        wanted = chosen(version, wish)
        if not wanted.paragraphs.num_rows and not wanted.documents.num_rows:
            return Restored(version.manifest, 0, 0, wanted.passed)
        back = rebuilt(version, wanted)
        _fill(staged, version, wanted, back, wish)
        settings = WriteSettings.model_validate(version.manifest["settings"]["write"])
        data.publish(staged, keep or settings.keep_versions)
        return Restored(data.manifest(), len(back.revived), back.paragraphs.num_rows, wanted.passed)


def _fill(staged: Path, version: Version, wanted: Chosen, back: Rebuilt, wish: Wish) -> None:
    settings = WriteSettings.model_validate(version.manifest["settings"]["write"])
    entries = _entries(version, wanted, back, wish)
    for name in TABLES:
        if not version.files(name):
            continue
        (staged / name).mkdir()
        tables = [_changed(file, name, back) for file in version.files(name)]
        new = {"documents": _revived(back), "paragraphs": _paragraphs_of(back, back.revived), "ledger": entries}.get(
            name
        )
        tables += [new] if new is not None and new.num_rows else []
        for at, table in enumerate(tables):
            place = staged / name / part(number_of(staged), at)
            if isinstance(table, Path):
                link(table, place)
            else:
                write.parquet(place, table, settings, version.manifest["run"])
    for path in sorted(version.folder.iterdir()):
        if path.name not in (*TABLES, *_LEFT, MANIFEST):
            carry(path, staged / path.name)
    if version.files("signatures/documents"):
        _sign(staged, DedupSettings.model_validate(version.manifest["settings"]["dedup"]))
    manifest = _manifest(version.manifest, entries, back, wish)
    (staged / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _changed(file: Path, name: str, back: Rebuilt) -> pa.Table | Path:
    """Return the rows of a file where some change, else the file."""
    if name not in ("documents", "removed", "paragraphs"):
        return file
    ids = arrow.one_chunk(pq.read_table(file, columns=["doc_id"])["doc_id"])
    if name == "removed":
        mine = pc.is_in(ids, back.revived)
        return pq.read_table(file).filter(pc.invert(mine)) if pc.any(mine).as_py() else file
    if name == "documents":
        at = pc.index_in(ids, arrow.one_chunk(back.documents["doc_id"]))
        return _swapped(pq.read_table(file), back.documents, at) if at.null_count < len(at) else file
    touched = pa.concat_arrays(
        [arrow.one_chunk(table["doc_id"]).cast(pa.string()) for table in (back.paragraphs, back.fewer)]
    )
    return _with_paragraphs(pq.read_table(file), back) if pc.any(pc.is_in(ids, touched)).as_py() else file


def _swapped(table: pa.Table, new: pa.Table, at: pa.Array) -> pa.Table:
    """Return the table with row `at[i]` of `new` in the place of row i, where `at` is not null."""
    rows = np.arange(table.num_rows)
    swap = at.is_valid().to_numpy(zero_copy_only=False)
    rows[swap] = table.num_rows + at.drop_null().to_numpy()
    new = new.cast(table.schema.remove_metadata()).replace_schema_metadata(table.schema.metadata)
    return pa.concat_tables([table, new]).take(pa.array(rows))


def _with_paragraphs(table: pa.Table, back: Rebuilt) -> pa.Table:
    """Return the paragraphs of a file with new ones of its documents in their places, and fewer copies."""
    at = pc.index_in(spelt(table), spelt(back.fewer))
    less = pc.fill_null(back.fewer["n"].take(at), 0)
    place = table.schema.get_field_index("n_copies")
    field = table.schema.field(place)
    table = table.set_column(place, field, pc.subtract(table["n_copies"], less.cast(field.type)))
    ids = pc.unique(arrow.one_chunk(table["doc_id"]))
    new = _paragraphs_of(back, ids).cast(table.schema)
    both = pa.concat_tables([table, new])
    order = np.lexsort([arrow.numbers(both["position"]), pc.index_in(both["doc_id"], ids).to_numpy()])
    return both.take(pa.array(order))


def _revived(back: Rebuilt) -> pa.Table:
    return back.documents.filter(pc.is_in(back.documents["doc_id"], back.revived))


def _paragraphs_of(back: Rebuilt, ids: pa.Array) -> pa.Table:
    return back.paragraphs.filter(pc.is_in(back.paragraphs["doc_id"], ids))


def _entries(version: Version, wanted: Chosen, back: Rebuilt, wish: Wish) -> pa.Table:
    """Return ledger rows of what came back, under the rules that had removed it, and of what looks damaged in it."""
    rows = pa.concat_tables([wanted.documents, wanted.paragraphs])
    columns = {name: rows[name] for name in ("stage", "rule", "doc_id", "source", "position")}
    columns["text"] = pc.if_else(pc.is_valid(rows["position"]), rows["text"], None)
    columns["evidence"] = f"corpusmill restore {wish.told()}"
    told = ledger.entries("", "restore", columns, rows.num_rows)
    damaged = back.paragraphs.select(["doc_id", "position"]).take(back.suspect["row"])
    sources = dict(zip(rows["doc_id"].to_pylist(), rows["source"].to_pylist(), strict=True))
    columns = {"doc_id": damaged["doc_id"], "position": damaged["position"]}
    columns |= {name: back.suspect[name] for name in ("rule", "evidence")}
    columns["source"] = [sources[doc_id] for doc_id in damaged["doc_id"].to_pylist()]
    marked = ledger.entries("encoding", "mark", columns, damaged.num_rows)
    return pa.concat_tables([told, marked.filter(pc.invert(pc.is_in(spelt(marked), _marked(version, marked))))]).cast(
        LEDGER
    )


def _marked(version: Version, rows: pa.Table) -> pa.Array:
    """Return the places that the ledger calls damaged already: paragraphs are looked at before duplicates go."""
    ids = rows["doc_id"].to_pylist()
    said = (pc.field("stage") == "encoding") & (pc.field("action") == "mark") & among("doc_id", ids)
    return spelt(version.rows("ledger", said, ["doc_id", "position"]))


def _manifest(before: dict[str, Any], entries: pa.Table, back: Rebuilt, wish: Wish) -> dict[str, Any]:
    came = {"documents": len(back.revived), "paragraphs": back.paragraphs.num_rows}
    counts = {name: dict(count) for name, count in before["counts"].items()}
    for name, n in came.items():
        counts[name]["kept"] += n
        counts[name]["removed"] -= n
    keys = ["stage", "rule", "action"]
    counted = entries.group_by(keys).aggregate([([], "count_all")]).rename_columns([*keys, "rows"])
    record = {"of_version": before.get("version", 1), **wish._asdict(), **came}
    return before | {
        "counts": counts,
        "rules": _summed([*before["rules"], *counted.to_pylist()]),
        "restored": [*before.get("restored", []), record],
    }


def _summed(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one record a stage, rule and action, most rows first."""
    sums: dict[tuple[str, str, str], int] = {}
    for row in rules:
        key = row["stage"], row["rule"], row["action"]
        sums[key] = sums.get(key, 0) + row["rows"]
    order = sorted(sums, key=lambda key: (-sums[key], *key))
    return [{"stage": key[0], "rule": key[1], "action": key[2], "rows": sums[key]} for key in order]


def _sign(staged: Path, settings: DedupSettings) -> None:
    """Write the signatures of the version anew: those that there were are of other texts."""
    for level in signatures.LEVELS:
        made = signatures.provenance(settings, level)
        (staged / "signatures" / level).mkdir(parents=True)
        for file in sorted((staged / level).glob("*.parquet")):
            table = pq.read_table(file, columns=[*signatures.ID_COLUMNS[level], "text"])
            signatures.write(
                staged / "signatures" / level / file.name, table, signatures.sign(table["text"], made), made
            )
