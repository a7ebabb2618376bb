"""Which lines others would drop: ourselves and peers on the same labelled lines.

`python -m benchmarks.boilerplate_peers LABELLED.jsonl…` prints a table. jusText and trafilatura are needed here
only, see INSTALL. Every adapter takes the lines of one document, in order, and tells which go.
The peers were made for other tasks: C4's, Gopher's, FineWeb's and RefinedWeb's rules choose pages for training,
jusText and trafilatura see the HTML first. What is measured is what their rules give on text that has lost it.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrow import numbers, run_starts
from pipeline.evaluate.boilerplate import Scores, score, scores_of
from pipeline.evaluate.labelled import Labelled, read
from pipeline.evaluate.stripping import Rule, dropped
from pipeline.settings import Settings

#: Tells for the lines of one document, and its language, which are dropped.
Peer = Callable[[Sequence[str], str], list[bool]]

INSTALL = "pip install justext trafilatura lxml_html_clean"
BY_PEER = Rule("peer", "peer", "")
#: Names that jusText gives its stop lists.
LISTS = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ko": "Korean", "nl": "Dutch", "no": "Norwegian_Bokmal", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese",
}  # fmt: skip
STOPS = tuple('.!?…。！？؟।"”’»“」)')


def naive(lines: Sequence[str], _language: str) -> list[bool]:
    """Fewer than ten words and no closing punctuation."""
    return [len(line.split()) < 10 and not line.rstrip().endswith(STOPS) for line in lines]


class Line:
    """What jusText's classifier asks of a paragraph; text has no links, tags or headings."""

    dom_path, chars_count_in_links, is_heading = "", 0, False

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())

    def __len__(self) -> int:
        return len(self.text)

    def stopwords_density(self, stoplist: frozenset[str]) -> float:
        """Return the share of stop words."""
        words = self.text.lower().split()
        return sum(word in stoplist for word in words) / len(words) if words else 0.0

    def links_density(self) -> float:
        """Return the share of characters in links."""
        return 0.0


def justext(lines: Sequence[str], language: str) -> list[bool]:
    """Length, stop words, smoothing, as jusText 3; without a stop list its language-independent way."""
    from justext import core

    stops = _stop_list(language)
    paragraphs: list[Any] = [Line(line) for line in lines]
    if stops:
        core.classify_paragraphs(paragraphs, stops)
    else:
        core.classify_paragraphs(paragraphs, frozenset(), stopwords_low=0.0, stopwords_high=0.0)
    core.revise_paragraph_classification(paragraphs)
    return [paragraph.class_type != "good" for paragraph in paragraphs]


@cache
def _stop_list(language: str) -> frozenset[str]:
    from justext import get_stoplist, get_stoplists

    name = LISTS.get(language, "")
    return frozenset(get_stoplist(name)) if name in get_stoplists() else frozenset()


def trafilatura(lines: Sequence[str], _language: str) -> list[bool]:
    """The `textfilter` of trafilatura 2, and its `duplicate_test` over all documents in order."""
    from lxml.etree import Element
    from trafilatura.deduplication import duplicate_test
    from trafilatura.utils import textfilter

    gone = []
    for line in lines:
        element = Element("p")
        element.text = re.sub("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]", "", line)
        gone.append(bool(textfilter(element) or duplicate_test(element, _extractor())))
    return gone


@cache
def _extractor() -> Any:
    from trafilatura.deduplication import LRUCache
    from trafilatura.settings import LRU_SIZE, Extractor

    return Extractor(dedup=LRUCache(maxsize=LRU_SIZE))


_POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def c4(lines: Sequence[str], _language: str) -> list[bool]:
    """C4 (Raffel et al. 2020, as in TFDS): end mark, five words, no javascript, no policy; lorem ipsum: the page."""
    if any("lorem ipsum" in line.lower() for line in lines):
        return [True] * len(lines)
    return [not _c4_keeps(line.strip()) for line in lines]


def _c4_keeps(line: str) -> bool:
    lower = line.lower()
    ends = line.endswith((".", "?", "!", '"')) and not line.endswith("...")
    return ends and len(line.split()) >= 5 and "javascript" not in lower and not any(one in lower for one in _POLICIES)


def gopher_marks(lines: Sequence[str], _language: str) -> list[bool]:
    """Gopher (Rae et al. 2021): begins with a bullet or ends with an ellipsis, which it counts over a page."""
    return [_marked(line.strip()) for line in lines]


def _marked(line: str) -> bool:
    return line.startswith(("•", "‣", "▶", "►", "*", "-", "–", "●")) or line.endswith(("...", "…"))


def gopher(lines: Sequence[str], _language: str) -> list[bool]:
    """Gopher's page rules, each line taken as a page, without the least of 50 words and the stop words."""
    return [_marked(line.strip()) or _gopher_drops(line) for line in lines]


def _gopher_drops(line: str) -> bool:
    words = line.split()
    symbols = line.count("#") + line.count("...") + line.count("…")
    mean = sum(map(len, words)) / max(len(words), 1)
    letters = sum(any(map(str.isalpha, word)) for word in words)
    return not 3 <= mean <= 10 or symbols > 0.1 * len(words) or letters < 0.8 * len(words)


def fineweb(lines: Sequence[str], _language: str) -> list[bool]:
    """FineWeb (Penedo et al. 2024), rules of its own on lines; they take or leave the page as a whole."""
    punctuated = sum(line.rstrip().endswith(STOPS) for line in lines) / len(lines)
    short = sum(len(line) <= 30 for line in lines) / len(lines)
    chars = sum(map(len, lines))
    repeated = (chars - sum(map(len, set(lines)))) / max(chars, 1)
    return [punctuated <= 0.12 or short >= 0.67 or repeated >= 0.1] * len(lines)


_COUNTER = re.compile(r"[\d.,]+[km]?\s+(?:likes?|shares?|comments?|retweets?|reposts?|quotes?|bookmarks?|upvotes?"
                      r"|downvotes?|downloads?|views?|followers?)", re.IGNORECASE)  # fmt: skip
_REFINED = re.compile(r"^sign-in|read more\.\.\.$|items in cart", re.IGNORECASE)


def refinedweb(lines: Sequence[str], _language: str) -> list[bool]:
    """RefinedWeb (Penedo et al. 2023, G.2): capitals, figures, counters, single words, three phrases."""
    return [_refined_drops(line.strip()) for line in lines]


def _refined_drops(line: str) -> bool:
    words, letters = line.split(), [char for char in line if char.isalpha()]
    capitals = sum(map(str.isupper, letters)) > 0.5 * len(letters)
    phrase = len(words) <= 10 and _REFINED.search(line) is not None
    return capitals or not letters or len(words) <= 1 or phrase or _COUNTER.fullmatch(line) is not None


PEERS: dict[str, Peer] = {
    "jusText, on text": justext,
    "trafilatura, text filters": trafilatura,
    "C4 line rules": c4,
    "Gopher, line marks": gopher_marks,
    "Gopher, a line as a page": gopher,
    "FineWeb, whole pages": fineweb,
    "RefinedWeb line rules": refinedweb,
    "naive: under 10 words, no stop": naive,
}


class Row(NamedTuple):
    """One line of the table."""

    name: str
    scores: Scores
    megabytes_a_second: float


def judged_by(peer: Peer, labelled: Labelled) -> list[Rule | None]:
    """Return for every line whether the peer drops it."""
    texts = labelled.paragraphs["text"].to_pylist()
    starts = run_starts(numbers(labelled.paragraphs["doc"])).tolist()
    docs = numbers(labelled.paragraphs["doc"]).tolist()
    gone = [drop for start, end in pairwise(starts) for drop in peer(texts[start:end], labelled.languages[docs[start]])]
    return [BY_PEER if drop else None for drop in gone]


def repeated(labelled: Labelled, megabytes: float) -> Labelled:
    """Return the documents over and over until their lines are so many megabytes: to time them."""
    times = max(1, round(megabytes * 1e6 / _bytes(labelled)))
    n = labelled.documents.num_rows
    return Labelled(
        pa.concat_tables([_moved(labelled.documents, time * n) for time in range(times)]).combine_chunks(),
        pa.concat_tables([_moved(labelled.paragraphs, time * n) for time in range(times)]).combine_chunks(),
        np.tile(labelled.labels, times),
        labelled.languages * times,
    )


def _moved(table: pa.Table, by: int) -> pa.Table:
    docs = numbers(table["doc"]) + by
    for name, values in (("doc", docs), ("doc_id", docs.astype(str))):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(values))
    return table


def _bytes(labelled: Labelled) -> int:
    return sum(len(text.encode()) for text in labelled.paragraphs["text"].to_pylist())


def speed(work: Callable[[Labelled], object], labelled: Labelled) -> float:
    """Return megabytes a second, the best of two."""
    took = []
    for _ in range(2):
        began = time.perf_counter()
        work(labelled)
        took.append(time.perf_counter() - began)
    return _bytes(labelled) / 1e6 / min(took)


def ourselves(labelled: Labelled, timed: Labelled) -> Row:
    settings = Settings()
    rate = speed(lambda some: dropped(some.documents, some.paragraphs, settings.boilerplate), timed)
    return Row("corpusmill", score(labelled, settings), rate)


def of_peer(name: str, labelled: Labelled, timed: Labelled) -> Row:
    _extractor.cache_clear()  # trafilatura remembers what it has seen
    scores = scores_of(labelled, judged_by(PEERS[name], labelled))
    return Row(name, scores, speed(lambda some: judged_by(PEERS[name], some), timed))


def table(rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    lines = ["| | precision | recall | F1 | article characters lost | article lines lost | MB/s |",
             "|---|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    for name, scores, rate in rows:
        n = scores.all
        figures = f"{n.precision:.3f} | {n.recall:.3f} | {n.f1:.3f} | {n.lost:.2%} | {n.wrong_share:.2%} | {rate:.1f}"
        lines.append(f"| {name} | {figures} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Score ourselves and peers on labelled lines.")
    parser.add_argument("labelled", nargs="+", type=Path)
    parser.add_argument("--megabytes", type=float, default=4.0, help="text to time on, the lines repeated")
    chosen = parser.parse_args(arguments)
    refuse_missing()
    for path in chosen.labelled:
        labelled = read([path])
        timed = repeated(labelled, chosen.megabytes)
        print(f"\n{path.name}: {labelled.documents.num_rows} documents\n")
        print(table([ourselves(labelled, timed), *(of_peer(name, labelled, timed) for name in PEERS)]))


def refuse_missing() -> None:
    """Try every peer, so that a package that is missing is known before minutes have passed."""
    for name, peer in PEERS.items():
        try:
            peer(["A line."], "en")
        except ImportError as error:
            sys.exit(f"{name}: it cannot be imported ({error}); run {INSTALL} to compare with it")


if __name__ == "__main__":
    main(sys.argv[1:])
