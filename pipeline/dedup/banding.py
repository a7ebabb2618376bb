"""How a signature is cut into bands: as few candidates as the wanted recall allows."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.errors import SettingsError


class Banding(NamedTuple):
    """`bands` bands of `rows` slots each; slots left over are not used."""

    bands: int
    rows: int


def recall(similarity: float, banding: Banding) -> float:
    """Return the probability that a pair of that Jaccard similarity shares a band.

    1 - (1 - s^r)^b: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4.2.
    """
    return float(1 - (1 - similarity**banding.rows) ** banding.bands)


def choose(threshold: float, num_perm: int, wanted: float) -> Banding:
    """Return the banding with most rows whose recall at `threshold` is at least `wanted`.

    More rows mean fewer candidates, so the largest admissible number is the cheapest. Peers balance
    false positives against misses instead and find 20 to 92 % at their own threshold; here false
    positives are verified away, so only misses count.

    Raises SettingsError when even one row a band does not reach `wanted`.
    """
    for rows in range(num_perm, 0, -1):
        banding = Banding(num_perm // rows, rows)
        if recall(threshold, banding) >= wanted:
            return banding
    raise SettingsError(
        f"no cut of {num_perm} permutations finds {wanted:.0%} of the pairs at similarity {threshold}: "
        "raise dedup.num_perm or the threshold, or lower dedup.recall"
    )
