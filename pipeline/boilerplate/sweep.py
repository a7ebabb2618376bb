"""Rules, structure and line model together, until nothing more goes: cleaning twice is cleaning once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline import arrow
from pipeline.boilerplate.body import Mask
from pipeline.boilerplate.judge import Matches, matches, standing
from pipeline.boilerplate.live import Ints
from pipeline.boilerplate.model import verdicts as modelled
from pipeline.boilerplate.rules import Rules
from pipeline.boilerplate.structure import over_budget, structural
from pipeline.settings import BoilerplateSettings


class _Task(NamedTuple):
    """What is judged, and by what; `rows` are those of the table that `sweep` was given."""

    paragraphs: pa.Table
    rows: Ints
    rules: Rules
    settings: BoilerplateSettings
    found: Matches

    def part(self, rows: Ints) -> _Task:
        """Return the task for some rows of the table."""
        taken = self.paragraphs.take(pa.array(rows))
        return self._replace(paragraphs=taken, rows=self.rows[rows], found=self.found.part(rows))


SCHEMA = pa.schema([("row", pa.int64()), ("rule", pa.string()), ("evidence", pa.string())])


def sweep(
    paragraphs: pa.Table,
    rules: Rules,
    settings: BoilerplateSettings,
    found: Matches | None = None,
    *,
    judged: bool = False,
) -> pa.Table:
    """Return the paragraphs that are boilerplate, by rules, structure or model.

    paragraphs, rules: as `judge` takes them; what rules protect stays. found: their matches, where they are
    known. judged: `judge` has been through and finds nothing more.
    Verdicts: `row` int64, ascending, each at most once; `rule`; `evidence`, null for rules.

    A document is judged again without what went, until nothing more goes. Structure and model see
    at first what the rules took, later only what is left, so that what is left for good is what a
    run on the result would leave. A document that they would take too much of (`over_budget`) gets
    one more try without the sight of what the rules took; then it is left to the rules.
    """
    found = found or matches(paragraphs, rules)
    task = _Task(paragraphs, np.arange(paragraphs.num_rows), rules, settings, found)
    certain = SCHEMA.empty_table() if judged else _certain(task)
    if not (settings.structure or settings.model):
        return certain
    taken = _settled(task, certain)
    again = np.isin(arrow.numbers(paragraphs["doc"]), _over(task, certain, taken))
    if not again.any():
        return taken
    taken, of_rules = _outside(taken, again), _outside(certain, ~again)
    again[arrow.numbers(certain["row"])] = False
    return _ordered([taken, of_rules, _retried(task.part(np.flatnonzero(again)))])


def _retried(task: _Task) -> pa.Table:
    """Sweep documents that rules have been through; leave those that go over the budget alone."""
    certain = _certain(task)
    taken = _settled(task, certain)
    over = np.isin(arrow.numbers(task.paragraphs["doc"]), _over(task, certain, taken))
    return _placed(_outside(taken, over), task)


def _settled(task: _Task, certain: pa.Table) -> pa.Table:
    """Return all that goes until nothing more goes."""
    doc = arrow.numbers(task.paragraphs["doc"])
    parts = [certain, _uncertain(task, certain)]
    alive = np.ones(len(doc), bool)
    base = task._replace(rows=np.arange(len(doc)))
    lost = _rows(parts)
    while len(lost):
        alive[lost] = False
        left = base.part(np.flatnonzero(alive & _of_documents(doc, lost)))
        sure = _certain(left)
        found = [_placed(part, left) for part in (sure, _uncertain(left, sure))]
        parts += found
        lost = _rows(found)
    return _ordered(parts)


def _uncertain(task: _Task, certain: pa.Table) -> pa.Table:
    """Return what structure and model take of what `certain` leaves."""
    safe = task.found.safe
    structured = SCHEMA.empty_table()
    if task.settings.structure:
        structured = _outside(structural(task.paragraphs, certain, task.rules), safe)
    gone = np.zeros(len(safe), bool)
    gone[_rows([certain, structured])] = True
    return _ordered([structured, _outside(modelled(task.paragraphs, gone, task.settings), safe)])


def _over(task: _Task, certain: pa.Table, taken: pa.Table) -> Ints:
    sure = _rows([certain])
    return over_budget(task.paragraphs, sure, np.setdiff1d(_rows([taken]), sure), task.settings.max_document_share)


def _certain(task: _Task) -> pa.Table:
    verdicts = standing(task.paragraphs, task.found, task.rules)
    return verdicts.append_column("evidence", pa.nulls(verdicts.num_rows, pa.string())).cast(SCHEMA)


def _rows(verdicts: list[pa.Table]) -> Ints:
    return np.concatenate([arrow.numbers(table["row"]) for table in verdicts])


def _outside(verdicts: pa.Table, mask: Mask) -> pa.Table:
    """Return the verdicts on rows that are not in the mask."""
    return verdicts.filter(pa.array(~mask[arrow.numbers(verdicts["row"])]))


def _of_documents(doc: Ints, rows: Ints) -> Mask:
    """Tell which rows are of the documents that `rows` are of; `doc` ascends."""
    chosen = np.unique(doc[rows])
    at = np.minimum(np.searchsorted(chosen, doc), len(chosen) - 1)
    return np.asarray(chosen[at] == doc, bool)


def _placed(verdicts: pa.Table, part: _Task) -> pa.Table:
    """Name rows of the whole table instead of rows of a part of it."""
    return verdicts.set_column(0, "row", pa.array(part.rows[arrow.numbers(verdicts["row"])], pa.int64()))


def _ordered(parts: list[pa.Table]) -> pa.Table:
    table = pa.concat_tables([part.cast(SCHEMA) for part in parts])
    return table.take(pa.array(np.argsort(arrow.numbers(table["row"]), kind="stable")))
