"""The order of a run: read and sketch, match, write."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline import arrow
from pipeline.dataset import place_of
from pipeline.dedup.banding import recall
from pipeline.dedup.memory import budget
from pipeline.distinct import outcome
from pipeline.distinct.ids import final
from pipeline.distinct.intake import Intake, Read
from pipeline.distinct.matching import SLICE_BYTES, Corpus, find
from pipeline.distinct.places import stacked
from pipeline.distinct.recipe import Part, Recipe, recipe
from pipeline.errors import OutputError, RunError
from pipeline.kernels.documents import Sketches
from pipeline.read import inputs as found_inputs
from pipeline.schema import QUARANTINE
from pipeline.settings import Settings
from pipeline.target import target

#: Bytes of input that a thread reads at once: 8 MiB of text need about 40 MB of memory.
CHUNK_BYTES = 8 * 2**20
#: Reasons of quarantine that the summary names.
REASONS_SHOWN = 5


def distinct(
    inputs: Sequence[str],
    out: str | Path,
    settings: Settings | None = None,
    *,
    overwrite: bool = False,
    workers: int | None = None,
    chunk_bytes: int = CHUNK_BYTES,
    slice_bytes: int = SLICE_BYTES,
) -> dict[str, Any]:
    """Find the duplicate documents among `inputs` (files, folders, globs, "-"), clean nothing; return the manifest.

    Writes into the folder `out`: `kept.parquet` (outcome.KEPT), `duplicates.parquet` (outcome.DUPLICATES),
    `quarantine.parquet` (schema.QUARANTINE), `manifest.json`. Of a group of copies the first in reading order
    stays: sources by name, lines by number. Settings in force: `read`, `dedup.documents` but its action,
    `dedup.num_perm`, `seed`, `recall`, `max_representatives`, `memory`, `write`, `run.workers`, `run.work`.
    workers: threads. Texts are never held, but some 600 bytes a document are; more than `memory` of them is an error.
    The rows do not depend on `workers`, `chunk_bytes` or `slice_bytes`, nor on the order of the inputs.

    Raises SettingsError, OutputError, DuplicateIdError, or RunError when no input could be read or the
    documents are too many for `memory`; then `out` is
    as it was.
    """
    settings = settings or Settings()
    began = time.perf_counter()
    made = recipe(settings.dedup)
    place = place_of(out)
    spool_in = target(place, settings.run.work).work if settings.run.work else place
    outcome.check_free(place, overwrite)
    threads = workers or settings.run.workers or len(os.sched_getaffinity(0))
    with _beside(place) as folder, _beside(spool_in) as spool, ThreadPoolExecutor(threads) as pool:
        read = _read(inputs, settings, made, pool, threads, spool / "texts", chunk_bytes)
        after_reading = time.perf_counter()
        documents, corpus = _documents(read, settings)
        duplicates = find(corpus, made, pool, slice_bytes)
        kept, removed = outcome.tables(documents, duplicates)
        after_matching = time.perf_counter()
        manifest = {
            "run": uuid.uuid4().hex,
            "counts": outcome.counts(documents.num_rows, kept, removed, read.quarantine),
            "columns": read.columns,
            "quarantine": _reasons(read.quarantine),
            "recall": _recall(made),
            "capped": duplicates.capped,
            "settings": settings.model_dump(mode="json", include={"read", "dedup"}),
            "seconds": {"read": round(after_reading - began, 3), "match": round(after_matching - after_reading, 3)},
        }
        named = {"kept": kept, "duplicates": removed, "quarantine": read.quarantine}
        outcome.publish(folder / "out", place, named, manifest, settings.write)
    return manifest


def summary(manifest: Mapping[str, Any], out: Path) -> Iterator[str]:
    """Yield the lines that a run says at its end."""
    count, recall = manifest["counts"], manifest["recall"]
    yield from _columns(manifest["columns"])
    yield (
        f"documents {count['in']:>12,} in = {count['kept']:,} kept + {count['removed']:,} removed"
        f" + {count['quarantined']:,} quarantined"
    )
    yield f"removed   {count['removed']:>12,} = {count['exact']:,} exact + {count['near']:,} near-duplicates"
    for reason, lines in list(manifest["quarantine"].items())[:REASONS_SHOWN]:
        yield f"  {lines:>8,} × {reason}"
    yield (
        f"near-duplicates: {recall['at_threshold']:.1%} of pairs at the threshold {recall['threshold']} are found "
        f"({recall['bands']} bands of {recall['rows']}); each removal is verified on the texts"
    )
    if manifest["capped"]:
        yield (
            f"{manifest['capped']:,} documents met the cap dedup.max_representatives: some that stayed may be copies"
        )
    yield ""
    for name in ("kept", "duplicates", "quarantine"):
        yield f"{name:<11} {out / name}.parquet"
    yield f"manifest    {out / 'manifest.json'}"


def _columns(columns: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    taken: dict[str, list[str]] = {}
    for source, roles in columns.items():
        choice = ", ".join(f"{role} = {roles[role]}" for role in ("text", "id") if role in roles)
        taken.setdefault(choice, []).append(source)
    for choice, sources in taken.items():
        more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
        yield f"columns     {choice}  ({sources[0]}{more})"


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """Yield a folder of our own on the file system of `out`, gone at the end."""
    folder = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}")
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror}): give --out another folder") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(
    inputs: Sequence[str],
    settings: Settings,
    made: Recipe,
    pool: ThreadPoolExecutor,
    threads: int,
    spool: Path,
    chunk_bytes: int,
) -> Read:
    found, refused = found_inputs.find(inputs, settings.read.follow_links)
    memory = budget(settings.dedup.memory)
    read = Intake(settings.read, made, pool, threads, spool, memory).read(found, chunk_bytes)
    read = read._replace(quarantine=arrow.concat([refused, read.quarantine], QUARANTINE))
    if not any(len(part.position) for part in read.parts):
        first = read.quarantine["error"][0].as_py() if read.quarantine.num_rows else "the inputs are empty"
        raise RunError(f"there is no document: {first}")
    return read


def _documents(read: Read, settings: Settings) -> tuple[pa.Table, Corpus]:
    """Return the documents (`doc_id`, `source`, `position`) and what matching needs of them, in reading order."""
    sources = list(dict.fromkeys(part.source for part in read.parts))
    numbers = {source: number for number, source in enumerate(sources)}
    source = np.concatenate([np.full(len(part.position), numbers[part.source], np.int32) for part in read.parts])
    position = np.concatenate([part.position for part in read.parts])
    ids = arrow.one_chunk(pa.chunked_array([part.ids for part in read.parts]))
    places = stacked([part.places for part in read.parts])
    sketches = _stacked(read.parts)
    if (np.diff(position)[np.diff(source) == 0] < 0).any():  # lines of the full parser come behind their chunk
        order = np.lexsort((position, source))
        source, position, places = source[order], position[order], places.take(order)
        ids, sketches = ids.take(pa.array(order)), Sketches._make(column[order] for column in sketches)
    columns = {
        "doc_id": final(ids, sources, source, position, settings.read.on_duplicate_id),
        "source": pa.DictionaryArray.from_arrays(pa.array(source), pa.array(sources)),
        "position": pa.array(position),
    }
    return pa.table(columns), Corpus(read.files, places, sketches)


def _stacked(parts: Sequence[Part]) -> Sketches:
    return Sketches._make(np.concatenate(columns) for columns in zip(*(part.sketches for part in parts), strict=True))


def _recall(made: Recipe) -> dict[str, Any]:
    return {
        "threshold": made.threshold,
        "at_threshold": round(recall(made.threshold, made.banding), 4),
        "bands": made.banding.bands,
        "rows": made.banding.rows,
    }


def _reasons(quarantine: pa.Table) -> dict[str, int]:
    """Return how many inputs were refused for each reason, most first; the place is left out of the sentence."""
    tally: dict[str, int] = {}
    for row in quarantine.select(["source", "position", "error"]).to_pylist():
        error = row["error"].removesuffix("; it went to quarantine/")
        reason = error.split(f" line {row['position']} ")[-1].split(f" row {row['position']} ")[-1]
        tally[reason] = tally.get(reason, 0) + 1
    return dict(sorted(tally.items(), key=lambda item: (-item[1], item[0])))
