"""A light start of numba, for processes of our own."""

from __future__ import annotations

import sys


def start() -> None:
    """Load what numba loads at the first call of any kernel, without SciPy: 0.2 of 0.45 s of processor time.

    numba looks for SciPy's BLAS to be ready for linear algebra, which no kernel here uses; `np.dot` in kernels
    of others would not compile in this process. So it is for command lines and workers, not for importers.
    Where SciPy or numba's registries are loaded already, nothing changes.
    """
    from numba.core.registry import cpu_target

    if "scipy.linalg" in sys.modules or "numba.np.arraymath" in sys.modules:
        return
    sys.modules["scipy.linalg"] = None  # type: ignore[assignment]  # importing it raises ImportError now
    try:
        cpu_target.typing_context.refresh()
        cpu_target.target_context.refresh()
    finally:
        del sys.modules["scipy.linalg"]
