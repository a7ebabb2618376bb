"""The whole command over all hostile files at once: each is read or refused with a reason, and the rest goes on."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.corpora import rows
from tests.hostile.generator import FAMILIES, LIMITS, Hostile, files, write

#: Of the one process that cleans them all.
MEMORY, SECONDS = 6 << 30, 120
SETTINGS = [part for limit in LIMITS for part in ("--set", limit)]


class Cleaned:
    """What became of the files: the dataset, and what the command said and took."""

    def __init__(self, place: Path) -> None:
        self.files = files()
        self.place = place
        write(place / "in", self.files)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.done = command(place)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.kept: Counter[str] = Counter()
        self.refused: dict[str, list[str]] = {}
        assert self.done.returncode == 0, self.done.stderr[-2000:]
        self._read(place / "out")

    def _read(self, out: Path) -> None:
        self.kept.update(row["source"] for row in rows(out, "documents"))
        whole = [row for row in rows(out, "ledger") if row["action"] == "drop" and row["position"] is None]
        self.kept.update(row["source"] for row in whole)
        for row in rows(out, "quarantine"):
            self.refused.setdefault(row["source"], []).append(row["error"])


def command(place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    cli = (sys.executable, "-m", "pipeline.cli", "clean", "in", "--out", "out", *SETTINGS, *more)
    house = str(Path(__file__).parents[2])
    return subprocess.run(
        cli,
        cwd=place,
        env=os.environ | {"PYTHONPATH": house},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Cleaned:
    return Cleaned(tmp_path_factory.mktemp("hostile"))


def test_there_are_many_and_no_two_are_one() -> None:
    made = files()
    assert len(made) >= 200
    assert len({(file.family, file.name) for file in made}) == len(made)
    assert [file[:2] for file in made] == [file[:2] for file in files()]


def test_the_run_ends_well_within_its_limits(cleaned: Cleaned) -> None:
    assert cleaned.done.stderr == ""
    assert "\x1b" not in cleaned.done.stdout and "secret" not in cleaned.done.stdout
    assert cleaned.seconds < SECONDS


@pytest.mark.parametrize("family", [family.__name__ for family in FAMILIES])
def test_each_file_ends_as_it_must(cleaned: Cleaned, family: str) -> None:
    wrong = [told for file in cleaned.files if file.family == family and (told := _wrong(cleaned, file))]
    assert wrong == []


def _wrong(cleaned: Cleaned, file: Hostile) -> str:
    source = f"in/{file.family}/{file.name}".encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    kept, reasons = cleaned.kept[source], cleaned.refused.get(source, [])
    sound = (
        file.kept[0] <= kept <= file.kept[1]
        and file.refused[0] <= len(reasons) <= file.refused[1]
        and (kept or reasons or file.name == "folder.txt")
        and (not file.why or any(file.why in reason for reason in reasons))
    )
    one_line = all("\n" not in reason and "\x1b" not in reason and len(reason) < 2_500 for reason in reasons)
    return "" if sound and one_line else f"{source!a}: {kept} kept, {len(reasons)} refused: {reasons[:1]}"


def test_nothing_is_written_but_below_out(cleaned: Cleaned) -> None:
    assert sorted(path.name for path in cleaned.place.iterdir()) == ["in", "out", "secret.txt"]
    names = [path.name for path in (cleaned.place / "out").rglob("*")]
    assert not [name for name in names if "passwd" in name or "pwned" in name]


def test_links_bring_in_nothing_from_outside(cleaned: Cleaned) -> None:
    texts = "".join(row["text"] for row in rows(cleaned.place / "out", "documents"))
    raw = b"".join(row["raw"] or b"" for row in rows(cleaned.place / "out", "quarantine"))
    assert "tide-and-time" not in texts and b"tide-and-time" not in raw
