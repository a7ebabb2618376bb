from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from pipeline.kernels.start import start
start()
import numpy as np
from pipeline.kernels.tokens import text_hashes
text_hashes(np.frombuffer(b"river", np.uint8), np.array([0, 5]))
print("scipy.linalg" in sys.modules)
import scipy.linalg
"""


def test_a_light_start_leaves_scipy_out_and_importable() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("False\n", 0), done.stderr
