"""Upload: the published version of a dataset in a folder becomes the next version of one in an object store."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pipeline.dataset import Dataset, link, locked, place_of
from pipeline.errors import OutputError
from pipeline.secrets import masked
from pipeline.stored import Stored
from pipeline.target import target, writing

#: What only the next batch needs, and can be as large as all texts.
_STAYS = ("index",)


def upload(out: str | Path, to: str, keep: int | None = None, work: str = "") -> dict[str, Any]:
    """Publish what `out` has published at `to`, s3:// or gs://; return the manifest that is there.

    The index of an ingest stays behind. Where that version is there already, nothing is sent. keep: versions that
    stay; None: as the run was told. Raises OutputError when `out` holds no dataset with versions or `to` is no place
    for one, RunError when the store fails or refuses; what was sent by then is not sent again.
    """
    data, place = Dataset(place_of(out)), target(to, work)
    if not isinstance(place.data, Stored):
        raise OutputError(f"{masked(to)} is no place in an object store: give s3://BUCKET/PREFIX or gs://BUCKET/PREFIX")
    with locked(data.root), writing(place):
        manifest, current = data.manifest(), data.current()
        assert current is not None, "manifest() has seen it"
        if place.data.number() is None or _content(place.data.manifest()) != _content(manifest):
            staged = place.data.stage()
            for path in [path for path in current.iterdir() if path.name not in _STAYS]:
                _carry(path, staged / path.name)
            place.data.publish(staged, keep or manifest["settings"]["write"]["keep_versions"])
            shutil.rmtree(place.work)
        return place.data.manifest()


def _carry(path: Path, place: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, place, copy_function=lambda file, to: link(Path(file), Path(to)))
    else:
        shutil.copyfile(path, place)  # not linked: the manifest is written again


def _content(manifest: dict[str, Any]) -> tuple[str, dict[str, int]]:
    """Return the run, and the size of each file by its path in the version."""
    paths = {file["path"].split("/", 2)[2]: file["bytes"] for file in manifest["files"]}
    return manifest["run"], {path: size for path, size in paths.items() if path.split("/")[0] not in _STAYS}
