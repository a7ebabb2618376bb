"""Help, colours, hints and exit statuses, as a terminal and a script meet them."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.cli.help import by_subject, nearest
from pipeline.cli.main import SECTIONS, main
from tests.corpora import write_jsonl

COMMANDS = [command for members in SECTIONS.values() for command in members]
LEAVES = [
    inner
    for command in COMMANDS
    for inner in (command.commands.values() if isinstance(command, click.Group) else [command])
]
TEXT = "The ferry was late again on Monday, said the harbour master of Vell."
BOLD = "\x1b[1m"


def corpusmill(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """Return what a terminal shows of a command."""
    ours, theirs = pty.openpty()
    own = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=own | environment) as process:
        os.close(theirs)
        shown = bytearray()
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not more:
                break
            shown += more
        process.wait()
    os.close(ours)
    return shown.decode()


@pytest.mark.parametrize("command", LEAVES, ids=lambda command: str(command.name))
def test_every_command_says_what_it_does_shows_an_example_and_every_option(command: click.Command) -> None:
    text = help_of(command)
    assert command.help and command.help.split()[0] in text
    assert "Examples:" in text and "corpusmill " in text.split("Examples:")[1]
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.opts[0] in text, option.opts
            assert option.help or option.name == "level", option.opts


def help_of(command: click.Command) -> str:
    with click.Context(command, info_name="corpusmill") as context:
        return command.get_help(context)


def test_many_options_are_told_apart_by_subject_and_few_are_not() -> None:
    clean = main.commands["clean"]
    subjects = by_subject(clean.params)
    assert list(subjects) == [
        "Result",
        "Layout of documents/",
        "Settings",
        "Inputs",
        "Where the work is done",
        "Loss alarms",
    ]
    assert [option.name for option in subjects["Result"]][:2] == ["out", "overwrite"]
    assert sum(map(len, subjects.values())) == len([one for one in clean.params if isinstance(one, click.Option)])
    assert list(by_subject(main.commands["versions"].params)) == ["Options"]


def test_colours_only_on_a_terminal_and_not_where_they_are_not_wanted(tmp_path: Path) -> None:
    shown = on_a_terminal("--help")
    assert f"{BOLD}Make a dataset" in shown
    assert "\x1b" not in on_a_terminal("--help", NO_COLOR="1")
    failed = on_a_terminal("versions", str(tmp_path / "none"))
    assert "\x1b[31m" in failed and "holds no dataset" in failed
    assert "\x1b" not in on_a_terminal("versions", str(tmp_path / "none"), NO_COLOR="1")
    command = [sys.executable, "-m", "pipeline.cli", "versions", str(tmp_path / "none")]
    assert b"\x1b" not in subprocess.run(command, capture_output=True, check=False).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["claen"], "did you mean 'clean'?"),
        (["rolback", "out"], "did you mean 'rollback'?"),
        (["quux"], "No such command"),
        (["clean", "in", "--out", "out", "--memry", "2GB"], "--memory"),
        (["clean", "in", "--out", "out", "--set", "threshold=0.7"], "did you mean dedup.documents.threshold or"),
        (["clean", "in", "--out", "out", "--set", "dedup.documents.treshold=1"], "did you mean dedup.documents.threshold?"),
        (["clean", "in", "--out", "out", "--set", "run.executor=spark"], "run.executor takes"),
        (["clean", "in", "--out", "out", "--preset", "newz"], "take one of news, noisy, strict"),
        (["advise", "--threshold", "2"], "threshold"),
        (["ledger", "out", "--json", "--csv"], "not both"),
        (["explain", "out", "a", "--json", "--html"], "not both"),
        (["ledger", "out", "--action", "dorp"], "'drop'"),
        (["clean", "in"], "--out"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_ends_with_2_and_a_hint(arguments: list[str], said: str) -> None:
    done = corpusmill(*arguments)
    assert done.exit_code == 2 and said in done.stderr and done.stdout == "", done.output


def test_a_column_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": 1, "story": TEXT, "by": "x"}])
    done = corpusmill("clean", file, "--out", tmp_path / "out", "--text-column", "storey")
    assert done.exit_code == 1 and "it has `id`, `story`, `by`" in done.stderr


def test_what_cannot_be_done_ends_with_1(tmp_path: Path) -> None:
    for arguments in (
        ["versions", tmp_path],
        ["rollback", tmp_path],
        ["clean", tmp_path / "none", "--out", tmp_path / "o"],
    ):
        assert corpusmill(*arguments).exit_code == 1


def test_names_are_near_or_they_are_not() -> None:
    assert nearest("documents.treshold", ["documents.threshold", "paragraphs.ngram"]) == ["documents.threshold"]
    assert nearest("xyz", ["clean", "ingest"]) == []


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    file, out = (
        write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": TEXT}, {"id": "b", "text": TEXT}]),
        tmp_path / "out",
    )
    found = {}
    for name, arguments in {
        "init": [file, "--out", tmp_path / "made.toml"],
        "clean": [file, "--out", out],
        "ingest": [file, "--out", tmp_path / "growing"],
        "dedup": [file, "--out", tmp_path / "ids"],
        "report": [out],
        "explain": [out, "a"],
        "ledger": [out],
        "diff": [out, out],
        "retune": [out, "--set", "dedup.documents.threshold=0.9"],
        "versions": [out],
        "rollback": [out, "--to", 1],
        "compact": [out],
        "config": [],
        "advise": [],
    }.items():
        done = corpusmill(name, *arguments, "--json")
        assert done.exit_code == 0 and len(done.stdout.splitlines()) == 1 and done.stderr == "", (name, done.output)
        found[name] = json.loads(done.stdout)
    assert found["clean"]["counts"]["documents"] == {"in": 2, "kept": 1, "removed": 1, "quarantined": 0}
    assert found["clean"]["columns"] == [{"columns": {"text": "text", "id": "id"}, "inputs": 1, "first": str(file)}]
    assert found["dedup"]["counts"]["removed"] == 1
    assert found["versions"]["current"] == 1 and found["versions"]["versions"][0]["documents"] == 1
    assert found["rollback"] == {"out": str(out), "version": 1}
    assert found["compact"] == {
        "out": str(out),
        "version": 1,
        "files": len(json.loads((out / "manifest.json").read_text())["files"]),
    }
    assert found["config"]["dedup"]["documents"]["threshold"] == 0.8
    again = json.loads(corpusmill("ingest", file, "--out", tmp_path / "growing", "--json").stdout)
    assert again["batch"] is None and found["ingest"]["batch"]["number"] == 1
    found["restore"] = json.loads(corpusmill("restore", out, "--rule", "exact", "--json").stdout)
    told_of(found)


def told_of(found: dict[str, dict[str, object]]) -> None:
    """Assert that docs/commands.md tells of each key, and of no other."""
    from tests.generated_docs import JSON

    for name in found.keys() - {"ingest", "config"}:  # which say more than their keys
        told = JSON[name].split(": the manifest")[0].split(": a list of")[0]
        keys = told.split("`")[1::2]
        assert sorted(keys) == sorted(found[name]), name


def test_a_name_that_the_ledger_lacks_brings_a_hint(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": TEXT}, {"id": "b", "text": TEXT}])
    assert corpusmill("clean", file, "--out", tmp_path / "out").exit_code == 0
    assert (
        "it has no rule exakt: did you mean exact?" in corpusmill("ledger", tmp_path / "out", "--rule", "exakt").stdout
    )
    assert f"ledger {tmp_path}/out --rule exact" in corpusmill("ledger", tmp_path / "out").stdout
    shown = corpusmill("ledger", tmp_path / "out", "--limit", 1).stdout
    assert f"- {TEXT}" in shown and "rows of one rule" not in shown


def test_a_full_disk_under_the_output_is_one_sentence(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "pipeline.cli", "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith("corpusmill: No space left on device: ")


def test_json_of_a_command_that_fails_is_empty(tmp_path: Path) -> None:
    done = corpusmill("clean", tmp_path / "none.jsonl", "--out", tmp_path / "out", "--json")
    assert (done.exit_code, done.stdout) == (1, "") and len(done.stderr.splitlines()) == 1


def test_ctrl_c_is_one_sentence_and_130(tmp_path: Path) -> None:
    draw = random.Random(1)
    texts = [{"id": n, "text": " ".join(f"tide{draw.randrange(5000)}" for _ in range(200))} for n in range(600)]
    file = write_jsonl(tmp_path / "in.jsonl", texts)
    command = [sys.executable, "-m", "pipeline.cli", "clean", str(file), "--out", str(tmp_path / "out")]
    command += ["--set", "run.shard_bytes=100000", "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        while process.poll() is None and not (tmp_path / ".out.work").exists():
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the group
        printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, b"")
    assert said.decode() == "corpusmill: stopped; nothing was published\n"
    assert not (tmp_path / "out" / "current").exists()
