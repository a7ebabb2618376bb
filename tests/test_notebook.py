"""In a notebook: bars below the cell, gone at the end, and pandas as it was. A kernel takes 10 s to start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(not os.environ.get("CORPUSMILL_SLOW"), reason="starts a kernel: CORPUSMILL_SLOW=1")

CELL = f"""
import sys
sys.path.insert(0, {str(HOUSE)!r})
from pipeline.corpus import clean_corpus
from pipeline.settings import Settings
import rich.progress
drawn = []
draw = rich.progress.Progress.update
rich.progress.Progress.update = lambda self, *a, **k: (drawn.append(self.console.is_jupyter), draw(self, *a, **k))
rows = [{{"text": f"a text of its own on the ferry number {{i}}"}} for i in range(60)]
settings = Settings.model_validate({{"run": {{"workers": 2, "shard_bytes": 500}}}})
result = clean_corpus(rows, "out", settings)
print(len(drawn) > 5, all(drawn), type(result.documents.to_table().to_pandas()).__name__)
"""


def test_a_notebook_draws_bars_and_runs_workers(tmp_path: Path) -> None:
    nbformat: Any = pytest.importorskip("nbformat", reason="pip install -e '.[notebook]'")
    nbclient: Any = pytest.importorskip("nbclient", reason="pip install -e '.[notebook]'")
    pytest.importorskip("ipywidgets", reason="pip install -e '.[notebook]'")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    told = [out for out in book.cells[0].outputs if out["output_type"] == "stream"]
    assert [(out["name"], out["text"]) for out in told] == [("stdout", "True True DataFrame\n")]
