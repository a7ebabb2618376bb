"""Whatever a text holds, it comes out as text: a parser finds no element in it, and nothing unseen is left unseen."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.markup import Html, cut, shown, tag, together

HOSTILE = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "</bdi></script><img src=x onerror=alert(1)>",
        "\u202egpj.exe",
        '" onclick="x',
        "&lt;b&gt;",
    ]
)


class Read(HTMLParser):
    """Elements, attributes and text as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@given(HOSTILE)
def test_a_text_stays_a_text(text: str) -> None:
    read = Read(shown(text, 10_000))
    assert set(read.elements) <= {"bdi", "span"} and read.elements[0] == "bdi"
    assert set(read.attributes) <= {("class", "unseen")}
    visible = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf"))
    rest = iter(read.text)
    assert all(char in rest for char in visible)  # in this order, with the numbers of the others in between


@given(HOSTILE, HOSTILE)
def test_attributes_and_children_are_escaped(value: str, child: str) -> None:
    read = Read(tag("p", child, title=value, data_of=value))
    assert read.elements[0] == "p" and set(read.elements[1:]) <= {"span"}
    assert [name for name, _ in read.attributes[:2]] == ["title", "data-of"]
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    assert read.attributes[0][1] in (value, plain)


def test_what_is_done_to_html_makes_it_a_text_again() -> None:
    bold = tag("b", "x")
    assert together(bold, "<") == "<b>x</b>&lt;"
    assert together(f"{bold}") == together(bold + "") == "&lt;b&gt;x&lt;/b&gt;"
    assert isinstance(together(bold), Html)


def test_what_is_no_or_nothing_is_left_out_and_zero_is_not() -> None:
    assert tag("p", None, 0, hidden=False, id=None, tabindex=0, open=True) == '<p tabindex="0" open>0</p>'


def test_controls_of_direction_are_shown() -> None:
    assert shown("a\u202eb") == '<bdi>a<span class="unseen">U+202E</span>b</bdi>'
    assert shown("می\u200cخواهم") == "<bdi>می\u200cخواهم</bdi>"  # a joiner is part of the word


def test_a_long_text_is_cut() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"
