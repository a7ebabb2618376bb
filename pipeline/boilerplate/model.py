"""The line model: logistic regression over binned features of lines, with its weights as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline import arrow
from pipeline.boilerplate.body import Mask
from pipeline.boilerplate.features import NAMES, Features, Floats, Ints, features
from pipeline.kernels.lines import COLON, LETTER, STOP
from pipeline.settings import BoilerplateSettings

WEIGHTS = Path(__file__).with_name("model.json")
#: Features named in the evidence: the loudest.
SPOKEN = 3
#: An article has so many paragraphs of prose; poems, lists and lone captions have fewer.
ARTICLE = 2
#: A headline stands at most so many lines before the prose, and is so long.
HEADLINE_REACH, HEADLINE_WORDS, HEADLINE_CHARS = 6, 30, 10


class LineModel(NamedTuple):
    """Weights of a logistic regression over binned features."""

    names: tuple[str, ...]
    edges: Sequence[npt.NDArray[np.float64]]  #: of each feature, ascending; a value on an edge is above it
    weights: Sequence[npt.NDArray[np.float64]]  #: of each feature, one more than edges; log-odds of "boilerplate"
    bias: float
    threshold: float  #: log-odds from which a line goes

    def log_odds(self, values: Floats) -> npt.NDArray[np.float64]:
        """Return the log-odds that a line is boilerplate, float64, shape (n,)."""
        return np.asarray(self.contributions(values).sum(axis=1) + self.bias, np.float64)

    def contributions(self, values: Floats) -> npt.NDArray[np.float64]:
        """Return what each feature adds to the log-odds, float64, shape (n, features)."""
        bins = binned(values, self.edges)
        return np.stack([weights[bins[:, n]] for n, weights in enumerate(self.weights)], axis=1)

    def save(self, path: Path, provenance: Mapping[str, Any]) -> None:
        """Write the model as JSON, numbers with four digits, so that a difference can be read."""
        features = [
            {"name": name, "edges": np.round(edges, 4).tolist(), "weights": np.round(weights, 4).tolist()}
            for name, edges, weights in zip(self.names, self.edges, self.weights, strict=True)
        ]
        head = {"provenance": dict(provenance), "bias": round(self.bias, 4), "threshold": round(self.threshold, 4)}
        rows = ",\n  ".join(json.dumps(feature) for feature in features)
        path.write_text(f'{json.dumps(head)[:-1]},\n "features": [\n  {rows}\n ]}}\n', encoding="utf-8")


def read(path: Path) -> LineModel:
    """Read a model from JSON as `LineModel.save` writes it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    features = content["features"]
    return LineModel(
        tuple(feature["name"] for feature in features),
        [np.array(feature["edges"], np.float64) for feature in features],
        [np.array(feature["weights"], np.float64) for feature in features],
        content["bias"],
        content["threshold"],
    )


def verdicts(paragraphs: pa.Table, gone_by_rules: Mask, settings: BoilerplateSettings) -> pa.Table:
    """Return the lines that the model is sure are boilerplate, among those that rules leave.

    paragraphs: schema PARAGRAPHS, ordered by `doc`, `position`, every document whole, n rows.
    gone_by_rules: bool, shape (n,): what `judge` and `structural` take.
    Verdicts: `row` int64, ascending; `rule` "model"; `evidence`: the three features that spoke
    loudest, and the confidence. Never taken: sentences of 120 characters and more, a line that may be
    the headline, anything in a document with fewer than ARTICLE paragraphs of prose.
    """
    found = judged(paragraphs, gone_by_rules) if settings.model else None
    if found is None or not len(found.rows):
        return _table(np.zeros(0, np.int64), [])
    model = _own_model()
    parts = model.contributions(found.values)
    odds = parts.sum(axis=1) + model.bias
    sure = np.flatnonzero(odds >= model.threshold)
    return _table(found.rows[sure], [_evidence(model, found.values[n], parts[n], float(odds[n])) for n in sure])


def judged(paragraphs: pa.Table, gone: Mask) -> Features:
    """Return the features of the lines that the model may take at all; see `verdicts`."""
    found = features(paragraphs, gone)
    column = dict(zip(NAMES, found.values.T, strict=True))
    article = column["prose_before"] + column["prose_after"] >= ARTICLE
    kept = article & ~_headlines(arrow.numbers(paragraphs["doc"])[found.rows], column)
    return Features(found.rows[kept], found.values[kept])


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


def _evidence(model: LineModel, values: Floats, parts: npt.NDArray[np.float64], odds: float) -> str:
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


def binned(values: Floats, edges: Sequence[npt.NDArray[np.float64]]) -> Ints:
    """Return the number of the bin of each value, int64, shape of `values`."""
    columns = [np.searchsorted(cuts, column, side="right") for cuts, column in zip(edges, values.T, strict=True)]
    return np.stack(columns, axis=1).astype(np.int64)
