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


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_shows_what_it_takes_and_what_it_leaves(rule: Rule) -> None:
    assert len(rule.examples) >= 2 and rule.languages and rule.reason
    # Made from the official translations: natural sentences in sixty languages are not ours to write.
    assert rule.counter_examples or rule.family == "comments-wordpress"


@pytest.mark.parametrize("rule", PARAGRAPH_RULES, ids=lambda rule: rule.id)
def test_every_example_goes_by_this_rule_alone(rule: Rule) -> None:
    alone = build([rule])
    kept = [text for text in rule.examples if not judge(paragraphs([[text]]), alone).num_rows]
    assert kept == []


@pytest.mark.parametrize("rule", PARAGRAPH_RULES, ids=lambda rule: rule.id)
def test_no_counter_example_goes_by_any_rule(rule: Rule, rules: Rules) -> None:
    verdicts = judge(paragraphs([[text] for text in rule.counter_examples]), rules)
    assert [(rule.counter_examples[v["row"]], v["rule"]) for v in verdicts.to_pylist()] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.target == "title"], ids=lambda rule: rule.id)
def test_site_tails(rule: Rule) -> None:
    def is_site(tail: str) -> bool:
        return any(re.search(pattern, tail) for pattern in build([rule]).site_tails)

    assert all(map(is_site, rule.examples)) and not any(map(is_site, rule.counter_examples))
