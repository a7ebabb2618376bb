"""The line model: boosted trees over features of lines, as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline import arrow
from pipeline.boilerplate.body import Mask
from pipeline.boilerplate.feature_names import NAMES
from pipeline.boilerplate.features import DEAR, Features, Floats, features
from pipeline.boilerplate.live import Ints, Numbers
from pipeline.kernels import trees
from pipeline.kernels.lines import COLON, LETTER, STOP
from pipeline.settings import BoilerplateSettings

WEIGHTS = Path(__file__).with_name("model.json")
#: Features named in the evidence: the loudest.
SPOKEN = 3
#: An article has so many paragraphs of prose beside the line; poems, lists and lone captions have fewer.
ARTICLE = 2
#: A headline stands at most so many lines before the prose, and is so long.
HEADLINE_REACH, HEADLINE_WORDS, HEADLINE_CHARS = 6, 30, 10


class LineModel(NamedTuple):
    """Boosted trees: the log-odds of "boilerplate" are the bias and the leaf of each tree that a line comes to."""

    names: tuple[str, ...]  #: of the columns of the values
    column: Ints  #: shape (trees, nodes): what a node splits on, `trees.LEAF` for leaves
    cut: Floats  #: a larger value goes to the second child
    value: Numbers  #: of each node; a root has what all lines of its tree get
    bias: float
    threshold: float  #: log-odds from which a line goes

    def log_odds(self, values: Floats, least: float = -np.inf) -> Numbers:
        """Return the log-odds that a line is boilerplate, float64, shape (n,); some that are under `least` are -inf."""
        return trees.score(values, self.column, self.cut, self.value, least - self.bias) + self.bias

    def without(self, names: Collection[str]) -> LineModel:
        """Return a model that asks for none of these columns, and whose log-odds are nowhere lower.

        The trees that may bring a line down furthest come first: so `log_odds` gives lines up sooner.
        """
        most = trees.highest(self.column, self.value)
        unasked = np.isin(self.column, [self.names.index(name) for name in names])
        order = np.argsort(self.value[:, 0] - most[:, 0], kind="stable")
        column, value = np.where(unasked, trees.LEAF, self.column), np.where(unasked, most, self.value)
        return self._replace(column=column[order], cut=self.cut[order], value=value[order])

    def contributions(self, values: Floats) -> Numbers:
        """Return what each feature adds to the log-odds, float64, shape (n, features); see `trees.shares`."""
        return trees.shares(values, self.column, self.cut, self.value)

    def save(self, path: Path, provenance: Mapping[str, Any]) -> None:
        """Write the model as JSON, a tree a line: its nodes as [feature, cut, value], leaves as [value]."""
        head = {"provenance": dict(provenance), "bias": round(self.bias, 4), "threshold": round(self.threshold, 4)}
        rows = ",\n  ".join(json.dumps(self._nodes(tree), separators=(",", ":")) for tree in range(len(self.column)))
        start = json.dumps(head | {"features": self.names})[:-1]
        path.write_text(f'{start},\n "trees": [\n  {rows}\n ]}}\n', encoding="utf-8")

    def _nodes(self, tree: int) -> dict[int, list[float]]:
        found: dict[int, list[float]] = {}
        ahead = [0]
        while ahead:
            node = ahead.pop()
            split, value = int(self.column[tree, node]), round(float(self.value[tree, node]), 4)
            found[node] = [value] if split == trees.LEAF else [split, float(f"{self.cut[tree, node]:.6g}"), value]
            ahead += [] if split == trees.LEAF else [2 * node + 2, 2 * node + 1]
        return found


def read(path: Path) -> LineModel:
    """Read a model from JSON as `LineModel.save` writes it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    nodes = [{int(node): made for node, made in tree.items()} for tree in content["trees"]]
    shape = len(nodes), 1 + max((max(tree) for tree in nodes), default=0)
    column = np.full(shape, trees.LEAF, np.int64)
    cut, value = np.zeros(shape, np.float32), np.zeros(shape)
    for number, tree in enumerate(nodes):
        for node, made in tree.items():
            value[number, node] = made[-1]
            if len(made) > 1:
                column[number, node], cut[number, node] = made[:2]
    return LineModel(tuple(content["features"]), column, cut, value, content["bias"], content["threshold"])


def verdicts(paragraphs: pa.Table, gone_by_rules: Mask, settings: BoilerplateSettings) -> pa.Table:
    """Return the lines that the model is sure are boilerplate, among those that rules leave.

    paragraphs: schema PARAGRAPHS, ordered by `doc`, `position`, every document whole, n rows.
    gone_by_rules: bool, shape (n,): what `judge` and `structural` take.
    Verdicts: `row` int64, ascending; `rule` "model"; `evidence`: the three features that spoke
    loudest, and the confidence. Never taken: sentences of 120 characters and more in the article, a line that may be
    the headline, anything in a document with fewer than ARTICLE paragraphs of prose.
    """
    if not settings.model:
        return _table(np.zeros(0, np.int64), [])
    model, hopeful = _own_model(), _hopeful()
    found = judged(paragraphs, gone_by_rules, lambda values: hopeful.log_odds(values, model.threshold) > -np.inf)
    odds = model.log_odds(found.values, model.threshold)
    sure = np.flatnonzero(odds >= model.threshold)
    values, odds = found.values[sure], odds[sure]
    parts = model.contributions(values)
    return _table(found.rows[sure], [_evidence(model, *line) for line in zip(values, parts, odds, strict=True)])


def judged(paragraphs: pa.Table, gone: Mask, worth: Callable[[Floats], Mask] | None = None) -> Features:
    """Return the features of the lines that the model may take at all; see `verdicts`.

    worth: tells by all features but DEAR, which are 0 then, which lines may be left out.
    """
    doc = arrow.numbers(paragraphs["doc"])

    def wanted(rows: Ints, values: Floats) -> Mask:
        may = ~_headlines(doc[rows], dict(zip(NAMES, values.T, strict=True)))
        return may if worth is None else may & worth(values)

    return features(paragraphs, gone, ARTICLE, wanted)


def _headlines(doc: Ints, column: Mapping[str, Floats]) -> Mask:
    """Tell which line of each document may be its headline: the wordiest of the last few before the prose."""
    kind = column["end"]
    may = (
        (column["prose_before"] == 0) & (column["to_prose_after"] <= HEADLINE_REACH) & (kind != STOP) & (kind != COLON)
    )
    may &= (column["words"] <= HEADLINE_WORDS) & (column["chars"] >= HEADLINE_CHARS) & (column["digits"] <= 0.2)
    may &= (column["words"] >= 3) | (column["first"] == LETTER)
    rows = np.flatnonzero(may)
    order = rows[np.lexsort((rows, -column["chars"][rows], doc[rows]))]
    best = np.zeros(len(doc), dtype=bool)
    best[order[np.diff(doc[order], prepend=-1) != 0]] = True
    return best


def _evidence(model: LineModel, values: Floats, parts: Numbers, odds: float) -> str:
    """Say in words which features spoke loudest for it, and how sure the model is."""
    loudest = np.argsort(-parts, kind="stable")[:SPOKEN]
    phrases = [_phrase(model.names[n], float(values[n])) for n in loudest.tolist()]
    return f"{', '.join(phrases)}: {1 / (1 + np.exp(-odds)):.3f}"


def _phrase(name: str, value: float) -> str:
    phrase = NAMES[name]
    return phrase[int(value)] if isinstance(phrase, tuple) else phrase.format(value)


def _table(rows: Ints, evidence: list[str]) -> pa.Table:
    columns = {"row": pa.array(rows, pa.int64()), "rule": pa.array(["model"] * len(rows), pa.string())}
    return pa.table(columns | {"evidence": pa.array(evidence, pa.string())})


@cache
def _own_model() -> LineModel:
    return read(WEIGHTS)


@cache
def _hopeful() -> LineModel:
    return _own_model().without(DEAR)
