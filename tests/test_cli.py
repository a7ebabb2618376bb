"""The command line as its users meet it: real processes, exit statuses, one sentence an error."""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from pipeline.cli.main import main
from tests.corpora import rows, write_jsonl

GOOD = {"id": "good", "text": "The ferry was late again on Monday, said the harbour master of Vell."}


def corpusmill(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, catch_exceptions=False)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "good.jsonl", [GOOD])


def test_a_run_says_what_it_did_and_where_the_results_are(good: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "clean", good, "--out", tmp_path / "out"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "1 in = 1 kept + 0 removed + 0 quarantined" in done.stdout
    assert "text = text, id = id" in done.stdout
    assert f"{tmp_path}/out/documents/*.parquet" in done.stdout
    assert done.stdout.splitlines()[-1] == "all inputs could be read"
    assert done.stderr == ""


def test_the_query_it_prints_can_be_pasted(good: Path, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    output = corpusmill("clean", good, "--out", tmp_path / "out").output
    query = next(line for line in output.splitlines() if line.startswith("duckdb -c"))[len('duckdb -c "') : -1]
    assert duckdb.sql(query).fetchall() == [("good", None, 13, 0)]


def test_standard_input(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "clean", "-", "--out", tmp_path / "out"],
        input=json.dumps(GOOD) + "\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [(row["doc_id"], row["source"]) for row in rows(tmp_path / "out", "documents")] == [("good", "-")]


def test_flags_settings_and_file_work_together(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"uid": 1, "story": GOOD["text"]}, {"uid": 1, "story": "Another one."}])
    toml = tmp_path / "settings.toml"
    toml.write_text(corpusmill("config").output.replace('on_duplicate_id = "error"', 'on_duplicate_id = "suffix"'))
    result = corpusmill(
        "clean",
        file,
        "--out",
        tmp_path / "out",
        "--config",
        toml,
        "--text-column",
        "story",
        "--set",
        "read.id_column=uid",
    )
    assert result.exit_code == 0, result.output
    assert [row["doc_id"] for row in rows(tmp_path / "out", "documents")] == ["1", "1-2"]


def bad_inputs(place: Path) -> dict[str, tuple[Path, str]]:
    """Return {what: (file, part of the sentence)}: inputs of which nothing can be read."""
    folder = place / "bad"
    folder.mkdir()
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8)
    pq.write_table(pa.table({"text": ["x" * 1000] * 100}), folder / "cut.parquet")
    (folder / "cut.parquet").write_bytes((folder / "cut.parquet").read_bytes()[:-200])
    pq.write_table(pa.table({"text": [1, 2]}), folder / "numbers.parquet")
    write_jsonl(folder / "columns.jsonl", [{"headline": "x", "words": "y"}])
    (folder / "plain.jsonl.gz").write_bytes(b"this is no gzip file")
    (folder / "no.docx").write_bytes(b"PK")
    (folder / "nothing").mkdir()
    return {
        "missing": (folder / "none.txt", "does not exist"),
        "binary": (folder / "picture.txt", "binary"),
        "truncated Parquet": (folder / "cut.parquet", "cut.parquet"),
        "text column of numbers": (folder / "numbers.parquet", "int64"),
        "no text column": (folder / "columns.jsonl", "--text-column"),
        "not gzip": (folder / "plain.jsonl.gz", "plain.jsonl.gz"),
        "unknown form": (folder / "no.docx", "no.docx"),
        "empty folder": (folder / "nothing", "nothing"),
    }


def test_an_input_that_cannot_be_read_is_one_sentence_and_exit_1_when_it_is_alone(tmp_path: Path) -> None:
    for what, (file, said) in bad_inputs(tmp_path).items():
        result = corpusmill("clean", file, "--out", tmp_path / "out")
        assert (result.exit_code, result.stdout) == (1, ""), (what, result.output)
        assert said in result.stderr and len(result.stderr.splitlines()) == 1, (what, result.stderr)
        assert not (tmp_path / "out").exists(), what


def test_an_input_that_cannot_be_read_goes_to_quarantine_and_the_rest_goes_on(good: Path, tmp_path: Path) -> None:
    bad = bad_inputs(tmp_path)
    result = corpusmill("clean", good, *(file for file, _ in bad.values()), "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert [row["doc_id"] for row in rows(tmp_path / "out", "documents")] == ["good"]
    quarantined = {row["source"]: row["error"] for row in rows(tmp_path / "out", "quarantine")}
    for what, (file, said) in bad.items():
        assert said in quarantined[str(file)], what
    assert result.output.splitlines()[-1].startswith(f"{len(bad)} inputs could not be read")


def test_bad_lines_go_to_quarantine_with_their_number(tmp_path: Path) -> None:
    lines = [
        json.dumps(GOOD),
        '{"text": "cut',
        "[1]",
        '{"text": 7}',
        "",
        '{"text": null}',
        '{"text": "lone \\ud800 half"}',
    ]
    raw = (
        "\n".join(lines).encode()
        + b'\n{"text": "caf\xe9 au lait was served at the old harbour"}\n{"text": "nul \\u0000 byte"}\n'
    )
    file = tmp_path / "in.jsonl.gz"
    file.write_bytes(gzip.compress(raw))
    result = corpusmill("clean", file, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert [row["position"] for row in rows(tmp_path / "out", "quarantine")] == [2, 3, 4]
    texts = [row["text"] for row in rows(tmp_path / "out", "documents")]
    assert texts == [GOOD["text"], "lone � half", "café au lait was served at the old harbour", "nul byte"]
    assert [r["rule"] for r in rows(tmp_path / "out", "ledger") if r["action"] == "drop"] == ["empty"]


def test_settings_that_cannot_be_taken_exit_2_before_anything_is_written(good: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[dedup.documents]\ntreshold = 0.7\n")
    for arguments, said in (
        (["--set", "dedup.documents.threshold=2"], "dedup.documents.threshold"),
        (["--config", tmp_path / "bad.toml"], "there is no setting dedup.documents.treshold"),
        (["--config", tmp_path / "none.toml"], "cannot read the settings file"),
        (["--set", 'boilerplate.off=["nosuch"]'], "nosuch"),
        (["--workers", "many"], "run.workers"),
        (["--set", "dedup.recall=0.99999", "--set", "dedup.documents.threshold=0.01"], "dedup.num_perm"),
    ):
        result = corpusmill("clean", good, "--out", tmp_path / "out", *arguments)
        assert result.exit_code == 2 and said in result.stderr, result.output
        assert len(result.stderr.splitlines()) == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.toml", "good.jsonl"]


def test_a_broken_gzip_keeps_what_came_before_the_break_and_says_so(tmp_path: Path) -> None:
    whole = gzip.compress(
        "".join(json.dumps({"id": i, "text": f"Text number {i} of many."}) + "\n" for i in range(5000)).encode()
    )
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    result = corpusmill(
        "clean", tmp_path / "cut.jsonl.gz", "--out", tmp_path / "out", "--set", "dedup.documents.action=off"
    )
    assert result.exit_code == 0, result.output
    [row] = rows(tmp_path / "out", "quarantine")
    assert row["position"] == len(rows(tmp_path / "out", "documents")) > 100
    assert "the lines before it were kept" in row["error"]


def test_a_disk_that_takes_no_more_is_one_sentence_and_the_run_goes_on_where_it_was(tmp_path: Path) -> None:
    texts = [{"id": i, "text": " ".join(f"tide{i}x{j}" for j in range(50))} for i in range(400)]
    command = [sys.executable, "-m", "pipeline.cli", "clean", write_jsonl(tmp_path / "in.jsonl", texts)]
    command += ["--out", tmp_path / "out", "--workers", "1"]

    def no_file_over_100_kb() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    full = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=no_file_over_100_kb)
    assert full.returncode == 1 and not (tmp_path / "out").exists()
    assert full.stderr.startswith("corpusmill: ") and "goes on where it was" in full.stderr
    assert len(full.stderr.splitlines()) == 1
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert len(rows(tmp_path / "out", "documents")) == 400


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["missing.jsonl"], 1, "corpusmill: missing.jsonl cannot be read"),
        (["missing.jsonl", "--set", "boilerplate.sure=1"], 2, "corpusmill: --set boilerplate.sure=1"),
    ],
)
def test_evaluate_boilerplate_says_what_is_wrong(arguments: list[str], status: int, said: str) -> None:
    done = corpusmill("evaluate", "boilerplate", *arguments)
    assert done.exit_code == status and done.stderr.startswith(said)


def test_evaluate_boilerplate_prints_scores_and_json() -> None:
    labelled = Path(__file__).parent / "cases" / "labelled_lines.jsonl"
    shown = corpusmill("evaluate", "boilerplate", str(labelled), "--worst", "1")
    assert shown.exit_code == 0 and shown.stdout.startswith("documents ")
    scores = json.loads(corpusmill("evaluate", "boilerplate", str(labelled), "--json").stdout)
    assert f"precision            {scores['all']['precision']:.3f}" in shown.stdout


def test_rules_of_ones_own(tmp_path: Path) -> None:
    rules = tmp_path / "mine.toml"
    rules.write_text(
        '[[rule]]\nid = "bell"\nfamily = "ours"\nmatch = "line"\nvalues = ["Ring the bell"]\nreason = "Ours."\n'
    )
    file = write_jsonl(
        tmp_path / "in.jsonl", [{"text": "The ferry was late on Monday, and nobody knew why.\n\nRing the bell!"}]
    )
    done = corpusmill("clean", str(file), "--out", str(tmp_path / "out"), "--rules", str(rules), "--workers", "1")
    assert done.exit_code == 0
    assert [row["rule"] for row in rows(tmp_path / "out", "ledger")] == ["bell"]


def test_dedup_writes_ids_only(tmp_path: Path) -> None:
    text = "The ferry across the Vell will run at night from May on, the council said on Monday."
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": f"d{n}", "text": text} for n in range(3)])
    done = corpusmill("dedup", file, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert pq.read_table(tmp_path / "out" / "kept.parquet")["doc_id"].to_pylist() == ["d0"]
    assert pq.read_table(tmp_path / "out" / "duplicates.parquet")["kept_doc_id"].to_pylist() == ["d0", "d0"]


def test_nonsense_for_memory_is_one_sentence(good: Path, tmp_path: Path) -> None:
    done = corpusmill("clean", good, "--out", tmp_path / "out", "--memory", "much")
    assert done.exit_code == 2 and "dedup.memory = 'much' is no size" in done.output
