"""How many came in, what was removed by which stage, how many were kept: documents, paragraphs, characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.report.naming import STAGES, WITH_DOCUMENT, Stage, stage
from pipeline.report.removals import Rule


class Loss(NamedTuple):
    """What one stage took away."""

    stage: Stage
    documents: int
    paragraphs: int
    chars: int


class Funnel(NamedTuple):
    """Documents, paragraphs, characters: `given` are `kept` and all `losses` together.

    Characters are those of text after repair, for nobody counts what was read before it.
    """

    given: Loss
    losses: list[Loss]
    kept: Loss


def funnel(counts: Mapping[str, Mapping[str, int]], chars: int, dropped: Sequence[Rule]) -> Funnel:
    """Return the funnel: counts of the manifest, told apart by the ledger.

    chars: characters of the kept documents. dropped: the rules that removed text.
    """
    documents, paragraphs = counts["documents"], counts["paragraphs"]
    losses = _stages(dropped)
    if documents["quarantined"]:
        losses.insert(0, Loss(STAGES["read"], documents["quarantined"], 0, 0))
    if documents.get("retired") or paragraphs.get("retired"):
        losses.append(Loss(Stage("Retired", "other"), documents["retired"], paragraphs["retired"], 0))
    kept = Loss(Stage("Kept", "kept"), documents["kept"], paragraphs["kept"], chars)
    rest = (
        documents["in"] - kept.documents - sum(loss.documents for loss in losses),
        paragraphs["in"] - kept.paragraphs - sum(loss.paragraphs for loss in losses),
    )
    if rest[0] or rest[1] < 0:
        losses.append(Loss(Stage("Put back or retired since", "other"), *rest, 0))
    elif rest[1]:
        at = next((at for at, loss in enumerate(losses) if loss.stage.kind == WITH_DOCUMENT.kind), -1)
        losses.insert(at + 1, Loss(WITH_DOCUMENT, 0, rest[1], 0))
    given = chars + sum(loss.chars for loss in losses)
    return Funnel(Loss(Stage("In", "other"), documents["in"], paragraphs["in"], given), losses, kept)


def _stages(dropped: Sequence[Rule]) -> list[Loss]:
    names = {rule.stage: 0 for rule in dropped}
    order = [name for name in STAGES if name in names] + sorted(names.keys() - STAGES.keys())
    found = []
    for name in order:
        rules = [rule for rule in dropped if rule.stage == name]
        sums = [sum(getattr(rule, what) for rule in rules) for what in ("documents", "paragraphs", "chars")]
        found.append(Loss(stage(name), *sums))
    return found
