"""To be imported before the library: makes a process light that Prefect has started for a run of ours."""

from __future__ import annotations

import sys

from pipeline.start import start

_MAIN = sys.modules["__main__"].__spec__
if _MAIN is not None and _MAIN.name == "prefect.engine":
    start()
