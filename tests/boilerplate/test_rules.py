from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from pipeline.boilerplate.judge import judge
from pipeline.boilerplate.rules import load
from pipeline.errors import SettingsError
from pipeline.settings import BoilerplateSettings
from tests.boilerplate.tables import paragraphs

OWN = """
family = "house"
languages = ["en"]
[[rule]]
id = "{id}"
match = "{match}"
values = ['{value}']
reason = "Ours."
{more}
"""


def own(
    folder: Path, *, id: str = "our-footer", match: str = "line", value: str = "Printed in Arlen", more: str = ""
) -> BoilerplateSettings:
    file = folder / "own.toml"
    file.write_text(OWN.format(id=id, match=match, value=value, more=more), encoding="utf-8")
    return BoilerplateSettings(rules=(str(file),))


def ids(texts: list[str], settings: BoilerplateSettings) -> list[str]:
    return judge(paragraphs([texts]), load(settings))["rule"].to_pylist()


def test_a_file_of_the_user_adds_to_the_packs(tmp_path: Path) -> None:
    assert ids(["Printed in Arlen.", "Source link"], own(tmp_path)) == ["our-footer", "source-link"]


@pytest.mark.parametrize("off", ["source-link", "syndication"])
def test_a_rule_or_a_family_can_be_switched_off(off: str) -> None:
    assert ids(["Source link", "Leave a Reply"], BoilerplateSettings(off=(off,))) == ["comment-form-heading"]


def test_rules_travel_to_a_worker() -> None:
    rules = load(BoilerplateSettings())
    assert pickle.loads(pickle.dumps(rules)) == rules


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"more": "colour = 1"}, "colour"),
        ({"more": 'max_words = "many"'}, "max_words"),
        ({"match": "guess"}, "match"),
        ({"match": "pattern", "value": "^(unclosed"}, "RE2 refuses"),
        ({"match": "pattern", "value": "^(a)\\1$"}, "RE2 refuses"),
        ({"match": "pattern", "value": "Printed in"}, "must begin with ^ or end with $"),
        ({"match": "line", "value": "***"}, "holds no word"),
        ({"id": "source-link"}, "two boilerplate rules"),
        ({"id": "Our Footer"}, "id"),
        ({"more": "reason = 2"}, "not valid TOML"),
        ({"more": 'action = "keep"\nwhere = "head"'}, "leave out `where`"),
        ({"more": 'target = "title"'}, "a rule for titles"),
        ({"match": "masked", "value": "…"}, "holds no word"),
    ],
)
def test_a_bad_rule_is_refused_by_name(tmp_path: Path, change: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(own(tmp_path, **change))
    assert says in str(error.value)
    assert "own.toml" in str(error.value) or "source-link" in str(error.value)


def test_a_missing_file_and_an_unknown_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml cannot be read"):
        load(BoilerplateSettings(rules=(str(tmp_path / "nowhere.toml"),)))
    with pytest.raises(SettingsError, match="sauce-link"):
        load(BoilerplateSettings(off=("sauce-link",)))


def test_keys_beside_the_rules_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('colour = "red"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="unknown key 'colour'"):
        load(BoilerplateSettings(rules=(str(file),)))
    file.write_text('rule = "red"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="list of tables"):
        load(BoilerplateSettings(rules=(str(file),)))
