"""What a sketch is made by, and what is known of documents once they are sketched."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.dedup.banding import Banding, choose
from pipeline.distinct.places import Places
from pipeline.kernels.documents import Hashes, Sketches, sketches
from pipeline.kernels.minhash import permutations
from pipeline.kernels.objects import Room
from pipeline.settings import DedupSettings


class Recipe(NamedTuple):
    """Shingle size, threshold, permutations and bands; the cap of `leaders`."""

    ngram: int
    threshold: float
    cap: int
    banding: Banding
    permuted: NDArray[np.uint32]


class Part(NamedTuple):
    """Documents of one source, by position."""

    source: str
    ids: pa.Array
    position: NDArray[np.int64]
    places: Places
    sketches: Sketches


class Workspace(threading.local):
    """What each thread allocates once and uses again."""

    def __init__(self, table: NDArray[np.uint32] | None = None) -> None:
        """Run once a thread. table: as `tokens.tokenise` takes it."""
        self.buffer = np.empty(0, dtype=np.uint8)
        self.room = Room()
        self.hashes = Hashes(table)


def recipe(settings: DedupSettings) -> Recipe:
    """Return the recipe of the settings; raises SettingsError where no banding reaches the wanted recall."""
    documents = settings.documents
    banding = choose(documents.threshold, settings.num_perm, settings.recall)
    permuted = permutations(settings.num_perm, settings.seed)
    return Recipe(documents.ngram, documents.threshold, settings.max_representatives, banding, permuted)


def sketched(data: NDArray[np.uint8], offsets: NDArray[np.int64], recipe: Recipe, workspace: Workspace) -> Sketches:
    """Return the sketches of UTF-8 texts."""
    hashes, starts = workspace.hashes.words(data, offsets)
    return sketches(hashes, starts, recipe.ngram, recipe.permuted, recipe.banding.bands, recipe.banding.rows)
