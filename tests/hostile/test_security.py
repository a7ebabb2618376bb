"""Inputs, settings, rules and datasets are data; secrets stay where they were given."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
MODULES = sorted(path for room in ("pipeline", "flows", "benchmarks") for path in HOUSE.glob(f"{room}/**/*.py"))
#: What turns data into code. numba keeps its own caches with pickle, and multiprocessing and Dask hand functions to
#: their workers with it: both only what this very program has written, never what is read as input.
FORBIDDEN = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load", "marshal.loads", "marshal.load",
    "pickle.load", "pickle.loads", "cloudpickle.loads", "shelve.open", "numpy.load", "joblib.load",
}  # fmt: skip
MODULES_FORBIDDEN = {"pickle", "marshal", "shelve", "cloudpickle", "dill", "joblib", "yaml", "subprocess", "code"}
#: Benchmarks are not installed; they start this program and its peers as processes.
OF_BENCHMARKS = {"subprocess"}
#: `np.load` refuses pickled arrays by its default; where it is told to allow them the test below finds it.
ALLOWED = {"numpy.load"}
SECRET = "AKIAhunter2"


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(HOUSE).as_posix())
def test_no_data_becomes_code(module: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name.split(".")[0] in MODULES_FORBIDDEN]
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES_FORBIDDEN:
            found.append(node.module or "")
        if isinstance(node, ast.Call):
            name = dotted(node.func).replace("np.", "numpy.")
            found += [name] if name in FORBIDDEN - ALLOWED else []
            found += [f"{word.arg}=True" for word in node.keywords if _dangerous(word)]
    assert [name for name in found if "benchmarks" not in module.parts or name not in OF_BENCHMARKS] == []


def _dangerous(word: ast.keyword) -> bool:
    return word.arg in ("shell", "allow_pickle") and isinstance(word.value, ast.Constant) and word.value.value is True


def test_the_search_finds_what_it_should() -> None:
    tree = ast.parse("import pickle\nnp.load(p, allow_pickle=True)\nrun(c, shell=True)\nos.system('x')")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert [dotted(call.func) for call in calls] == ["np.load", "run", "os.system"]
    assert [_dangerous(word) for call in calls for word in call.keywords] == [True, True]


def clean(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "pipeline.cli", "clean", *arguments, "--set", "run.workers=1")
    return subprocess.run(
        command, cwd=place, env={"PYTHONPATH": str(HOUSE), "AWS_EC2_METADATA_DISABLED": "true"}, capture_output=True, text=True, check=False
    )  # fmt: skip


@pytest.mark.parametrize(
    "uri",
    [
        f"s3://{SECRET}:{SECRET}@bucket/texts?endpoint_override=127.0.0.1:1&scheme=http",
        f"s3://bucket/texts?secret_key={SECRET}&endpoint_override=127.0.0.1:1&scheme=http",
        f"https://user:{SECRET}@example.org/texts.jsonl",
        f"ftp://example.org/texts?password={SECRET}",
    ],
)
def test_a_secret_in_an_input_is_in_no_message_and_no_file(tmp_path: Path, uri: str) -> None:
    (tmp_path / "sound.txt").write_text("The ferry was late on Monday.")
    done = clean(tmp_path, "sound.txt", uri, "--out", "out")
    assert done.returncode != 0
    assert done.stderr.startswith("corpusmill: ") and "Traceback" not in done.stderr
    assert SECRET not in done.stderr + done.stdout
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [data for data in written if SECRET.encode() in data]


@pytest.mark.parametrize(
    "rule",
    [
        "id = 'x'\npattern = '(a'\n",
        "__import__('os').system('touch pwned')",
        "id = 'x'\npattern = ['^(a+)+$']\n",
        "!!python/object/apply:os.system ['touch pwned']",
    ],
)
def test_a_hostile_rule_file_is_refused_or_harmless(tmp_path: Path, rule: str) -> None:
    (tmp_path / "sound.txt").write_text("The ferry was late on Monday.")
    (tmp_path / "rules.toml").write_text(rule)
    done = clean(tmp_path, "sound.txt", "--out", "out", "--rules", "rules.toml")
    assert done.returncode in (0, 2) and "Traceback" not in done.stderr
    assert not (tmp_path / "pwned").exists()
