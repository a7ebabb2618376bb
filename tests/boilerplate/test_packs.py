"""Every rule of the packs that come with Corpusmill proves itself by its own examples."""

from __future__ import annotations

import re

import pytest

from pipeline.boilerplate.judge import judge
from pipeline.boilerplate.rules import PACKS, Rule, Rules, build, load, read
from pipeline.settings import BoilerplateSettings
from tests.boilerplate.tables import paragraphs

RULES = [rule for file in sorted(PACKS.glob("*.toml")) for rule in read(file)]
PARAGRAPH_RULES = [rule for rule in RULES if rule.target == "paragraph"]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load(BoilerplateSettings())


def test_every_rule_shows_what_it_takes_and_what_it_leaves() -> None:
    # Made from the official translations: natural sentences in sixty languages are not ours to write.
    made = "comments-wordpress"
    lacking = [
        rule.id
        for rule in RULES
        if len(rule.examples) < 2 or not rule.languages or not (rule.counter_examples or rule.family == made)
    ]
    assert lacking == []


def test_every_example_goes_by_its_rule_alone() -> None:
    """All at once would let one rule do another's work; one by one takes a minute."""
    kept = []
    for rule in PARAGRAPH_RULES:
        taken = judge(paragraphs([[text] for text in rule.examples]), build([rule]))["row"].to_pylist()
        kept += [(rule.id, text) for n, text in enumerate(rule.examples) if n not in taken]
    assert kept == []


def test_no_counter_example_goes_by_any_rule(rules: Rules) -> None:
    texts = [(rule.id, text) for rule in PARAGRAPH_RULES for text in rule.counter_examples]
    verdicts = judge(paragraphs([[text] for _, text in texts]), rules).to_pylist()
    assert [(*texts[verdict["row"]], verdict["rule"]) for verdict in verdicts] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.target == "title"], ids=lambda rule: rule.id)
def test_site_tails(rule: Rule) -> None:
    def is_site(tail: str) -> bool:
        return any(re.search(pattern, tail) for pattern in build([rule]).site_tails)

    assert all(map(is_site, rule.examples)) and not any(map(is_site, rule.counter_examples))
