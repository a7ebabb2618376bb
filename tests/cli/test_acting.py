"""Commands take the settings that act in them, and no others: each is run, and what it reads of them is written down."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pipeline.cli.main import main
from pipeline.cli.options import FLAGS
from pipeline.configuration import fields
from pipeline.settings import Room, Settings
from tests.corpora import write_jsonl

CASES = Path(__file__).parent.parent / "cases"
WORDS = "the harbour ferry left the quay before dawn with lorries and a sleepy crew on board number one"
#: What makes a small corpus ask for settings that most runs have no use for: a guessed charset, a loss over the limit.
UNUSUAL = ("read.min_confidence=1", "alarms.min_documents=1", "alarms.max_documents=1", "alarms.accept=true")
#: The share that learned rules take of a site is looked at where there are such rules.
ONLY_WITH_LEARNED_RULES = {"boilerplate.max_site_share"}
#: All roles of columns are chosen together; `dedup` has no use for these.
NOT_USED = {"read.title_column", "read.url_column", "read.date_column"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Yield the keys of the settings that are read from now on. Rooms of one class are not told apart."""
    found: set[str] = set()
    names: dict[tuple[type, str], set[str]] = {}
    for key in fields():
        *rooms, name = key.split(".")
        model = Settings
        for room in rooms:
            model = type(model.model_fields[room].default)
        names.setdefault((model, name), set()).add(key)

    def noted(room: Room, name: str) -> object:
        found.update(names.get((type(room), name), ()))
        return object.__getattribute__(room, name)

    monkeypatch.setattr(Room, "__getattribute__", noted)
    yield found


@pytest.fixture
def corpus(tmp_path: Path) -> list[str]:
    copies = write_jsonl(tmp_path / "in.jsonl", [{"id": number, "text": WORDS} for number in range(4)])
    (tmp_path / "old.txt").write_bytes("Der Bürgermeister grüßte die Gäste über den Zaun.".encode("cp1252"))
    (tmp_path / "more.jsonl.gz").write_bytes(gzip.compress('{"text": "A line of its own at the cafÃ©."}\n'.encode()))
    return [str(copies), str(tmp_path / "old.txt"), str(tmp_path / "more.jsonl.gz")]


def run(*arguments: object) -> None:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def offered(command: click.Command) -> set[str]:
    """Return the settings that a command takes: those that --set completes."""
    [option] = [one for one in command.params if one.name == "assignments"]
    return {item.value.partition("=")[0] for item in option.shell_complete(click.Context(command), "")}


def require_same(command: click.Command, asked: set[str], rare: set[str], passed: set[str]) -> None:
    """Assert that the command takes what it asked for. rare: settings few runs ask for; passed: asked, without use."""
    taken = offered(command)
    assert (taken - asked, asked - taken) == (rare, passed)
    flags = {FLAGS[one.name].key for one in command.params if one.name in FLAGS}
    assert flags == {flag.key for flag in FLAGS.values()} & taken


def sets(*assignments: str) -> list[str]:
    return [word for assignment in assignments for word in ("--set", assignment)]


def test_clean(corpus: list[str], tmp_path: Path, asked: set[str]) -> None:
    for _ in range(2):  # a version before is what losses may drift from
        run("clean", *corpus, "--out", tmp_path / "out", "--overwrite", "--executor", "threads", *sets(*UNUSUAL))
    require_same(main.commands["clean"], asked, ONLY_WITH_LEARNED_RULES, set())


def test_ingest(corpus: list[str], tmp_path: Path, asked: set[str]) -> None:
    for files in (corpus[:1], corpus):
        run("ingest", *files, "--out", tmp_path / "out", "--executor", "threads", *sets(*UNUSUAL))
    # `ingest` refuses what lays files out, and says what to do.
    laid_out = {f"write.{name}" for name in ("partition_by", "sort_by", "file_size", "format", "signatures")}
    require_same(main.commands["ingest"], asked, ONLY_WITH_LEARNED_RULES, laid_out)


def test_dedup(corpus: list[str], tmp_path: Path, asked: set[str]) -> None:
    run("dedup", *corpus, "--out", tmp_path / "ids", *sets("read.min_confidence=1"))
    require_same(main.commands["dedup"], asked, set(), NOT_USED)


def test_evaluate_boilerplate(asked: set[str]) -> None:
    run("evaluate", "boilerplate", CASES / "labelled_lines.jsonl")
    require_same(evaluating("boilerplate"), asked, set(), set())


def test_evaluate_dedup(asked: set[str]) -> None:
    for level in ("documents", "paragraphs"):
        run("evaluate", "dedup", CASES / "labelled_pairs.jsonl", "--level", level, "--no-sweep")
    require_same(evaluating("dedup"), asked, set(), set())


def evaluating(what: str) -> click.Command:
    group = main.commands["evaluate"]
    assert isinstance(group, click.Group)
    return group.commands[what]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dedup", "in", "--out", "ids", "--set", "boilerplate.model=false"], "does not use boilerplate.model"),
        (["clean", "in", "--out", "out", "--set", "ingest={prune=true}"], "does not use ingest"),
        (["retune", "out", "--set", "run.workers=2"], "`retune` does not use run.workers: leave it out"),
    ],
)
def test_a_setting_that_would_do_nothing_is_refused(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2 and said in done.stderr.replace("main ", ""), done.output
