from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.dedup import environments
from benchmarks.dedup.run import FailedError, measure


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def test_what_a_process_takes(tmp_path: Path) -> None:
    code = "import time; held = b'x' * 80_000_000; time.sleep(0.4); print('done')"
    run = measure(python(code), tmp_path / "log", {}, 1, 60)
    assert run.wall >= 0.4
    assert 0 < run.cpu < run.wall
    assert 80e6 < run.peak < 160e6
    assert (tmp_path / "log").read_text() == "done\n"


def test_children_count_and_what_they_inherit_counts_once(tmp_path: Path) -> None:
    code = (
        "import os, time; held = b'x' * 80_000_000\n"
        "if os.fork() == 0: sum(range(3_000_000)); time.sleep(0.4); os._exit(0)\n"
        "os.wait()"
    )
    alone = measure(python("held = b'x' * 80_000_000"), tmp_path / "log", {}, 1, 60)
    both = measure(python(code), tmp_path / "log", {}, 1, 60)
    assert both.cpu > alone.cpu
    assert both.peak < 140e6


def test_children_that_nobody_waits_for_count(tmp_path: Path) -> None:
    child = "end = time.process_time() + 0.5\n    while time.process_time() < end: pass\n    os._exit(0)"
    code = f"import os, signal, time; signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nif os.fork() == 0:\n    {child}\n"
    code += "try: os.wait()\nexcept ChildProcessError: pass"
    assert measure(python(code), tmp_path / "log", {}, 1, 60).cpu >= 0.4


def test_a_process_sees_only_so_many_processors_and_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import os, sys; print(len(os.sched_getaffinity(0)), os.environ['A'], sys.dont_write_bytecode)"
    measure(python(code), tmp_path / "log", {"A": "b"}, 1, 60)
    assert (tmp_path / "log").read_text() == "1 b False\n"


def test_a_failure_says_why(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="exit 1: ValueError: no good"):
        measure(python("raise ValueError('no good')"), tmp_path / "log", {}, 1, 60)


def test_what_does_not_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="stopped after 0 s"):
        measure(python("import time; time.sleep(60)"), tmp_path / "log", {}, 1, 0.2)


def test_a_peer_that_does_not_install_is_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = environments.Peer("broken", (str(tmp_path / "no-such-package"),), "nothing")
    monkeypatch.setitem(environments.PEERS, "broken", broken)
    with pytest.raises(environments.AbsentError, match="no-such-package"):
        environments.python_of("broken", tmp_path / "cache")


def test_every_peer_has_its_adapter() -> None:
    folder = Path(environments.__file__).parent / "peers"
    assert {peer.adapter for peer in environments.PEERS.values()} | {"contract", "__init__"} == {
        path.stem for path in folder.glob("*.py")
    }
