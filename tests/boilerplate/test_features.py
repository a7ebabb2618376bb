from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boilerplate.feature_names import NAMES
from pipeline.boilerplate.features import features
from pipeline.boilerplate.live import candidates, forms, is_prose
from pipeline.kernels import lines as chars
from tests.boilerplate.tables import paragraphs

PROSE = (
    "The river had been rising since noon, and nobody in the lower town of Arlen slept that night, not even the cats."
)


def of(texts: list[str], row: int, gone: tuple[int, ...] = ()) -> dict[str, float]:
    mask = np.zeros(len(texts), bool)
    mask[list(gone)] = True
    found = features(paragraphs([texts]), mask)
    values = found.values[found.rows.tolist().index(row)]
    return dict(zip(NAMES, values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Log in | Sign up", "separators", 1),
        ("Dam at Arlen Holds", "capitalised", 0.75),
        ("Dam at Arlen Holds", "words", 4),
        ("the weir", "small", 1),
        ("3 of 4", "numeric", 2 / 3),
        ("DAM", "upper", 1),
        ("by Ada on May 3, 14:30", "clocks", 1),
        ("by Ada on May 3, 14:30", "calendar", 1),
        ("write to ada@example.org", "at", 1),
        ("see www.example.org", "dots", 2),
        ("ArlenHarbourIsland", "joined", 2),
        ("Rain. Then sun", "inner_stops", 1),
        ("und der Fluss", "function", 2 / 3),
        ("Teilen Drucken Kommentare", "interface", 3),
        ("Photo: Ada", "credit", 1),
        ("«Why?»", "quotes", 2),
        ("Dam – a report", "dashes", 1),
        ("Ärger über Öl", "chars", 13),
        ("Ärger über Öl", "longest", 5),
        ("水が来た", "words", 1),
        ("a, b, c", "commas", 2),
        ("50%", "symbols", 1 / 3),
        ("2023", "digits", 1),
        ("Who?)", "end", chars.ASKS),
        ("You need:", "end", chars.COLON),
        ("• saw", "first", chars.SEPARATOR),
        ("“Rain”", "end", chars.LOWER),
        ("", "words", 0),
        ("   ", "end", chars.CLOSER),
    ],
)
def test_what_a_line_is_made_of(text: str, name: str, value: float) -> None:
    assert of([text], 0)[name] == pytest.approx(value)


def test_where_a_line_stands() -> None:
    texts = ["Home", "Share", PROSE, "A heading", PROSE, "Home", "Contact", "Jobs"]
    head, heading, foot = of(texts, 0, (1,)), of(texts, 3), of(texts, 6, (5,))
    assert (head["prose_before"], head["prose_after"], head["gone_after"], head["to_prose_after"]) == (0, 2, 1, 1)
    assert (heading["run"], heading["prose_near"], heading["to_prose_before"]) == (1, 2, 1)
    assert (foot["gone_before"], foot["from_end"], foot["run"], foot["position"]) == (1, 1, 2, 5)
    assert foot["alike"] == 2 and foot["next_chars"] == 4 and head["previous_chars"] == -1
    assert of(texts, 0)["repeated"] == 2
    assert str(NAMES["zone_length"][int(heading["zone_length"])]) == "up to 2 words alone in the text"
    assert str(NAMES["zone_end"][int(foot["zone_end"])]) == "no sentence end after the text"


def test_words_that_the_text_has_too() -> None:
    found = of([PROSE, "The river at Arlen", PROSE], 1)
    assert (found["known"], found["unknown"]) == (0.75, 1), "`at` stands nowhere in the prose"
    own = "Rain fell on the roofs of the mill and of the church, and on all who stood by."
    of_own = of([PROSE, "Home", PROSE, own], 3)["known"]
    assert of_own == pytest.approx(7 / 18), "a line that is prose itself does not know its own words"
    assert of(["River", PROSE[:90] + "."], 0)["known"] == 1


def test_what_the_run_and_the_document_are_like() -> None:
    texts = [PROSE, "Home", "Share", "3 May", "All the news.", PROSE]
    line = of(texts, 2, (1,))
    assert (line["run"], line["run_first"], line["run_last"], line["run_gone"]) == (3, 0, 2, 0)
    assert line["run_sentences"] == pytest.approx(1 / 3) and line["run_calendar"] == pytest.approx(1 / 3)
    assert line["doc_gone"] == pytest.approx(1 / 6) and line["doc_lines"] == 5
    assert of(["Share", PROSE], 0)["account"] == 0 and of(["Your newsletter", PROSE], 0)["account"] == 1
    assert of(["Your newsletter", PROSE], 0)["address"] == 1


def test_candidates_and_prose() -> None:
    texts = ["Home", PROSE, PROSE[:110], "x" * 300, "x" * 301, PROSE + " " + PROSE, "“" + PROSE[:85] + "!”"]
    lengths, sentence = forms(paragraphs([texts]))
    assert candidates(lengths, sentence).tolist() == [True, True, True, True, False, False, True]
    assert is_prose(lengths, sentence).tolist() == [False, True, False, True, True, True, True]


def test_outside_the_article_prose_is_judged_too() -> None:
    teaser = (
        "The council of Brack has voted for a bridge on Monday, and who shall pay for it nobody knows until today; " * 2
    )
    texts = [*[PROSE * 4] * 3, *["Home"] * 20, teaser.strip() + ".", "x" * 1501]
    found = features(paragraphs([texts]), np.zeros(len(texts), bool)).rows.tolist()
    assert found == list(range(3, 24)), "in the article none, of what stands behind it all but the long one"


def test_a_chinese_character_counts_twice() -> None:
    lengths, sentence = forms(paragraphs([["水" * 50 + "。", "Ärger", "Вода и ещё раз вода", "하늘", "नमस्ते"]]))
    assert lengths.tolist() == [102, 5, 19, 4, 6]
    assert is_prose(lengths, sentence).tolist() == [True, False, False, False, False]


def test_nothing_at_all() -> None:
    empty = features(paragraphs([]), np.zeros(0, bool))
    assert empty.values.shape == (0, len(NAMES))
    assert len(features(paragraphs([["a"]]), np.ones(1, bool)).rows) == 0
    assert len(features(paragraphs([["x" * 400]]), np.zeros(1, bool)).rows) == 0


texts = st.lists(
    st.lists(st.one_of(st.text(max_size=30), st.sampled_from([PROSE, "Home", "Share"])), max_size=12), max_size=4
)


@settings(max_examples=60, deadline=None)
@given(texts, st.integers(0, 2**12 - 1))
def test_each_document_for_itself_finite_and_gone_lines_not_named(documents: list[list[str]], bits: int) -> None:
    table = paragraphs(documents)
    gone = np.array([bool(bits >> (n % 12) & 1) for n in range(table.num_rows)], bool)
    found = features(table, gone)
    assert np.isfinite(found.values).all() and not gone[found.rows].any()
    first = 0
    for document in documents:
        part = slice(first, first + len(document))
        alone = features(table.slice(first, len(document)), gone[part])
        here = (found.rows >= first) & (found.rows < part.stop)
        assert (found.rows[here] - first).tolist() == alone.rows.tolist()
        assert np.array_equal(found.values[here], alone.values)
        first += len(document)
