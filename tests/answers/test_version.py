from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.answers.explain import explain
from pipeline.answers.version import opened
from pipeline.errors import OutputError
from tests.corpora import cleaned, write_jsonl


def test_a_dataset_in_folders_is_explained_and_compared_but_not_retuned(tmp_path: Path) -> None:
    texts = [{"id": f"d{n}", "site": f"paper{n % 2}.org", "text": f"tide {n} came early"} for n in range(4)]
    source = write_jsonl(tmp_path / "in.jsonl", texts)
    cleaned([source], tmp_path / "out", "write.partition_by=site")
    cleaned([source], tmp_path / "plain")
    version = opened(tmp_path / "out")
    assert version.rows("documents", columns=["site"])["site"].to_pylist() == [
        *(["paper0.org"] * 2),
        *(["paper1.org"] * 2),
    ]
    assert explain(tmp_path / "out", "d3").kept
    with pytest.raises(OutputError, match="which retune cannot do"):
        version.require_plain("retune")
    opened(tmp_path / "plain").require_plain("retune")
