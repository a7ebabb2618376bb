"""`python -m pipeline.evaluate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.evaluate.__main__ import main


def test_prints_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"lines": ["Cancel reply"], "keep": [0]}\n', "utf-8")
    assert main([str(path)]) == 0
    assert "boilerplate          1 lines dropped, 0 kept" in capsys.readouterr().out
    assert main([str(path), "boilerplate.enabled=false"]) == 0
    assert "boilerplate          0 lines dropped, 1 kept" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 1, "corpusmill: there are no labelled lines"),
        (["missing.jsonl"], 1, "corpusmill: missing.jsonl cannot be read"),
        (["boilerplate.sure=1"], 2, "corpusmill: --set boilerplate.sure=1"),
    ],
)
def test_says_what_is_wrong(arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == status
    assert capsys.readouterr().err.startswith(said)
