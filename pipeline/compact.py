"""Compact: small Parquet files of a dataset become larger ones, in a new version with the same rows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pipeline import joined
from pipeline.dataset import Dataset, link, locked, number_of, part
from pipeline.settings import WriteSettings
from pipeline.steps import delta
from pipeline.steps.layout import as_of
from pipeline.steps.publish import TABLES


def compact(root: Path, file_bytes: int, keep: int | None = None) -> dict[str, Any]:
    """Join neighbouring files of the current version until each has about `file_bytes`; return the manifest.

    Only publish.TABLES are rewritten; all else, such as an index, goes into the new version as it is. Rows, their
    order, schemas and metadata stay; `corpusmill.run` names the runs of all files joined. Where nothing can be
    joined, no version is made. keep: versions that stay; None: as the run was told.
    Partitions keep their folders, a Delta table gets a log of its new files.
    Memory: about twice joined.HELD_BYTES, whatever the dataset. Raises OutputError when `root` holds no dataset.
    """
    data = Dataset(root)
    data.require_dataset()
    with locked(root):
        staged = data.stage()  # which makes versions of a dataset that had none
        manifest, current = data.manifest(), data.current()
        assert current is not None, "manifest() has seen it"
        settings = WriteSettings.model_validate(manifest["settings"]["write"])
        if sum([_compacted(current, staged, path.name, settings, file_bytes) for path in sorted(current.iterdir())]):
            if settings.format == "delta":
                delta.commit(staged / "documents", as_of(manifest))
            data.publish(staged, keep or settings.keep_versions)
        return data.manifest()


def _compacted(current: Path, staged: Path, name: str, settings: WriteSettings, file_bytes: int) -> bool:
    """Fill `staged/name`; return whether files were joined."""
    place = current / name
    if name not in TABLES:
        carry(place, staged / name)
        return False
    (staged / name).mkdir()
    files = sorted(place.rglob("*.parquet"))
    folders = sorted({file.parent for file in files})
    groups = [group for folder in folders for group in joined.groups(sorted(folder.glob("*.parquet")), file_bytes)]
    for number, group in enumerate(groups):
        folder = staged / name / group[0].parent.relative_to(place)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / part(number_of(staged), number)
        if len(group) == 1:
            link(group[0], path)
        else:
            joined.join(group, path, settings)
    return len(groups) < len(files)


def carry(path: Path, place: Path) -> None:
    """Make a file or folder of a version appear in another one too."""
    if path.is_dir():
        shutil.copytree(path, place, copy_function=lambda file, to: link(Path(file), Path(to)))
    else:
        link(path, place)
