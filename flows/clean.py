"""The flow `clean`: a whole corpus, as `corpusmill clean` does it."""

from __future__ import annotations

if __name__ == "__main__":
    from flows.command import run

    run()  # and ends: what is below is imported by it when its time has come

from functools import partial
from typing import Any, cast

from prefect import flow

from flows import begun  # noqa: F401 – first
from flows.logs import keep_short
from flows.outcome import Outcome, ended
from flows.page import said
from flows.places import Place, require_bare
from flows.steps import Way, run_name, walk
from pipeline import corpus
from pipeline.settings import Settings
from pipeline.target import lies, target

keep_short()


@flow(name="clean", flow_run_name=run_name, persist_result=False)
def clean(
    inputs: list[Place],
    out: Place,
    overwrite: bool = False,
    hours: float = 24,
    settings: Settings = Settings(),  # noqa: B008 – frozen
) -> dict[str, Any]:
    """Clean and deduplicate a corpus into Parquet; the manifest is the result.

    A run that was broken off goes on where it was when the same run is started again.

    Args:
        inputs: Files, folders or globs. Forms: txt, md, jsonl, csv, tsv (also gz, zst, bz2), parquet, arrow.
        out: Folder for the dataset, or s3://BUCKET/PREFIX. Relative paths start where the worker's runs do, in the
            project's folder.
        overwrite: Replace the dataset that is there. A scheduled run needs it.
        hours: Time limit. What is done by then is kept for the next try.
        settings: Every setting of a run; the defaults are those of the command line.
    """

    def work() -> Outcome:
        require_bare([*inputs, out])
        place = target(out, settings.run.work)
        start = partial(corpus.start, inputs, place, settings, overwrite=overwrite)
        way = Way(start, corpus.advance, corpus.complete)
        manifest = walk(way, inputs, place, settings.run, hours)
        return Outcome(said(manifest["counts"], lies(place.data, manifest)), manifest)

    return cast(dict[str, Any], ended(work, hours))
