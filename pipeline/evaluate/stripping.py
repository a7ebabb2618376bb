"""Which lines the pipeline drops, and by which rule: the one place that calls its boilerplate stage."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from pipeline.boilerplate.rules import BUILT_IN, load
from pipeline.boilerplate.strip import strip
from pipeline.settings import BoilerplateSettings

#: Families of the rules that are code, beside BUILT_IN.
CODE = {"after-comment-form": "structure", "trailing-links": "structure", "menu-run": "structure", "model": "model"}
#: Family of what is in none of these and in no rule file.
OTHER = "other"


class Rule(NamedTuple):
    """What dropped a line."""

    id: str
    family: str
    evidence: str


def dropped(documents: pa.Table, paragraphs: pa.Table, settings: BoilerplateSettings) -> list[Rule | None]:
    """Return for every row of `paragraphs` (schema PARAGRAPHS; documents: RAW) what dropped it, None: nothing.

    Raises SettingsError for rule files that cannot be taken.
    """
    if not settings.enabled:
        return [None] * paragraphs.num_rows
    rules = load(settings)
    families = {**CODE, **BUILT_IN, **{rule.id: rule.family for rule in rules.paragraphs}}
    found = {
        (row["doc_id"], row["position"]): Rule(row["rule"], families.get(row["rule"], OTHER), row["evidence"] or "")
        for row in strip(documents, paragraphs, rules, settings).entries.to_pylist()
        if row["action"] == "drop" and row["position"] is not None
    }
    places = zip(paragraphs["doc_id"].to_pylist(), paragraphs["position"].to_pylist(), strict=True)
    return [found.get(place) for place in places]
