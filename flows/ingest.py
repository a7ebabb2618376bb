"""The flow `ingest`: what is new since last time, as `corpusmill ingest` does it."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from prefect import flow

from flows import begun  # noqa: F401 – first
from flows.logs import keep_short
from flows.outcome import Outcome, ended
from flows.page import said
from flows.places import Place, require_bare
from flows.steps import Way, run_name, walk
from pipeline.dataset import place_of
from pipeline.ingest import run as ingestion
from pipeline.settings import Settings
from pipeline.target import lies, target

keep_short()


@flow(name="ingest", flow_run_name=run_name, persist_result=False)
def ingest(
    inputs: list[Place],
    out: Place,
    hours: float = 24,
    settings: Settings = Settings(),  # noqa: B008 – frozen
) -> dict[str, Any]:
    """Bring what is new or changed into a dataset; the manifest of its next version is the result.

    New documents are cleaned, and compared with all that the dataset holds. The same inputs twice add nothing.

    Args:
        inputs: Files, folders or globs; what was ingested before and has not changed is passed over.
        out: Folder of the dataset: an empty place, or made by an ingest before.
        hours: Time limit. What is done by then is kept for the next try.
        settings: Every setting of a run; those that decide what is kept must be those of the first ingest.
    """

    def work() -> Outcome:
        require_bare([*inputs, out])
        place = target(place_of(out), settings.run.work)
        way = Way(partial(ingestion.start, inputs, place, settings), ingestion.advance, ingestion.complete)
        manifest = walk(way, inputs, place, settings.run, hours)
        return Outcome(_said(manifest, lies(place.data, manifest)), manifest)

    return cast(dict[str, Any], ended(work, hours))


def _said(manifest: dict[str, Any], out: str) -> str:
    batch = manifest["batch"]
    if batch is None:
        return f"nothing new: all inputs are in {out} already (version {manifest['version']})"
    new = batch["counts"]["documents"]
    return f"batch {batch['number']}: {new['in']:,} documents in, {new['kept']:,} kept; {said(manifest['counts'], out)}"
