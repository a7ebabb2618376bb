"""What a threshold asks for and what it finds: bands, the S-curve, candidates, memory, disk, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.dedup.banding import Banding, choose, recall
from pipeline.dedup.memory import budget
from pipeline.errors import SettingsError

#: Similarities of the table.
STEPS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
#: Pairs of unrelated texts by the similarity of their sets, for shingles of so many words: (similarity, share of
#: all pairs). Measured on all pairs of 8,000 (1 and 2 words: 3,000) texts drawn from 40,595 English ones, prose,
#: blogs, government and news, of 750 shingles on average. Shares below: similarity 0.
UNRELATED: dict[int, tuple[tuple[float, float], ...]] = {
    1: ((0.04, 7.6e-3), (0.08, 0.319), (0.12, 0.528), (0.165, 0.141), (0.21, 4.7e-3), (0.26, 4.6e-5)),
    2: ((0.006, 0.268), (0.015, 0.461), (0.024, 0.222), (0.034, 0.046), (0.055, 2.6e-4), (0.14, 1.3e-6)),
    3: ((0.0014, 0.502), (0.013, 7.1e-5), (0.03, 6.8e-6), (0.07, 1.5e-6), (0.18, 5e-7)),
    5: ((0.0007, 7.5e-3), (0.025, 4.7e-6), (0.07, 9.4e-7), (0.18, 4.4e-7)),
}
#: Assumed: this share of the texts has one edited copy, of any similarity from 0.5 to 1.
COPIES = 0.2
#: Bytes a run keeps on disk for a byte of text, sketches apart: read 1.0, prepared 1.4, results 0.8 (25 MB of
#: English prose, 8,474 documents).
WORK = 3.2
#: Bytes of a paragraph, in the same run.
PARAGRAPH = 350
#: Bytes of memory an item takes all the while (`duplicates.BYTES_AN_ITEM`; importing it would import Arrow and
#: numba), and in the table of keys, which is cut into parts when it does not fit.
ALWAYS, TABLE = 48, 48
#: Bytes an item that has candidates takes besides: a word, a band, the rest (`clusters._cost`).
A_WORD, A_BAND, THE_REST = 10, 20, 96
#: Bytes of a word with the space behind it, in English.
WORD = 6
#: Bytes of a document where only one of number and size is known.
DOCUMENT = 3000
#: Bytes a text's sketch takes besides its bands: key, number of words, number of characters.
SKETCH = 32
_BLOCKS = " ▁▂▃▄▅▆▇█"
_HEIGHT, _WIDTH = 8, 51


class Step(NamedTuple):
    """Of pairs of that similarity, the share that becomes candidates, and how many words are changed in them."""

    similarity: float
    found: float
    words_changed: float  #: share of the words, scattered, that makes two copies so similar


class Need(NamedTuple):
    """What a corpus of that size takes."""

    documents: int
    megabytes: float  #: of text
    candidates_unrelated: float  #: pairs that are compared though they have nothing to do with each other
    candidates_copies: float  #: pairs of a text and its edited copy that are compared
    memory: int  #: bytes allowed
    memory_least: int  #: bytes below which it does not go
    memory_whole: int  #: bytes with which nothing goes to disk
    sketches: int  #: bytes on disk
    disk: int  #: bytes of the whole work directory and the results


@dataclass(frozen=True)
class Advice:
    """Everything that `advise` found."""

    threshold: float
    ngram: int
    num_perm: int
    wanted: float
    banding: Banding
    steps: list[Step]
    curve: list[float]  #: share found at similarities 0, 0.02 … 1
    need: Need | None  #: None where no size was given
    warnings: list[str]

    @property
    def at_threshold(self) -> float:
        """Share of the pairs exactly at the threshold that are found."""
        return recall(self.threshold, self.banding)


def advise(
    threshold: float,
    num_perm: int = 128,
    wanted: float = 0.99,
    ngram: int = 5,
    documents: int = 0,
    megabytes: float = 0.0,
    memory: str | int = "",
    banding: Banding | None = None,
    paragraph_banding: Banding | None = None,
) -> Advice:
    """Return what is found at which similarity, and what a corpus of that size takes.

    wanted: recall at the threshold. documents, megabytes of text: 0 for unknown; each is guessed from the other
    (3 kB a document). memory: as `dedup.memory`. banding: bands and rows to judge instead of the best ones.
    paragraph_banding: of the paragraphs' sketches, which lie on the same disk; None: 32 × 4, the default's.

    Raises SettingsError for what cannot be, in one sentence.
    """
    _check(threshold, num_perm, wanted, ngram, documents, megabytes)
    chosen = _fits(banding, num_perm) if banding else choose(threshold, num_perm, wanted)
    steps = [Step(s, recall(s, chosen), changed(s, ngram)) for s in sorted({*STEPS, threshold})]
    need = _need(chosen, paragraph_banding or Banding(32, 4), ngram, documents, megabytes, memory)
    curve = [recall(k / (_WIDTH - 1), chosen) for k in range(_WIDTH)]
    warnings = _warnings(threshold, ngram, wanted, chosen, need)
    return Advice(threshold, ngram, num_perm, wanted, chosen, steps, curve, need, warnings)


def changed(similarity: float, ngram: int) -> float:
    """Return the share of words, scattered, that are replaced in a copy of that similarity.

    A replaced word changes `ngram` shingles of both sets: s = (1 - kn) / (1 + kn) for a share k of words that are
    at least `ngram` apart.
    """
    return (1 - similarity) / (ngram * (1 + similarity))


def told(advice: Advice, plain: bool = False) -> str:
    """Return the advice as text for a terminal; `plain`: ASCII only."""
    bands, rows = advice.banding
    lines = [
        f"threshold            {advice.threshold:g} by {advice.ngram}-word shingles, {advice.num_perm} permutations",
        f"bands                {bands} of {rows} rows ({bands * rows} permutations used)",
        f"found at threshold   {_of_100(advice.at_threshold)} (wanted: {_of_100(advice.wanted)})",
        "",
        "similarity   proposed by the bands   removed   words changed (scattered)",
        *(_step(step, advice.threshold) for step in advice.steps),
        "",
        *_plot(advice, plain),
    ]
    if advice.need:
        lines += ["", *_needs(advice.need)]
    lines += ["", *(f"{'!' if plain else '▲'} {warning}" for warning in advice.warnings)]
    said = "\n".join(lines).rstrip()
    return said.replace("×", "x").replace("–", "-").replace("≥", ">=") if plain else said


def as_json(advice: Advice) -> dict[str, Any]:
    """Return the advice as JSON takes it."""
    return {
        **{name: getattr(advice, name) for name in ("threshold", "ngram", "num_perm", "wanted", "at_threshold")},
        **advice.banding._asdict(),
        "steps": [step._asdict() for step in advice.steps],
        "curve": advice.curve,
        "need": advice.need._asdict() if advice.need else None,
        "warnings": advice.warnings,
    }


def _check(threshold: float, num_perm: int, wanted: float, ngram: int, documents: int, megabytes: float) -> None:
    """Raise SettingsError for what cannot be."""
    if not 0 < threshold <= 1:
        raise SettingsError(f"threshold {threshold:g} is no similarity: give more than 0 and at most 1, such as 0.8")
    if not 0 < wanted < 1:
        raise SettingsError(f"recall {wanted:g} cannot be wanted: give more than 0 and less than 1, such as 0.99")
    if not 16 <= num_perm <= 1024:
        raise SettingsError(f"{num_perm} permutations cannot be taken: give 16 to 1024")
    if not 1 <= ngram <= 16:
        raise SettingsError(f"shingles of {ngram} words cannot be taken: give 1 to 16")
    if documents < 0 or megabytes < 0:
        raise SettingsError("a corpus has no less than no documents and 0 MB: give its real size")
    if documents and megabytes and megabytes * 1e6 < documents:
        raise SettingsError(f"{documents:,} documents cannot be {megabytes:g} MB, less than a byte each: check both")


def _fits(banding: Banding, num_perm: int) -> Banding:
    if banding.bands < 1 or banding.rows < 1 or banding.bands * banding.rows > num_perm:
        raise SettingsError(
            f"{banding.bands} bands of {banding.rows} rows take {banding.bands * banding.rows} permutations, but "
            f"there are {num_perm}: give fewer bands or rows, each at least 1, or raise dedup.num_perm"
        )
    return banding


def _need(
    banding: Banding, paragraph_banding: Banding, ngram: int, documents: int, megabytes: float, memory: str | int
) -> Need | None:
    allowed = budget(memory)
    if not documents and not megabytes:
        return None
    documents = documents or max(1, round(megabytes * 1e6 / DOCUMENT))
    megabytes = megabytes or documents * DOCUMENT / 1e6
    paragraphs = round(megabytes * 1e6 / PARAGRAPH)
    unrelated, copies = _candidates(banding, ngram, documents)
    items = max(documents, paragraphs)
    similar = min(1.0, 2 * COPIES) * (A_WORD * megabytes * 1e6 / WORD + (A_BAND * banding.bands + THE_REST) * documents)
    sketches = (SKETCH + 8 * banding.bands) * documents + (SKETCH + 8 * paragraph_banding.bands) * paragraphs
    return Need(
        documents=documents,
        megabytes=megabytes,
        candidates_unrelated=unrelated,
        candidates_copies=copies,
        memory=allowed,
        memory_least=ALWAYS * items,
        memory_whole=round((ALWAYS + TABLE) * items + similar),
        sketches=sketches,
        disk=round(WORK * megabytes * 1e6) + sketches,
    )


def _candidates(banding: Banding, ngram: int, documents: int) -> tuple[float, float]:
    """Return how many pairs are compared: of unrelated texts, and of a text and its edited copy."""
    known = UNRELATED[max(n for n in UNRELATED if n <= ngram)]
    unrelated = documents * (documents - 1) / 2 * sum(share * recall(s, banding) for s, share in known)
    copies = COPIES * documents * sum(recall(0.5 + k / 100, banding) for k in range(51)) / 51
    return unrelated, copies


def _warnings(threshold: float, ngram: int, wanted: float, banding: Banding, need: Need | None) -> list[str]:
    share = changed(threshold, ngram)
    said = [
        f"copies below {threshold:g} stay, by design: that is more than about 1 word in {round(1 / share)} replaced, "
        "scattered over the text"
        if share
        else "only copies with the same shingles are found at 1"
    ]
    at = recall(threshold, banding)
    if at < wanted:
        said.append(f"at similarity {threshold:g} you will find {_of_100(at)}, though {_of_100(wanted)} are wanted")
    said += [
        f"at similarity {s:g} you will find {_of_100(recall(s, banding))}"
        for s in STEPS
        if threshold < s < 1 and round(recall(s, banding), 3) < wanted
    ]
    if ngram <= 1:
        said.append("shingles of 1 word know no word order: texts on one subject share many; 2 words tell them apart")
    if banding.rows == 1:
        said.append("with 1 row a band any shingle in common can make a candidate: expect every pair to be compared")
    return said + (_strains(need) if need else [])


def _strains(need: Need) -> list[str]:
    """Return what is too little, or too much, for a corpus of that size."""
    said = []
    each = 2 * need.candidates_unrelated / need.documents
    if each > 100:
        said.append(
            f"each document would be compared with {each:,.0f} unrelated ones: more permutations, longer shingles or "
            "a higher threshold make that fewer"
        )
    if need.memory_least > need.memory:
        said.append(
            f"{_bytes(need.memory)} of memory will not do: the search takes {_bytes(need.memory_least)} all the while; "
            "allow that much with --memory"
        )
    elif need.memory_whole > need.memory:
        said.append(f"not everything fits into {_bytes(need.memory)}: the rest goes to disk, which costs time only")
    return said


def _step(step: Step, threshold: float) -> str:
    if step.similarity >= threshold:
        removed = _of_100(step.found).removesuffix(" of 100")
        words = f"{step.words_changed:6.1%}"
        return f"{step.similarity:10.2f} {_of_100(step.found):>23}   {removed:>7}   {words:>7}"
    return f"{step.similarity:10.2f} {_of_100(step.found):>23}   {'0':>7}   {step.words_changed:7.1%}"


def _plot(advice: Advice, plain: bool) -> list[str]:
    """Return the S-curve: share proposed (up) by similarity (right)."""
    lines = []
    for row in range(_HEIGHT, 0, -1):
        cells = (max(0.0, min(1.0, share * _HEIGHT - (row - 1))) for share in advice.curve)
        drawn = "".join("#" if plain and cell >= 0.5 else " " if plain else _BLOCKS[round(8 * cell)] for cell in cells)
        lines.append(f"{'100' if row == _HEIGHT else '':>4} |{drawn}")
    mark = round(advice.threshold * (_WIDTH - 1))
    return [*lines, f"   0 +{'-' * mark}^{'-' * (_WIDTH - 1 - mark)}", f"     0{'similarity':^{_WIDTH - 2}}1"]


def _needs(need: Need) -> list[str]:
    return [
        f"corpus               {need.documents:,} documents, {need.megabytes:,.0f} MB of text",
        f"compared             {_about(need.candidates_copies)} pairs of a text and its copy, assuming that "
        f"{COPIES:.0%} of the texts have one of similarity 0.5 to 1",
        f"                     {_about(need.candidates_unrelated)} pairs of unrelated texts, assuming English prose "
        "and news of 750 words",
        f"memory               {_bytes(need.memory)} allowed, {_bytes(need.memory_least)} needed all the while, "
        f"{_bytes(need.memory_whole)} when nothing goes to disk",
        f"disk                 {_bytes(need.disk)}, of it {_bytes(need.sketches)} of sketches",
    ]


def _of_100(share: float) -> str:
    """Return a share in words; what is not all never rounds to 100."""
    if share > 0.985:
        return f"{min(int(1000 * share) / 10, 99.9) if share < 1 else 100:g} of 100"
    return f"{100 * share:.{0 if share >= 0.01 else 1}f} of 100"


def _about(number: float) -> str:
    return f"{float(f'{number:.2g}'):,.0f}"


def _bytes(size: float) -> str:
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1e3:.0f} kB"
