"""The disk that finding duplicates takes, before it starts."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.dedup.banding import choose
from pipeline.dedup.containment import BITS
from pipeline.settings import DedupSettings

#: Bytes of text a word, with what stands between words. English takes 6; fewer bytes mean more words.
BYTES_A_WORD = 5
#: Of a spilled item: hash, bucket, entry and the two ends of a bucket for each band; marks and the rest.
BYTES_A_BAND = 8 + 4 + 4 + 6
BYTES_AN_ITEM = 8 * 64 + 64


class Disk(NamedTuple):
    """Bytes of disk: what finding duplicates is sure to take, and what it takes at most."""

    sure: int
    most: int


def disk_needed(n_documents: int, n_paragraphs: int, text_bytes: int, settings: DedupSettings | None = None) -> Disk:
    """Return what the sketches of a corpus take, and with what matching may spill.

    The sketches (`sketch-*/`) are sure: 24 bytes an item, 8 for each band, a byte of sample a word. The spilled
    tables are the worst case, all documents, then all paragraphs, one component of candidates larger than
    `memory`; the two levels come one after the other. For 10 GB of prose this says
    10 and 62 GB; the folder took 13 with its ledgers. The texts themselves (prepare, sketch, finish) are not counted.
    """
    dedup = settings or DedupSettings()
    sketches, spilled = 8 * (text_bytes // BYTES_A_WORD) >> BITS, 0
    for items, level in ((n_documents, dedup.documents), (n_paragraphs, dedup.paragraphs)):
        bands = choose(level.threshold, dedup.num_perm, dedup.recall).bands
        sketches += items * (24 + 8 * bands)
        shingles = 8 * (text_bytes // BYTES_A_WORD)
        spilled = max(spilled, items * (BYTES_A_BAND * bands + BYTES_AN_ITEM) + shingles)
    return Disk(sketches, sketches + spilled)
