"""A light start for processes of our own: command lines and workers, never importers of the library."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from importlib.abc import MetaPathFinder

#: For processes of our own, unless their user says otherwise. Memory that is freed stays with the process, for
#: whichever of its threads: to give it back and fetch it again for each shard took the system a fifth of the processor
#: time (5.2 against 1.9 s on 80 MB). No kernel here uses BLAS, the threads of which took 0.1 s.
ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str((1 << 31) - 1),
    "OPENBLAS_NUM_THREADS": "1",
}
#: What glibc calls the parameters above.
_PARAMETERS = {"MALLOC_ARENA_MAX": -8, "MALLOC_MMAP_THRESHOLD_": -3, "MALLOC_TRIM_THRESHOLD_": -1}


def start() -> None:
    """Load what kernels need at their first call, without SciPy and pandas: 0.45 of 1.1 s of a small `dedup`."""
    keep_memory()
    collect_seldom()
    without_pandas()
    without_scipy()


def collect_seldom() -> None:
    """Look for cycles among 100,000 new objects, not among 700: imports make many that all stay, 0.1 s of 0.6."""
    gc.set_threshold(100_000, 20, 100)


def keep_memory() -> None:
    """Say ENVIRONMENT to libraries that are not loaded yet, and to the C library, which read its own long ago.

    0.6 s of the 3.6 that the first process of a run over 200 MB takes: half of the report was to clear fresh pages for
    Arrow's threads, each of which has an arena of its own.
    """
    missing = {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    os.environ.update(missing)
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):  # musl's has none
        for name in missing.keys() & _PARAMETERS.keys():
            library.mallopt(_PARAMETERS[name], int(missing[name]))


def without_pandas() -> None:
    """Let PyArrow believe that there is no pandas, which its first array made from NumPy would load: 0.25 s.

    From then on `to_pandas` raises in this process, which never calls it. Where pandas is loaded, nothing changes.
    """
    import numpy as np
    import pyarrow as pa

    if "pandas" in sys.modules:
        return
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([0])  # of a list: its C++ asks
        pa.array(np.zeros(1))  # of NumPy's: its Cython asks; both keep the answer
    finally:
        sys.meta_path.remove(absent)


def without_scipy() -> None:
    """Load numba's registries without SciPy: 0.2 of 0.45 s of processor time.

    numba looks for SciPy's BLAS to be ready for linear algebra, which no kernel here uses; `np.dot` in kernels
    of others would not compile in this process. Where SciPy or numba's registries are loaded, nothing changes.
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


class _Absent(MetaPathFinder):
    """Says that pandas is not installed."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name=fullname)
