"""Importing this loads what every worker needs before its first shard: workers are forked from a process that has.

Kernels, Unicode tables, rules and model take 1.7 s of processor time to load, whatever the shard. A shard of one
small document goes through the steps, so that nothing has to be named here. Nothing of it starts a thread: a
fork has only the thread that it was called in.
"""

from __future__ import annotations

import gc
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.start import start

_STEPS = ("read", "gather", "prepare")
#: With a word that is damaged, a stop that stands free, a line that goes and one that stays.
_TEXT = """A new bridge for the town

The council said on Monday that the bridge – the “oldest of all” â€“ will be open again in the spring , after a year.

Leave a Reply

It had been closed since the flood, and nobody knows what it will cost . The mayor did not say.
"""


def _load() -> None:
    import pyarrow as pa

    from pipeline.dedup.sketch import words
    from pipeline.schema import LEDGER, QUARANTINE, RAW
    from pipeline.settings import Settings
    from pipeline.steps.prepare import prepare
    from pipeline.work import Work

    document = {"doc": 0, "doc_id": "0", "source": "sample", "position": 1, "text": _TEXT}
    with TemporaryDirectory(prefix="corpusmill-") as folder:
        work = Work(Path(folder), dict.fromkeys(_STEPS, "sample"))
        documents = pa.Table.from_pylist([document], schema=RAW)
        empty = {"ledger": LEDGER.empty_table(), "quarantine": QUARANTINE.empty_table()}
        work.save("read", 0, {"documents": documents, **empty})
        prepare(work, Settings(), 0)
        words(work.load("prepare", 0, "paragraphs")["text"].combine_chunks())


# What is loaded stays: to look for cycles in it took 0.08 s here, and each worker as much again.
gc.disable()
start()
_load()
gc.freeze()
gc.enable()
