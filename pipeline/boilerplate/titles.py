"""Titles: the headline goes into its column, its repeats and the name of the site go away."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import arrow
from pipeline.boilerplate.body import BODY_CHARS, Mask, ends_sentence, folded, is_body
from pipeline.boilerplate.rules import Rules

Ints = npt.NDArray[np.int64]

#: More words than any headline has.
MAX_WORDS = 30
#: Longest mark of a Markdown heading with the spaces around it.
MARKS_CHARS = 16
#: How far behind a headline running text must begin: a standfirst and a city may stand between.
REACH = 3
#: Shortest headline, in characters, of a script without spaces, and of one with them.
MIN_CHARS = 4
#: A site's name has at most this many words, and leaves at least so many of the title.
SITE_WORDS, TITLE_WORDS = 6, 3

_SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
#: A list item or a note; a caption; a line that breaks off; a quotation, whole or not closed; two sentences.
_NO_HEADLINE = (
    r"^(?:[Ss]ymbol|[Aa]rchiv|[Tt]itel)?(?:[Ff]oto|[Bb]ild|Photo|Image|Imagen|Fot\.)s?\s?:|"
    r"^\s*(?:[-–—•·*▪►(\[]|\d+[.)]\s)|[,;:、，；：–—-][\"'”’»]?\s*$"
    r"|^\"[^\"]*\"?$|^“[^”]*”?$|^\"[^\"]*(?:\"[^\"]*\"[^\"]*)*$|^«[^»]*»?$|^„[^“”]*[“”]?$|^‘[^’]*’$|^'[^']*'?$"
    r"|\p{Ll}{4,}[.!?]\s+\p{Lu}"
)
#: A paragraph that goes on where the one before it broke off.
_CONTINUED = r"^[\p{Ll},;:]"
_MARKDOWN = r"^\s*#{1,6}\s+"
_TAIL = r"^(?P<title>.*\S)(?P<mark>\s+[|–—•·»-]\s+|\s*::\s*|\s*\|\s*)(?P<site>[^|–—•·»]+)$"
#: Characters of a title that is looked at; on a run of spaces `_TAIL` takes time with its square.
_LONGEST = 1000
#: Labels of a host that stand for no name, as in `example.co.uk` or `www.example.com`.
_NO_NAME = frozenset({"www", "m", "amp", "mobile", "co", "com", "org", "net", "gov", "ac", "edu", "news", "blog"})


class Titles(NamedTuple):
    """What `headlines` found: one title and site per document, and what that removes and changes."""

    title: pa.Array
    site: pa.Array
    verdicts: pa.Table
    edits: pa.Table


class _Leads(NamedTuple):
    """Where each document's paragraphs begin and end among the rows of the paragraph table that are left."""

    text: pa.Array
    rows: Ints
    start: Ints
    end: Ints

    def of(self, docs: Ints) -> _Leads:
        """Return where the paragraphs of some documents are."""
        return self._replace(start=self.start[docs], end=self.end[docs])


def headlines(documents: pa.Table, paragraphs: pa.Table, rules: Rules, rows: Ints | None = None) -> Titles:
    """Find the title of every document, and the paragraphs that only repeat it.

    documents: `doc`, `title`, `site`, `url` (schema RAW), n rows; paragraphs: schema PARAGRAPHS, ordered by `doc`,
    `position`. rows: those that are left after the drops of `judge`, ascending; None: all of them. Only the
    first few of a document are looked at, so none is copied for it.
    Returns title and site (string, length n, null where there is none; a given site stays); verdicts `row` (int64,
    index into `rows`) and `rule`: "title" for a headline lifted into the column,
    "title-repeated" for leading repeats of it; edits `doc` (int64, index into `documents`), `rule`
    "title-site-tail", `text`, `after`. The last paragraph of a document always stays, so does a
    sentence that is also the title. On its own result it changes nothing more.
    """
    leads = _leads(documents, paragraphs, np.arange(paragraphs.num_rows) if rows is None else rows)
    given = _cleaned(documents["title"])
    lifted = np.zeros(documents.num_rows, dtype=bool)
    if not rules.off & {"title", "titles"}:
        lifted = _liftable(leads, given)
    docs = np.flatnonzero(lifted)
    first = pc.replace_substring_regex(_at(leads.of(docs), leads.start[docs]), _MARKDOWN, "").cast(pa.string())
    full = arrow.put(given, docs, pc.utf8_trim_whitespace(first))
    title, site, edits = _without_sites(full, documents, rules)
    repeats = np.array([], dtype=np.int64)
    if not rules.off & {"title-repeated", "titles"}:
        repeats = _repeats(leads, lifted, (full, title))
    return Titles(title, site, _verdicts(leads.start[lifted], repeats), edits)


def _leads(documents: pa.Table, paragraphs: pa.Table, rows: Ints) -> _Leads:
    doc, wanted = arrow.numbers(paragraphs["doc"])[rows], arrow.numbers(documents["doc"])
    start, end = np.searchsorted(doc, wanted, "left"), np.searchsorted(doc, wanted, "right")
    return _Leads(arrow.one_chunk(paragraphs["text"]), rows, start, end)


def _cleaned(title: Any) -> pa.Array:
    """White space collapsed; empty becomes null."""
    one = title.combine_chunks() if isinstance(title, pa.ChunkedArray) else title
    text = pc.utf8_trim_whitespace(pc.replace_substring_regex(one.cast(pa.string()), r"\s+", " "))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _at(leads: _Leads, places: Ints) -> pa.Array:
    """Return the paragraph at each document's place, "" where that is beyond the document."""
    rows = pa.array(leads.rows).take(pa.array(places, mask=places >= leads.end))
    return pc.fill_null(leads.text.take(rows), "")


def _liftable(leads: _Leads, given: pa.Array) -> Mask:
    """Tell which documents without a title begin with a headline."""
    short = arrow.string_lengths(_at(leads, leads.start)) <= BODY_CHARS + MARKS_CHARS
    few = np.flatnonzero(given.is_null().to_numpy(zero_copy_only=False) & (leads.end - leads.start >= 2) & short)
    some = leads.of(few)
    first = _at(some, some.start)
    following, repeated = _behind(some, first)
    looks = np.flatnonzero(_looks_like_headline(first, repeated))
    follows = _prose_follows(some.of(looks), first.take(pa.array(looks)), following[looks])
    lifted = np.zeros(len(given), dtype=bool)
    lifted[few[looks[follows]]] = True
    return lifted


def _behind(leads: _Leads, first: pa.Array) -> tuple[Ints, Mask]:
    """Return (place of the first paragraph that does not repeat `first`, whether any does)."""
    places, key = leads.start + 1, folded(first)
    same = np.ones(len(places), dtype=bool)
    while same.any():
        same &= _true(pc.equal(folded(_at(leads, places)), key)) & (places < leads.end)
        places = places + same
    return places, places > leads.start + 1


def _looks_like_headline(text: pa.Array, repeated: Mask) -> Mask:
    markdown = _match(text, _MARKDOWN)
    plain = pc.replace_substring_regex(text, _MARKDOWN, "")
    words = _numbers(pc.count_substring_regex(plain, r"\S+"))
    chars = arrow.string_lengths(plain)
    size = (words >= 2) | (_match(plain, _SPACELESS) & (chars >= MIN_CHARS))
    size &= (words <= MAX_WORDS) & (chars <= BODY_CHARS) & ~_match(text, "\n") & _match(plain, r"\pL")
    questions = _match(plain, "[?!？！؟][\"'“”‘’»)」』]*$") & (markdown | repeated)
    ends = ends_sentence(plain) & ~questions
    return np.asarray(size & ~ends & (markdown | ~_match(plain, _NO_HEADLINE)), dtype=bool)


def _prose_follows(leads: _Leads, first: pa.Array, following: Ints) -> Mask:
    """Running text, longer than the headline, begins within REACH paragraphs behind its repeats."""
    found = np.zeros(len(following), dtype=bool)
    left = np.flatnonzero(~_match(_at(leads, following), _CONTINUED))
    least = arrow.string_lengths(first)
    for step in range(REACH):
        text = _at(leads.of(left), following[left] + step)
        here = is_body(text) & (arrow.string_lengths(text) > least[left])
        found[left[here]] = True
        left = left[~here]
    return found


def _repeats(leads: _Leads, lifted: Mask, titles: tuple[pa.Array, pa.Array]) -> Ints:
    """Return the places of leading paragraphs that say the title again, whole or without its site."""
    keys = [pc.fill_null(folded(title), "") for title in titles]
    places = leads.start + lifted
    docs = np.flatnonzero(_true(pc.not_equal(keys[0], "")) | _true(pc.not_equal(keys[1], "")))
    found: list[Ints] = [np.array([], dtype=np.int64)]
    while len(docs):
        docs = docs[places[docs] < leads.end[docs] - 1]
        text = _at(leads.of(docs), places[docs])
        said = folded(text).cast(pa.string())
        one, other = (pc.equal(said, key.take(pa.array(docs))) for key in keys)
        same = np.flatnonzero(_true(pc.or_(one, other)) & _true(pc.not_equal(said, "")))
        docs = docs[same[~is_body(text.take(pa.array(same)))]]
        found.append(places[docs])
        places[docs] += 1
    return np.concatenate(found)


def _verdicts(lifted: Ints, repeats: Ints) -> pa.Table:
    rows = np.concatenate([lifted, repeats])
    names = np.array(["title"] * len(lifted) + ["title-repeated"] * len(repeats), dtype=object)
    order = np.argsort(rows, kind="stable")
    return pa.table({"row": pa.array(rows[order], pa.int64()), "rule": pa.array(names[order], pa.string())})


def _without_sites(full: pa.Array, documents: pa.Table, rules: Rules) -> tuple[pa.Array, pa.Array, pa.Table]:
    """Cut site names off titles; only titles with a dash or bar are looked at one by one."""
    titles, sites = full.to_pylist(), _cleaned(documents["site"]).to_pylist()
    edits: list[tuple[int, str, str]] = []
    few = [] if rules.off & {"title-site-tail", "titles"} else np.flatnonzero(_match(full, _TAIL)).tolist()
    urls = documents["url"].take(pa.array(few, pa.int64())).to_pylist()
    for doc, url in zip(few, urls, strict=True):
        before = titles[doc]
        titles[doc], sites[doc] = cut_site(before, url, sites[doc], rules.site_tails)
        if titles[doc] != before:
            edits.append((doc, before, titles[doc]))
    columns = list(zip(*edits, strict=True)) or [(), (), ()]
    table = pa.table(
        {
            "doc": pa.array(columns[0], pa.int64()),
            "rule": pa.array(["title-site-tail"] * len(edits), pa.string()),
            "text": pa.array(columns[1], pa.string()),
            "after": pa.array(columns[2], pa.string()),
        }
    )
    return pa.array(titles, pa.string()), pa.array(sites, pa.string()), table


def cut_site(title: str, url: str | None, site: str | None, tails: tuple[str, ...]) -> tuple[str, str | None]:
    """Return (title without the site names at its end, the given site or the last name cut).

    tails: patterns of site names. A tail that equals the url's domain name or the given site is
    one, too. Tails are cut until none is left: `Dam holds – Local News | Arlen Courier` loses both.
    """
    if len(title) > _LONGEST:
        return title, site
    while (found := re.match(_TAIL, title)) is not None:
        tail, rest = found["site"].strip(), found["title"].strip()
        if len(tail.split()) > SITE_WORDS or len(rest.split()) < TITLE_WORDS:
            break
        named = tail == site or _is_domain(tail, url) or any(_match(pa.array([tail]), pattern)[0] for pattern in tails)
        if not named:
            break
        title, site = rest, site or tail
    return title, site


def _is_domain(tail: str, url: str | None) -> bool:
    host = re.match(r"^(?:[a-z]+:)?//(?:[^/@]*@)?([^/:?#]+)", (url or "").lower())
    labels = [label for label in host[1].split(".")[:-1] if label not in _NO_NAME] if host else []
    squeezed = re.sub(r"[\W_]+", "", tail.lower())
    name = re.sub(r"[\W_]+", "", labels[-1]) if labels else ""
    return bool(name) and name in (squeezed, squeezed.removeprefix("the"))


def _match(text: Any, pattern: str) -> Mask:
    return _true(pc.match_substring_regex(text, pattern))


def _true(mask: Any) -> Mask:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=bool)


def _numbers(values: Any) -> Ints:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.int64)
