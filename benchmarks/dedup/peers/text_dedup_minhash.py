"""text-dedup: its own command, `python -m text_dedup.minhash`; what it saves is read for the ids."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import contract


def main() -> None:
    given = contract.given()
    out = Path(given.scratch, "out")
    options = {
        "path": "json",
        "data_files": given.input,
        "split": "train",
        "cache_dir": str(Path(given.scratch, "cache")),
        "output": str(out),
        "column": "text",
        "num_proc": given.workers,
        "ngram": given.ngram,
        "num_perm": given.permutations,
        "threshold": given.threshold,
        "hash_func": "xxh3",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    subprocess.run([sys.executable, "-m", "text_dedup.minhash", *flags], check=True)
    from pyarrow import ipc

    parts = [ipc.open_stream(str(path)).read_all() for path in sorted(out.glob("*.arrow"))]
    contract.keep(given.kept, (name for part in parts for name in part["id"].to_pylist()))


if __name__ == "__main__":
    main()
