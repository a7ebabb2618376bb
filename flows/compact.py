"""The flow `compact`: many small files of a dataset become few large ones, with the same rows."""

from __future__ import annotations

from typing import Any, cast

from prefect import flow, task

from flows.logs import keep_short
from flows.outcome import IO_RETRIES, PLAIN, Outcome, ended
from flows.places import Place, require_bare
from pipeline import compact as compaction
from pipeline.dataset import place_of
from pipeline.dedup.memory import size

keep_short()


@task(name="join", task_run_name="join", **PLAIN, **IO_RETRIES)
def join(out: str, file_size: str, keep_versions: int | None) -> dict[str, Any]:
    """Write the new version and publish it."""
    return compaction.compact(place_of(out), size(file_size, "file_size"), keep_versions)


@flow(name="compact", flow_run_name="compact {out}", persist_result=False)
def compact(out: Place, file_size: str = "256MB", keep_versions: int | None = None, hours: float = 6) -> dict[str, Any]:
    """Join small files of a dataset into larger ones: a new version with the same rows; its manifest is the result.

    Args:
        out: Folder of the dataset.
        file_size: About how large files become.
        keep_versions: Versions that stay, with the new one; empty: as the run was told.
        hours: Time limit.
    """

    def work() -> Outcome:
        require_bare([out])
        manifest = join.with_options(timeout_seconds=3600 * hours)(out, file_size, keep_versions)
        return Outcome(f"{out} is at version {manifest['version']}, of {len(manifest['files'])} files", manifest)

    return cast(dict[str, Any], ended(work, hours))
