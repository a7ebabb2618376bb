"""A run from Python: what goes in, what comes out, and what it leaves alone in the process that calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from pipeline.corpus import clean_corpus
from pipeline.errors import OutputError, RunError, SettingsError
from pipeline.read.given import Inputs
from pipeline.result import open_result
from pipeline.settings import Settings
from tests.corpora import cleaned, rows, settings, write_jsonl

HOUSE = Path(__file__).parent.parent
ONE = settings("run.workers=1")
TEXTS = [
    {"id": f"d{i}", "text": " ".join(f"pier{i // 2}x{j}" for j in range(12)), "n": i, "tags": ["a", None]}
    for i in range(6)
]
#: No guard: each worker would start the run again, if it imported the program.
SCRIPT = """
import sys
from pipeline.corpus import clean_corpus
from pipeline.settings import Settings
print("begins")
settings = Settings.model_validate({"run": {"workers": 2, "shard_bytes": 300}})
result = clean_corpus(sys.argv[1], sys.argv[2], settings)
import pandas
print(type(result.documents.to_table().to_pandas()) is pandas.DataFrame, result.documents.count_rows())
print(__file__ == sys.argv[0], __spec__)
"""


def test_the_result_is_the_version_and_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    result = clean_corpus(write_jsonl(tmp_path / "in.jsonl", TEXTS), tmp_path / "out", ONE)
    counts = [table.count_rows() for table in (result.documents, result.paragraphs, result.ledger, result.quarantine)]
    assert counts == [3, 3, 3, 0]
    assert result.folder == tmp_path / "out" / "versions" / "000001"
    assert result.manifest["version"] == 1 and result.manifest["counts"]["documents"]["removed"] == 3
    assert result.report is None or result.report.is_file()
    again = clean_corpus([tmp_path / "in.jsonl"], tmp_path / "out", ONE, overwrite=True)
    assert again.folder == open_result(tmp_path / "out").folder != result.folder
    assert result.documents.count_rows() == 3, "an older version stays as it is"


def test_a_place_without_a_dataset_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds no dataset that was published: name the folder that a run wrote"):
        open_result(tmp_path)


def kinds() -> list[Inputs]:
    table = pa.Table.from_pylist(TEXTS)
    tables: list[Inputs] = [table, table.to_reader(2), TEXTS, iter(TEXTS), (row for row in TEXTS)]
    pandas = pytest.importorskip("pandas", reason="dev extra")
    polars = pytest.importorskip("polars", reason="dev extra")
    return [*tables, pandas.DataFrame(TEXTS), polars.DataFrame(TEXTS)]


def test_rows_that_are_handed_over_come_out_as_those_of_a_file(tmp_path: Path) -> None:
    cleaned([write_jsonl(tmp_path / "in.jsonl", TEXTS)], tmp_path / "plain")
    wanted = [row | {"source": "", "copies": []} for row in rows(tmp_path / "plain", "documents")]
    for number, given in enumerate(kinds()):
        result = clean_corpus(given, tmp_path / str(number), ONE)
        found = result.documents.to_table().to_pylist()
        assert [row | {"source": "", "copies": []} for row in found] == wanted
        assert {row["source"] for row in found} <= {"table", "rows"}


def test_what_is_neither_rows_nor_names_is_one_sentence(tmp_path: Path) -> None:
    for given, said in (({"text": ["a"]}, "a dict"), (7, "a int")):
        with pytest.raises(SettingsError, match=f"inputs cannot be {said}: give names of files, an Arrow table, or"):
            clean_corpus(given, tmp_path / "out", ONE)  # type: ignore[arg-type]
    with pytest.raises(RunError, match="nothing to do: the inputs hold no document"):
        clean_corpus([], tmp_path / "out", ONE)
    with pytest.raises(RunError, match="table has no column of text; it has `n`: name one"):
        clean_corpus(pa.table({"n": [1]}), tmp_path / "out", ONE)


def test_a_script_needs_no_guard_and_keeps_its_pandas(tmp_path: Path) -> None:
    pytest.importorskip("pandas", reason="dev extra")
    write_jsonl(tmp_path / "in.jsonl", TEXTS)
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, tmp_path / "script.py", tmp_path / "in.jsonl", tmp_path / "out"]
    environment = {**os.environ, "PYTHONPATH": str(HOUSE)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == (f"begins\nTrue 3\n{[tmp_path / 'script.py'] == command[1:2]} None\n", "")


def test_what_is_told_instead_of_bars(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    clean_corpus(TEXTS, tmp_path / "out", ONE, progress=lambda *step: told.append(step))
    assert {step for step, _, _ in told} == {"prepare", "recur", "sketch", "match", "finish"}


def test_packages_say_that_they_are_typed() -> None:
    assert all((HOUSE / package / "py.typed").is_file() for package in ("pipeline", "flows"))


def test_settings_are_those_of_the_file(tmp_path: Path) -> None:
    result = clean_corpus(TEXTS, tmp_path / "out", Settings.model_validate({"run": {"workers": 1}}))
    assert json.loads((result.folder / "manifest.json").read_text())["settings"]["run"]["workers"] == 1
    assert isinstance(result.ledger, ds.Dataset)
