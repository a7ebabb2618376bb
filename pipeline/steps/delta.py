"""`documents/` as a Delta table: a log with one commit, written before the version is published and published with it.

Each version is a table of its own: going back is `corpusmill rollback`, not Delta's time travel, whose files would be
those of versions that `write.keep_versions` has removed.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from pipeline.errors import SettingsError
from pipeline.settings import WriteSettings

LOG = "_delta_log"


def require_able(settings: WriteSettings, theirs: pa.Schema) -> None:
    """Raise SettingsError where Delta has no type for a column of the user's.

    theirs: the user's columns in `documents/`.
    """
    for field in theirs if settings.format == "delta" else ():
        wrong = "numbers are signed" if _has_unsigned(field.type) else ""
        if pa.types.is_timestamp(field.type) and field.type.tz not in (None, "UTC"):
            wrong = "times are of no zone or UTC"
        if wrong:
            raise SettingsError(
                f"write.format = delta: column `{field.name}` is {field.type}, and in Delta {wrong}: cast it, or "
                "leave the format parquet"
            )


def require_installed(settings: WriteSettings) -> None:
    """Raise SettingsError where a Delta table is wanted and its package is not there."""
    if settings.format == "delta" and find_spec("deltalake") is None:
        raise SettingsError(
            "write.format = delta needs deltalake, which is not installed: pip install 'corpusmill[delta]'"
        )


def commit(folder: Path, partitions: pa.Schema | None) -> None:
    """Make a folder of Parquet files a Delta table of exactly these files."""
    import deltalake

    by = deltalake.Schema.from_arrow(partitions) if partitions else None
    deltalake.convert_to_deltalake(folder, partition_by=by, partition_strategy="hive" if by else None)
    [log] = (folder / LOG).glob("*.json")
    paths = {path.name: path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
    lines = [_named(json.loads(line), paths) for line in log.read_text("utf-8").splitlines()]
    log.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), "utf-8")


def _named(action: dict[str, Any], paths: dict[str, str]) -> dict[str, Any]:
    """Return an action of the log with the path of its file as the protocol wants it, percent-encoded.

    deltalake 1.6 writes `site=%C3%A9` of a folder of that name as it stands, which readers take for `site=é`.
    """
    if "add" in action:
        path = paths[action["add"]["path"].rpartition("/")[2]]
        action["add"]["path"] = quote(path, safe="/=-_.~")
    return action


def _has_unsigned(kind: pa.DataType) -> bool:
    if pa.types.is_nested(kind):
        return any(_has_unsigned(kind.field(i).type) for i in range(kind.num_fields))
    return bool(pa.types.is_unsigned_integer(kind))
