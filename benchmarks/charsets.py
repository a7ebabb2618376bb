"""Detection of charsets: chardet, charset-normalizer and ourselves on files whose charset is known.

    python -m benchmarks.charsets --files FOLDER

FOLDER holds `<charset>[-<language>]/<file>`, such as chardet's test data. An answer is right when the text is,
whatever the charset is called. "bare" are whole files without what their heads declare; cuts are taken at random
places (seeded), from a line's start where there is one near, and hold at least one character above 7F.
charset-normalizer is not among our requirements: `pip install charset-normalizer`.
"""

from __future__ import annotations

import argparse
import codecs
import random
import re
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import chardet

from pipeline.errors import InputError
from pipeline.read import charsets, detection
from pipeline.settings import ReadSettings

SIZES = (100, 1_000, 10_000)
_DECLARED = re.compile(rb"(?:encoding|charset)\s*=\s*[\"']?[\w.:-]+[\"']?", re.IGNORECASE)
#: Without their byte order marks, which a piece from the middle of a file does not have.
_UNMARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
SETTINGS = ReadSettings()


class Sample(NamedTuple):
    """Bytes, what they say (one reading a codec: browsers and Python differ on Big5), and where they are from."""

    data: bytes
    texts: frozenset[str]
    name: str


class Answer(NamedTuple):
    """Text, or None where there was none, the confidence in it, and the charset."""

    text: str | None
    confidence: float
    charset: str


def main() -> None:
    """Print one table of right answers and one of what confidence is worth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=Path, required=True)
    parser.add_argument("--cuts", type=int, default=4, help="cuts a file and size")
    parser.add_argument("--wrong", action="store_true", help="list what we got wrong")
    given = parser.parse_args()
    whole = list(_files(given.files))
    if not whole:
        raise SystemExit(f"{given.files} holds no folders named by a charset: give such a folder to --files")
    sets = {"whole": whole, "bare": [_bare(sample) for sample in whole]}
    for size in SIZES:
        sets[f"{size:,} B"] = [cut for sample in whole for cut in _cuts(sample, size, given.cuts)]
    results = {
        name: {label: _asked(ask, samples) for label, samples in sets.items()} for name, ask in _contestants().items()
    }
    _print_right(sets, results)
    _print_confidence(results)
    if given.wrong:
        _print_wrong(sets, results["corpusmill"])


def ask_chardet(data: bytes) -> Answer:
    found = chardet.detect(data)
    return _read(data, found["encoding"] or "", found["confidence"])


def ask_us(data: bytes) -> Answer:
    try:
        found = charsets.decode(data, SETTINGS, markup=True)
    except InputError:
        return Answer(None, 0.0, "")
    # The evidence says "guessed" below `min_confidence`.
    number = re.search(r"confidence ([\d.]+)", found.evidence)
    return Answer(found.text, float(number[1]) if number else 1.0, found.charset)


def _contestants() -> dict[str, Callable[[bytes], Answer]]:
    try:
        from charset_normalizer import from_bytes
    except ImportError as error:
        raise SystemExit("charset-normalizer is missing: pip install charset-normalizer") from error

    def ask_normalizer(data: bytes) -> Answer:
        best = from_bytes(data).best()
        return _read(data, best.encoding, 1 - best.chaos) if best else Answer(None, 0.0, "")

    return {
        f"charset-normalizer {version('charset-normalizer')}": ask_normalizer,
        f"chardet {version('chardet')}": ask_chardet,
        "corpusmill": ask_us,
    }


def _read(data: bytes, charset: str, confidence: float) -> Answer:
    """Return the text as we would read it under that name, so that names and codecs do not count."""
    name = detection.fitting(data, detection.superset(charset)) if charset else ""
    return Answer(detection.text(data, name) if name else None, confidence, charset)


def _files(folder: Path) -> Iterator[Sample]:
    for path in sorted(folder.glob("*/*")):
        charset = _charset(path.parent.name)
        data = path.read_bytes()
        if charset and path.is_file() and data:
            yield Sample(data, _texts(data, charset), f"{path.parent.name}/{path.name}")


def _charset(name: str) -> str:
    """Return Python's name of the charset that a folder is named by; "" if there is none."""
    for label in (name, name.rpartition("-")[0]):
        try:
            return codecs.lookup(label).name
        except LookupError:
            continue
    return ""


def _texts(data: bytes, charset: str) -> frozenset[str]:
    """Return the text by the folder's own codec and by the one that the Encoding Standard reads it with."""
    readings = [data.decode(charset, errors="replace")]
    readings.append(detection.text(data, detection.fitting(data, detection.superset(charset))))
    return frozenset(reading.removeprefix("\ufeff") for reading in readings)


def _bare(sample: Sample) -> Sample:
    """Return the file with what its head declares blanked out; as it is in UTF-16, UTF-32 and where nothing is."""
    found = _DECLARED.search(sample.data[:1024])
    if not found:
        return sample
    data = sample.data.replace(found[0], b" " * len(found[0]))
    gone, blank = found[0].decode("ascii"), " " * len(found[0])
    return Sample(data, frozenset(text.replace(gone, blank) for text in sample.texts), sample.name)


def _cuts(sample: Sample, size: int, count: int) -> Iterator[Sample]:
    """Yield up to `count` pieces of at most `size` bytes, whole characters, of a file that is longer."""
    label = _charset(sample.name.partition("/")[0])
    charset = detection.fitting(sample.data, detection.superset(_UNMARKED.get(label, label)))
    text = detection.text(sample.data, "utf-16" if label == "utf-16" else charset).removeprefix("\ufeff")
    chosen = random.Random(f"{sample.name} {size}")
    given = 0
    for _ in range(12 * count if len(sample.data) > size else 0):
        at = chosen.randrange(len(text))
        start = text.rfind("\n", max(0, at - size), at) + 1 or at
        data = _first_bytes(text[start : start + size], charset, size)
        piece = data.decode(charset, errors="replace")
        if given < count and not piece.isascii() and text.startswith(piece, start):
            given += 1
            yield Sample(data, _texts(data, charset) | {piece}, sample.name)


def _first_bytes(text: str, charset: str, size: int) -> bytes:
    """Return the most characters that fit into `size` bytes; none where the codec does not go both ways."""
    try:
        while len(data := text.encode(charset)) > size:
            text = text[: min(len(text) - 1, len(text) * size // len(data))]
    except UnicodeEncodeError:
        return b""
    return data


def _asked(ask: Callable[[bytes], Answer], samples: list[Sample]) -> tuple[list[tuple[bool, Answer]], float]:
    """Return ((right, answer) of each sample, seconds a megabyte)."""
    began = time.perf_counter()
    answers = [ask(sample.data) for sample in samples]
    took = time.perf_counter() - began
    right = [
        answer.text is not None and answer.text.removeprefix("\ufeff") in sample.texts
        for answer, sample in zip(answers, samples, strict=True)
    ]
    return list(zip(right, answers, strict=True)), took / (sum(len(sample.data) for sample in samples) / 1e6)


Results = dict[str, dict[str, tuple[list[tuple[bool, Answer]], float]]]


def _print_right(sets: dict[str, list[Sample]], results: Results) -> None:
    print("\nRight texts, and seconds a megabyte\n")
    print("| |" + "".join(f" {label} ({len(samples)}) |" for label, samples in sets.items()))
    print("|---|" + "---|" * len(sets))
    for name, by_set in results.items():
        cells = (f" {_share([right for right, _ in found]):.1%}, {pace:.2f} s |" for found, pace in by_set.values())
        print(f"| {name} |" + "".join(cells))


def _print_confidence(results: Results) -> None:
    """Print the share of answers, and of those the wrong ones, below and from `min_confidence` on."""
    print(f"\nConfidence: share of answers / wrong among them, below and from {SETTINGS.min_confidence} on\n")
    labels = list(next(iter(results.values())))
    print("| |" + "".join(f" {label} |" for label in labels) + "\n|---|" + "---|" * len(labels))
    bound = SETTINGS.min_confidence
    ranges = [(0.0, bound), (bound, 2.0), *pairwise((0.0, bound / 2, bound, 0.2, 0.3, 0.5, 0.9, 2.0))]
    for name, by_set in results.items():
        for low, high in ranges:
            row = []
            for found, _ in by_set.values():
                some = [right for right, answer in found if low <= answer.confidence < high]
                row.append(f" {len(some) / len(found):.1%} / {1 - _share(some):.1%} |" if some else " – |")
            print(f"| {name}, {low:.2f}–{min(high, 1):.2f} |" + "".join(row))


def _print_wrong(sets: dict[str, list[Sample]], by_set: dict[str, tuple[list[tuple[bool, Answer]], float]]) -> None:
    for label, (found, _) in by_set.items():
        for sample, (right, answer) in zip(sets[label], found, strict=True):
            if not right:
                print(f"{label}: {sample.name} read as {answer.charset or 'nothing'} ({answer.confidence:.2f})")


def _share(right: list[bool]) -> float:
    return sum(right) / len(right) if right else 0.0


if __name__ == "__main__":
    main()
