"""The adapters of peers that need no package, on lines whose fate their papers say."""

from __future__ import annotations

import pytest

from benchmarks import boilerplate_peers as peers
from tests.floors import LABELLED

SENTENCE = "The bridge was closed for three days."


@pytest.mark.parametrize(
    ("peer", "line", "expected"),
    [
        (peers.naive, "Home", True),
        (peers.naive, SENTENCE, False),
        (peers.naive, "one two three four five six seven eight nine ten", False),
        (peers.c4, SENTENCE, False),
        (peers.c4, SENTENCE.rstrip("."), True),
        (peers.c4, "It was closed.", True),
        (peers.c4, "Then the bridge was closed...", True),
        (peers.c4, "Please enable Javascript to see this page.", True),
        (peers.c4, "We have changed our privacy policy this week.", True),
        (peers.gopher_marks, "• Milk", True),
        (peers.gopher_marks, SENTENCE, False),
        (peers.gopher, "12 34 56", True),
        (peers.gopher, "#one two three", True),
        (peers.gopher, SENTENCE, False),
        (peers.refinedweb, "SIGN IN OR JOIN", True),
        (peers.refinedweb, "1.204", True),
        (peers.refinedweb, "3 likes", True),
        (peers.refinedweb, "Home", True),
        (peers.refinedweb, "Sign-in or register", True),
        (peers.refinedweb, SENTENCE, False),
    ],
)
def test_line(peer: peers.Peer, line: str, expected: bool) -> None:
    assert peer([line], "en") == [expected]


def test_lorem_ipsum_takes_the_page_from_c4() -> None:
    assert peers.c4([SENTENCE, "Lorem ipsum dolor sit amet."], "en") == [True, True]


def test_fineweb_takes_or_leaves_the_page() -> None:
    long = f"{SENTENCE} Nobody had expected that, least of all the mayor."
    other = "A ferry carried people across until the evening of the third day."
    assert peers.fineweb([long, other], "en") == [False, False]
    assert peers.fineweb(["Home", "News", "Sport"], "en") == [True, True, True]


def test_a_missing_package_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_lines: object, _language: str) -> list[bool]:
        raise ImportError("No module named 'justext'")

    monkeypatch.setitem(peers.PEERS, "jusText, on text", missing)
    with pytest.raises(SystemExit, match="run pip install justext"):
        peers.main([str(LABELLED), "--megabytes", "0"])
