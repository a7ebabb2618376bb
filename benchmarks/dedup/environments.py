"""One virtual environment a peer, made when it is first asked for, byte-compiled, kept in a cache folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Peer(NamedTuple):
    """What the table calls it, what is installed, and which adapter speaks to it."""

    label: str
    requirements: tuple[str, ...]
    adapter: str
    settings: Mapping[str, str] = {}


#: By the name of a row of the table. Data-Juicer is not here: at its first run it installs 6 GB of its own accord
#: (torch with CUDA), which no virtual environment of a known size can hold it to.
PEERS = {
    "datasketch": Peer("datasketch 2.0.0, bulk", ("datasketch==2.0.0", "xxhash", "orjson"), "datasketch_lsh"),
    "rensa": Peer("rensa 0.5.0", ("rensa==0.5.0", "orjson"), "rensa_inline"),
    "rensa-16": Peer("rensa 0.5.0, 16 bands", ("rensa==0.5.0", "orjson"), "rensa_inline", {"RENSA_BANDS": "16"}),
    "gaoya": Peer("gaoya 0.2.2", ("gaoya==0.2.2", "orjson"), "gaoya_index"),
    "daft": Peer("Daft 0.7.26", ("daft==0.7.26", "numpy"), "daft_bands"),
    # On Python 3.11 pip gives 0.4.0; 0.4.1 needs 3.12 and has another command line.
    "text-dedup": Peer("text-dedup 0.4.0", ("text-dedup==0.4.0",), "text_dedup_minhash"),
    "datatrove": Peer("datatrove 0.10.1", ("datatrove[io,processing]==0.10.1", "spacy", "orjson"), "datatrove_minhash"),
}


class AbsentError(Exception):
    """A peer that cannot be installed here; the text says why."""


def python_of(name: str, cache: Path) -> Path:
    """Return the Python of a peer's environment, which is made if it is not there.

    Raises AbsentError with the last line of pip when the peer does not install.
    """
    peer = PEERS[name]
    folder = cache / f"{peer.adapter}-{sys.version_info[0]}.{sys.version_info[1]}"
    python, ready = folder / "bin" / "python", folder / "ready"
    wanted = "\n".join(peer.requirements)
    if not ready.exists() or ready.read_text("utf-8") != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        _quietly([sys.executable, "-m", "venv", str(folder)])
        _quietly([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.requirements])
        # Some shells export PYTHONDONTWRITEBYTECODE: a heavy import would be compiled again at every start.
        compile_all(python, folder / "lib")
        ready.write_text(wanted, "utf-8")
    return python


def compile_all(python: Path, folder: Path) -> None:
    """Byte-compile all modules below `folder`; those that do not compile are test data of their packages."""
    subprocess.run([str(python), "-m", "compileall", "-q", str(folder)], check=False, capture_output=True)


def _quietly(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise AbsentError((done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1])
