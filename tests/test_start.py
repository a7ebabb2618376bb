from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
from pipeline.start import start
start()
import numpy as np
import pyarrow as pa
from pipeline.kernels.tokens import text_hashes
text_hashes(np.frombuffer(b"river", np.uint8), np.array([0, 5]))
pa.array(["a"]), pa.array(np.arange(3)), pa.scalar("a"), pa.array([1.5, None])
print("scipy.linalg" in sys.modules, "pandas" in sys.modules)
import scipy.linalg
"""


def test_a_light_start_leaves_scipy_and_pandas_out_and_importable() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("False False\n", 0), done.stderr


@pytest.mark.parametrize("wanted", ["mimalloc", "system", ""])
def test_a_light_start_keeps_memory_unless_its_user_says_otherwise(wanted: str) -> None:
    code = (
        "from pipeline.start import start; start(); import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    )
    given = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    if wanted:
        given["ARROW_DEFAULT_MEMORY_POOL"] = wanted
    told = subprocess.check_output([sys.executable, "-c", code], cwd=Path(__file__).parents[1], env=given, text=True)
    assert told == f"{wanted or 'system'}\n"
