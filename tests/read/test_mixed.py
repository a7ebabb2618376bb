from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.read import mixed, streams
from tests.read import naive_mixed
from tests.read.whole import read_whole

# Every line with several letters above 7F, so that none is UTF-8 in one charset and something else in the other.
LINES = {
    "cp1252": [
        "Für Fußgänger blieb die Brücke offen, größere Wagen müssen über die Fähre.",
        "Le pont a été fermé plus tôt que prévu, les piétons sont très fâchés.",
        "Nobody’s surprised – least of all the ferryman’s wife.",
        "El señor alcalde anunció que mañana pasarán los peatones.",
    ],
    "cp1251": [
        "Мост через реку закрыли раньше, чем обещала городская служба.",
        "Пешеходы могли пройти до самого вечера.",
        "Трамваи уже не ходят, и паром переполнен.",
    ],
    "cp932": ["川にかかる橋は、市が知らせたよりも早く閉じられた。", "歩行者は夕方まで通ることができた。"],
}
SHARED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def mixtures(draw: st.DrawFn) -> tuple[str, list[str], list[bytes]]:
    charset = draw(st.sampled_from(sorted(LINES)))
    texts = draw(st.lists(st.sampled_from(["", "Open at nine.", *LINES[charset]]), min_size=1, max_size=12))
    chosen = [draw(st.sampled_from(["utf-8", charset])) for _ in texts]
    return charset, texts, [text.encode(how) for text, how in zip(texts, chosen, strict=True)]


@SHARED
@given(mixtures())
def test_each_line_is_read_in_its_own_charset(mixture: tuple[str, list[str], list[bytes]]) -> None:
    charset, texts, lines = mixture
    data = b"\n".join([*lines, LINES[charset][0].encode(charset)])
    found = mixed.decode(data)
    assert found.text == "\n".join([*texts, LINES[charset][0]])
    assert found.text == naive_mixed.decode(data.split(b"\n"), charset)
    assert found.lines == len(texts) + 1


@SHARED
@given(mixtures(), st.integers(1, 400))
def test_a_line_of_jsonl_does_not_depend_on_the_borders_of_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixture: tuple[str, list[str], list[bytes]], block: int
) -> None:
    charset, texts, lines = mixture
    rows = [b'{"text": "' + line + b'"}' for line in [*lines, LINES[charset][0].encode(charset)]]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(rows))
    whole = read_whole(path)
    assert whole.texts == [*texts, LINES[charset][0]]
    with monkeypatch.context() as patch:
        patch.setattr(streams, "BLOCK", block)
        cut = read_whole(path)
    assert (cut.documents, cut.ledger) == (whole.documents, whole.ledger)


@given(st.binary(max_size=200))
def test_any_bytes_give_text_of_as_many_lines(data: bytes) -> None:
    found = mixed.decode(data)
    if found.guess is None or found.guess.charset:
        found.text.encode()
        mark = b"\n" if b"\n" in data else b"\r"
        assert found.lines == data.count(mark) + 1


def test_lines_that_end_in_cr() -> None:
    data = "Für später.\r".encode() + "Für Fußgänger, größere Wagen.\r".encode("cp1252")
    assert mixed.decode(data).text == "Für später.\rFür Fußgänger, größere Wagen.\r"


def test_what_a_sample_holds_is_bounded() -> None:
    sample = mixed.Sample()
    line = LINES["cp1251"][0].encode("cp1251")
    for _ in range(5000):
        sample.add(line, "foreign")
    assert not sample.is_full
    for _ in range(2000):
        sample.add(LINES["cp1251"][0].encode(), "sound")
    assert sample.is_full
    assert sample.guess().charset == "cp1251"


def test_the_lines_around_do_not_overrule_what_cannot_be_their_charset() -> None:
    """French in UTF-8 around one line of Russian: its words are of letters above 7F throughout."""
    sample = mixed.Sample()
    sample.add(LINES["cp1252"][1].encode(), "sound")
    sample.add("Мост через реку".encode("koi8-r"), "foreign")
    assert sample.guess().charset == "koi8-r"


def test_evidence_stands_in_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((LINES["cp1252"][0] + "\n").encode() + LINES["cp1252"][1].encode("cp1252"))
    [row] = read_whole(path).ledger
    assert row["rule"] == "decoded:utf-8+cp1252"
    assert row["evidence"].endswith("; 1 of 2 lines")


@pytest.mark.parametrize("form", ["txt", "jsonl", "csv"])
def test_a_guess_is_set_aside_where_the_settings_say_so(tmp_path: Path, form: str) -> None:
    text = {
        "txt": "café",
        "jsonl": json.dumps({"text": "café"}, ensure_ascii=False),
        "csv": "text,n\ncafé,1\n",
    }
    path = tmp_path / f"a.{form}"
    path.write_bytes(text[form].encode("cp1252"))
    decoded = read_whole(path)
    assert decoded.texts == ["café"]
    assert [row["evidence"][:19] for row in decoded.ledger] == ["guessed, confidence"]
    aside = read_whole(path, low_confidence="quarantine")
    assert aside.texts == []
    assert "is perhaps cp125" in aside.errors[0]
    assert "name its charset with --encoding, or lower read.min_confidence" in aside.errors[0]
    assert aside.quarantine[0]["position"] == {"txt": None, "jsonl": 1, "csv": 2}[form]
    assert read_whole(path, low_confidence="quarantine", min_confidence=0).texts == ["café"]
