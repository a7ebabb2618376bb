"""What recurs on a site goes from whole runs, is written down to be edited, and can be given back."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.boilerplate.synthetic_sites import sentence
from tests.corpora import cleaned, rows, tables, write_jsonl

FOOTER = "The Arlen Courier, founded {number}, is printed at arlencourier.example and comes out twice a week"
HEADLINES = ["Ferry to run all night from the first of May", "Quarry sold to the town for one crown at last"]


def articles(n: int, seed: int = 5) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    made = []
    for number in range(n):
        body = [" ".join(sentence(rng) for _ in range(5)) for _ in range(4)]
        footer = FOOTER.format(number=1800 + number)
        title = f"Story of {number} boats and {rng.randrange(9999)} nets"
        made.append(
            {
                "id": f"a{number}",
                "title": title,
                "url": f"https://www.arlencourier.example/{number}",
                "text": "\n\n".join([*body, footer]),
            }
        )
    return made


def removed(out: Path, prefix: str) -> list[tuple[str, str]]:
    return sorted((row["doc_id"], row["text"]) for row in rows(out, "ledger") if row["rule"].startswith(prefix))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "in.jsonl", articles(20))


def test_a_footer_with_changing_numbers_is_learned_and_says_why(corpus: Path, tmp_path: Path) -> None:
    manifest = cleaned([corpus], tmp_path / "out", "run.shard_bytes=4000")
    assert len(removed(tmp_path / "out", "learned-")) == 20
    evidence = {row["evidence"] for row in rows(tmp_path / "out", "ledger") if row["rule"].startswith("learned-")}
    assert evidence == {"on 20 of 20 documents of arlencourier.example, 20 at the tail"}
    assert manifest["counts"]["paragraphs"]["kept"] == 80
    assert 'sites = ["arlencourier.example"]' in (tmp_path / "out" / "learned.toml").read_text("utf-8")


def test_how_the_corpus_is_cut_does_not_matter(corpus: Path, tmp_path: Path) -> None:
    cleaned([corpus], tmp_path / "one")
    cleaned([corpus], tmp_path / "many", "run.shard_bytes=3000")
    assert tables(tmp_path / "one") == tables(tmp_path / "many")


def test_preview_writes_the_rules_and_takes_nothing(corpus: Path, tmp_path: Path) -> None:
    cleaned([corpus], tmp_path / "out", "boilerplate.learned=preview")
    assert removed(tmp_path / "out", "learned-") == []
    assert (tmp_path / "out" / "learned.toml").is_file()
    cleaned([corpus], tmp_path / "off", "boilerplate.learned=off")
    assert not (tmp_path / "off" / "learned.toml").exists()
    assert tables(tmp_path / "out") == tables(tmp_path / "off")


def test_the_file_given_back_takes_the_same(corpus: Path, tmp_path: Path) -> None:
    cleaned([corpus], tmp_path / "out")
    rules = tmp_path / "out" / "learned.toml"
    cleaned([corpus], tmp_path / "again", "boilerplate.learned=off", f"boilerplate.rules=['{rules}']")
    assert removed(tmp_path / "again", "learned-") == removed(tmp_path / "out", "learned-")


def test_a_rule_of_yours_can_keep_it(corpus: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[[rule]]\nid = "imprint"\nfamily = "ours"\naction = "keep"\nmatch = "prefix"\nvalues = ["The Arlen Courier, founded"]\n'
        'max_words = 40\nreason = "We publish it."\n',
        "utf-8",
    )
    cleaned([corpus], tmp_path / "out", f"boilerplate.rules=['{mine}']")
    assert removed(tmp_path / "out", "learned-") == []


def test_titles_of_other_documents_go_and_what_stands_among_them(tmp_path: Path) -> None:
    made = articles(4)
    for row, title in zip(made, HEADLINES, strict=False):
        row["title"] = title
    body = made[3]["text"].split("\n\n")
    lines = [*HEADLINES, "Council to meet about the long bridge again"]
    made[3]["text"] = "\n\n".join([*body[:2], *lines, *body[2:4], "What we know so far"])
    cleaned(
        [write_jsonl(tmp_path / "in.jsonl", made)], tmp_path / "out", "boilerplate.model=false", "run.shard_bytes=2000"
    )
    assert [text for _, text in removed(tmp_path / "out", "foreign-title")] == sorted(lines)
    evidence = {
        row["text"]: row["evidence"] for row in rows(tmp_path / "out", "ledger") if row["rule"] == "foreign-title"
    }
    assert evidence == {HEADLINES[0]: "title of a0", HEADLINES[1]: "title of a1"}


def test_a_title_of_ones_own_and_a_common_heading_stay(tmp_path: Path) -> None:
    made = articles(3)
    made[0]["title"] = "The verdict"
    body = made[1]["text"].split("\n\n")
    made[1]["text"] = "\n\n".join([*body[:2], "The verdict", made[1]["title"], *body[2:4]])
    cleaned([write_jsonl(tmp_path / "in.jsonl", made)], tmp_path / "out")
    assert removed(tmp_path / "out", "foreign-title") == []
