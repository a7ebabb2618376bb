from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup import containment
from pipeline.dedup.containment import BITS, Contained, Samples, contained, recall, sample
from pipeline.dedup.sketch import words
from pipeline.dedup.sketches import Sketches
from tests import naive
from tests.strategies import WORDS

texts = st.lists(st.lists(WORDS, max_size=12).map(" ".join), min_size=1, max_size=10)


def found(
    items: list[str],
    order: list[int],
    threshold: float,
    bits: int = 0,
    ngram: int = 2,
    memory: int = 2**30,
    parts: int = 1,
) -> Contained:
    column = pa.array(items, pa.large_string())
    of = words(column)
    table, counts = sample(of, bits)
    cuts = [len(table) * part // parts for part in range(parts + 1)]
    tables = [table.slice(a, b - a) for a, b in itertools.pairwise(cuts)]
    samples = Samples(Sketches(tables), np.concatenate([[0], np.cumsum(counts)]))
    fetch = lambda rows: column.take(pa.array(rows))  # noqa: E731
    return contained(samples, np.array(order), np.diff(of.starts), fetch, ngram, threshold, memory)


def as_dict(result: Contained) -> dict[int, tuple[int, float]]:
    pairs = zip(result.container.tolist(), result.share.tolist(), strict=True)
    return dict(zip(result.row.tolist(), pairs, strict=True))


def slow(items: list[str], order: list[int], threshold: float) -> dict[int, tuple[int, float]]:
    """The longest first, each against all that stay so far."""
    sets = {row: naive.shingles(items[row], 2) for row in order}
    stay: list[int] = []
    lying: dict[int, tuple[int, float]] = {}
    for row in sorted(order, key=lambda row: -len(naive.words(items[row]))):
        shares = [(len(sets[row] & sets[other]) / len(sets[row]), other) for other in stay if sets[row]]
        best = max(shares, key=lambda one: (one[0], -order.index(one[1])), default=(0.0, -1))
        if best[0] >= threshold:
            lying[row] = (best[1], best[0])
        else:
            stay.append(row)
    return lying


@settings(max_examples=200)
@given(texts, st.randoms(), st.sampled_from([0.3, 0.8, 1.0]), st.sampled_from([1, 3]))
def test_equals_all_pairs_compared_by_hand_when_all_is_sampled(
    items: list[str], random: st.RandomState, threshold: float, parts: int
) -> None:
    order = list(range(len(items)))
    random.shuffle(order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containment, "ANCHOR", 1)
        patch.setattr(containment, "_need", lambda counts, share: np.ones_like(counts))
        assert as_dict(found(items, order, threshold, parts=parts)) == slow(items, order, threshold)
        patch.setattr(containment, "LEAST", 0)
        assert as_dict(found(items, order, threshold, memory=50)) == slow(items, order, threshold)


def test_a_phrase_said_again_and_again_is_one_sample() -> None:
    """Most of the shingles of the smaller lie in the larger, though most of its words are a refrain that does not."""
    whole = [f"w{number}" for number in range(400)]
    some = [*whole[50:150], *(["row", "your", "boat", "gently", "down", "the", "stream"] * 30)]
    result = as_dict(found([" ".join(whole), " ".join(some)], [0, 1], 0.8))
    assert result.keys() == {1} and result[1][0] == 0 and 0.9 < result[1][1] < 0.95


def article(words: int, seed: int = 0) -> list[str]:
    return [f"w{k}" for k in np.random.default_rng(seed).integers(0, 10**9, words)]


def test_a_quotation_and_an_abridged_copy_are_found_with_their_share() -> None:
    whole = article(400)
    quotation, abridged = whole[100:160], whole[:150] + whole[250:]
    items = [" ".join(text) for text in (whole, quotation, abridged, article(60, 1))]
    shares = {1: (0, 1.0), 2: (0, 292 / 296)}
    assert as_dict(found(items, [0, 1, 2, 3], 0.8, BITS, ngram=5)) == shares


def test_what_lies_in_a_text_that_lies_in_a_third_needs_the_third() -> None:
    """c lies in b, b in a, c not in a: b is named for neither, for were it dropped, c would name what is gone."""
    a = article(200)
    b = a[:80] + article(15, 1)
    c = b[-50:]
    items = [" ".join(text) for text in (a, b, c)]
    assert as_dict(found(items, [0, 1, 2], 0.8, BITS, ngram=5)) == {1: (0, 76 / 91)}
    assert as_dict(found(items, [1, 2], 0.8, BITS, ngram=5)) == {2: (1, 1.0)}


def test_texts_that_share_a_footer_are_not_even_compared() -> None:
    footer = article(100, 99)
    items = [" ".join(article(200, seed) + footer) for seed in range(100)]
    asked: list[int] = []
    column = pa.array(items, pa.large_string())
    table, counts = sample(words(column))
    starts = np.concatenate([[0], np.cumsum(counts)])
    fetch = lambda rows: (asked.extend(rows), column.take(pa.array(rows)))[1]  # noqa: E731
    result = contained(Samples(Sketches.of(table), starts), np.arange(100), np.full(100, 300), fetch, 5, 0.8)
    assert not len(result.row) and not asked
    assert result.capped == 100 - containment.CONTAINERS - 1


def test_of_many_containers_the_largest_are_looked_at() -> None:
    quotation = article(60, 999)
    items = [" ".join(quotation)] + [" ".join(article(100 + k, k) + quotation) for k in range(80)]
    result = found(items, list(range(81)), 0.8, BITS, ngram=5)
    assert as_dict(result) == {0: (80 - containment.CONTAINERS + 1, 1.0)} and result.capped > 0


@pytest.mark.parametrize(("size", "share"), [(40, 0.85), (40, 1.0), (100, 0.9), (300, 0.85)])
def test_recall_is_what_is_said(size: int, share: float) -> None:
    """400 texts of which that share lies in one of twice their size: found as often as `recall` says, within 4 sigma."""
    rng, items, n = np.random.default_rng(size), [], 400
    for _ in range(n):
        own = [f"w{k}" for k in rng.integers(0, 10**9, 3 * size)]
        kept = round(share * (size - 4)) + 4
        items += [" ".join(own[: 2 * size]), " ".join(own[:kept] + own[2 * size : 3 * size - kept])]
    hits = len(found(items, list(range(2 * n)), 0.8, BITS, ngram=5).row)
    said = recall(share, size, 5, 0.8)
    assert abs(hits / n - said) <= 4 * np.sqrt(said * (1 - said) / n) + 0.002


def test_recall_of_what_is_written_in_the_docs() -> None:
    paragraphs = {n: round(recall(1.0, n, 3, 0.8), 2) for n in (12, 20, 40)}
    documents = {n: round(recall(0.9, n, 5, 0.8), 2) for n in (40, 100, 400)}
    assert (paragraphs, documents) == ({12: 0.66, 20: 0.88, 40: 0.99}, {40: 0.99, 100: 1.0, 400: 1.0})
