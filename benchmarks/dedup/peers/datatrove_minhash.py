"""datatrove: its four MinHash stages on local executors; one input file a worker, as its readers need."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import contract
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig


def cut(source: str, folder: Path, parts: int) -> None:
    """Write the corpus as `parts` files of about as many documents."""
    folder.mkdir()
    with Path(source).open("rb") as file:
        size = sum(1 for _ in file) // parts + 1
    rows = contract.documents(source)
    for part in range(parts):
        contract.write_rows(str(folder / f"{part}.jsonl"), islice(rows, size))


def main() -> None:
    given = contract.given()
    scratch = Path(given.scratch)
    cut(given.input, scratch / "in", given.workers)
    config = MinhashConfig(
        n_grams=given.ngram,
        num_buckets=given.bands,
        hashes_per_bucket=given.rows,
        hash_config=HashConfig(precision=64),
    )

    def stage(name: str, tasks: int, *steps: Any) -> None:
        logs = str(scratch / "logs" / name)
        LocalPipelineExecutor(list(steps), tasks=tasks, workers=given.workers, logging_dir=logs).run()

    reader = JsonlReader(str(scratch / "in"), compression=None)
    places = {name: str(scratch / name) for name in ("signatures", "buckets", "removed", "documents")}
    stage("sign", given.workers, reader, MinhashDedupSignature(places["signatures"], config))
    stage("bucket", given.bands, MinhashDedupBuckets(places["signatures"], places["buckets"], config=config))
    stage("cluster", 1, MinhashDedupCluster(places["buckets"], places["removed"], config=config))
    writer = JsonlWriter(places["documents"], compression=None)
    stage("filter", given.workers, reader, MinhashDedupFilter(places["removed"]), writer)
    files = sorted(Path(places["documents"]).glob("*.jsonl"))
    contract.keep(given.kept, (name for file in files for name, _ in contract.documents(str(file))))


if __name__ == "__main__":
    main()
