"""Where a run's result goes, and where its tables lie until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from pipeline import stores
from pipeline.dataset import Dataset, locked, place_of
from pipeline.errors import OutputError
from pipeline.lock import held
from pipeline.secrets import masked
from pipeline.stored import Stored

#: A dataset in a folder, or in an object store.
Data = Dataset | Stored


class Target(NamedTuple):
    """The dataset that is to be written, and the folder of this run's tables, which need not be there yet."""

    data: Data
    work: Path


def target(out: str | Path, work: str = "") -> Target:
    """Return what OUT and the setting `run.work` name.

    Tables lie in `.NAME.work` beside OUT; with `work`, or where OUT is in a store, in a folder below `work` or the
    current one whose name only this OUT has. So many runs may share one `work`, and no more is removed than one made.
    Raises OutputError where `work` is in a store or within OUT, SettingsError or RunError for OUT.
    """
    if stores.is_remote(str(out)):
        place = stores.place(str(out))
        folder = _below(_folder(work), place.path.rpartition("/")[2], f"{place.root}#{place.path}")
        return Target(Stored(place, folder), folder)
    root = place_of(out)
    if not work:
        return Target(Dataset(root), root.with_name(f".{root.name}.work"))
    parent = _folder(work)
    if parent.is_relative_to(root):
        raise OutputError(f"--work {parent} lies within OUT, {root}: give a folder outside of it")
    return Target(Dataset(root), _below(parent, root.name, str(root)))


def data_of(out: str | Path) -> Data:
    """Return the dataset that OUT names, to look at it or to go back to an older version."""
    return target(out).data


@contextmanager
def writing(target: Target) -> Iterator[None]:
    """Hold the dataset, and the folder of tables, for writing; both locks die with their owner.

    Raises OutputError when another process holds one of them, or OUT is not ours. What cannot be held, a dataset in a
    store, is held as `Stored.writing` says.
    """
    data, work = target
    if isinstance(data, Dataset) and work.parent == data.root.parent and work.name == f".{data.root.name}.work":
        with locked(data.root):  # which is a lock of what lies beside, too
            yield
        return
    file = work.with_suffix(".lock")
    with held(file, str(work), "--work"):
        try:
            with locked(data.root) if isinstance(data, Dataset) else data.writing():
                yield
        finally:
            file.unlink(missing_ok=True)


def lies(data: Data, manifest: Mapping[str, Any], out: str = "") -> str:
    """Return what stands before `/documents/*.parquet`: the folder, as `out` if given; in a store its version."""
    if isinstance(data, Dataset):
        return str(Path(out)) if out and not stores.is_uri(out) else str(data.root)
    return f"{data}/{'/'.join(manifest['files'][0]['path'].split('/')[:2])}"


def _folder(work: str) -> Path:
    """Return the folder that `run.work` names, absolute; the current one for ""."""
    if stores.is_uri(work) and not work.startswith("file://"):
        raise OutputError(
            f"--work cannot be {masked(work)}: tables between steps are mapped into memory and made whole by a rename, "
            "so give a folder, on a file system that all workers share"
        )
    return Path(stores.local(work) if work.startswith("file://") else work).resolve()


def _below(parent: Path, name: str, place: str) -> Path:
    return parent / f"{name}-{blake2b(place.encode(), digest_size=4).hexdigest()}.work"
