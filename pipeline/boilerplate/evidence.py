"""What the evidence on a recurring paragraph amounts to: is it the site's own, or may it be text?

In doubt it stays. A site's own stands at the edge, with nothing but the site's own beyond it; text
that recurs (a standing introduction, a refrain, a prayer, speech, a heading) does not.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.settings import BoilerplateSettings

#: Share of the occurrences that must stand at the edge of their documents.
EDGE = 0.9
#: Share of the occurrences beyond which only what recurs must stand. Not all: footers hold
#: "previous: …" lines that are new each time.
OUTERMOST = 0.5
#: A sentence that names neither the site nor an address must close this share of the site's documents.
UNMARKED_SHARE = 0.5
#: Occurrences a document from which a line repeats within documents, as refrains do.
REPEATS = 1.5
#: A line of more words is no label even without a full stop.
LABEL_WORDS = 15

_SPEECH = re.compile('^[\\s—–-]*["“”„«»‹›‘‚「『]|^\\s*[—–]')
_ADDRESS = re.compile(r"https?://|www\.|\w@\w|\w\.(?:com|org|net|info|example)\b|[©®™]|\+\d[\d ()-]{6,}", re.IGNORECASE)
_NUMBERED = re.compile(r"^\w+ 0$")


class Case(NamedTuple):
    """The evidence on one rule."""

    text: str  #: as first found
    masked: str
    site: str
    kind: str  #: wording (one or near ones), opening (lines that begin alike)
    words: int
    sentence: bool  #: ends as a sentence does
    documents: int
    bodies: int
    site_documents: int
    site_bodies: int
    site_days: int  #: distinct dates of the site's documents
    occurrences: int
    head: int
    tail: int
    first: int  #: occurrences before which nothing but what recurs stands
    last: int  #: occurrences after which nothing but what recurs stands
    days: int  #: distinct dates; 0 where documents have none
    wordings: int

    @property
    def share(self) -> float:
        """Share of the site's documents, copies counted once."""
        return min(1.0, self.bodies / max(self.site_bodies, 1))


def decide(case: Case, settings: BoilerplateSettings) -> tuple[str, str]:
    """Return (decision, reason): decision is learned or kept."""
    why = _unsupported(case, settings) or _textual(case)
    if why:
        return "kept", why
    if case.kind == "wording" and _marked(case) and _is_label(case):
        return "learned", "names the site or an address"
    return _by_place(case)


def evidence(case: Case) -> str:
    """Return the counts in words, for the ledger."""
    places = [f"{n} at the {name}" for n, name in ((case.head, "head"), (case.tail, "tail")) if n]
    forms = [f"in {case.wordings} wordings"] if case.wordings > 1 else []
    return ", ".join([f"on {case.documents} of {case.site_documents} documents of {case.site}", *places, *forms])


def _unsupported(case: Case, settings: BoilerplateSettings) -> str:
    if case.bodies < settings.learned_documents or case.share < settings.learned_share:
        if case.bodies < case.documents / 2:
            return "its documents are copies of each other"
        return "on too few documents that are no copies of each other"
    if case.days == 1 < case.site_days:
        return "all of one day: it may be news"
    return ""


def _textual(case: Case) -> str:
    """Return why the line may be text whatever its place."""
    if case.words < 2:
        return "one word: amen, refrain and the like stand alone too"
    if _SPEECH.search(case.text):
        return "speech or a quotation"
    if case.kind == "wording" and case.occurrences >= REPEATS * case.documents:
        return "repeats within documents, as a refrain does"
    if case.text.strip().count("\n") >= 2 and not _marked(case):
        return "verse: several lines that name neither the site nor an address"
    return ""


def _by_place(case: Case) -> tuple[str, str]:
    closes = case.tail >= EDGE * case.occurrences and case.last >= OUTERMOST * case.occurrences
    opens = case.head >= EDGE * case.occurrences and case.first >= OUTERMOST * case.occurrences
    edge = case.head + case.tail >= EDGE * case.occurrences
    if case.kind == "opening":
        return _by_opening(case, closes)
    if closes and _is_label(case):
        return "learned", "a label at the tail"
    if closes:
        return _closing_text(case)
    if not _is_label(case):
        return "kept", "text at the head or within: it may be a standing introduction"
    if opens and _NUMBERED.search(case.masked):
        return "kept", "a numbered heading"
    if opens or (edge and case.first + case.last >= OUTERMOST * case.occurrences):
        return "learned", "a label at the edge"
    return "kept", "a label within the text: it may be a heading"


def _by_opening(case: Case, closes: bool) -> tuple[str, str]:
    """Lines of a poem may begin alike too, so nearly all documents must close with one, or it names the site."""
    if closes and _is_label(case) and (_marked(case) or case.share >= UNMARKED_SHARE):
        return "learned", "labels at the tail that begin alike"
    return "kept", "lines that only begin alike"


def _closing_text(case: Case) -> tuple[str, str]:
    if _marked(case):
        return "learned", "text at the tail that names the site or an address"
    if case.share >= UNMARKED_SHARE:
        return "learned", "text that closes most documents"
    return "kept", "text at the tail that names neither the site nor an address"


def _is_label(case: Case) -> bool:
    return case.words <= LABEL_WORDS and not case.sentence


def _marked(case: Case) -> bool:
    """Tell whether the line names its site (`Arlen Courier` on arlencourier.example) or holds an address."""
    if _ADDRESS.search(case.text):
        return True
    name = "".join(filter(str.isalnum, case.site.rsplit("/", 1)[-1].split(".")[0]))
    return len(name) >= 4 and name in case.masked.replace(" ", "")
