"""Train the line model: `python -m benchmarks.train_line_model PAGES.jsonl [PAGES.jsonl ...] [--out model.json]`.

A file has one page a line: `lines`, `keep` (1, 0, or -1 for unlabelled), `url` or `doc_id`, optionally `lang`.
`FILE.jsonl:0.3` weighs its lines 0.3. Prints what ten-fold cross-validation by site gives; writes the
model trained on all pages, with the threshold that the cross-validation found. Deterministic.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa

from pipeline.boilerplate.features import NAMES
from pipeline.boilerplate.judge import judge
from pipeline.boilerplate.model import LineModel, binned, judged
from pipeline.boilerplate.rules import load
from pipeline.boilerplate.structure import structural
from pipeline.schema import PARAGRAPHS
from pipeline.settings import BoilerplateSettings

FOLDS = 10
#: Strength of the ridge on every weight, in labelled lines.
RIDGE = 3.0
#: Values that a numeric feature is cut into, at most.
BINS = 8
#: What the model may take wrongly: share of what it takes, and share of all characters to be kept.
PRECISION, LOST = 0.98, 0.002


class Pages(NamedTuple):
    """Labelled lines of all pages, and the features of those that may be judged."""

    label: np.ndarray  #: 1, 0, -1 of every line
    chars: np.ndarray
    gone: np.ndarray  #: taken by rules
    site: np.ndarray
    weight: np.ndarray
    rows: np.ndarray  #: of candidates
    values: np.ndarray  #: features of candidates


def site_of(page: dict) -> str:
    """Return the host's last two labels, the archived one's for an archive; else the page's id."""
    url = (page.get("url") or "").split("/http")[-1]
    host = (
        urlsplit(url if "//" in url else f"http:{url.removeprefix('s:')}").netloc or url.split("::")[-1].split("-")[0]
    )
    return ".".join(host.split(".")[-2:]) or str(page.get("doc_id"))


def pages_of(path: Path) -> list[dict]:
    """Return the pages of a JSONL file, or of a JSON file of cases that are all to be kept."""
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in content.splitlines()]
    return [
        {"doc_id": case["label"], "lines": case["input"], "keep": [1] * len(case["input"])}
        for case in json.loads(content)
    ]


def read(files: list[str]) -> Pages:
    """Read and judge the labelled pages; documents are numbered over all files."""
    columns: dict[str, list] = {name: [] for name in (*PARAGRAPHS.names, "label", "site", "weight")}
    n = 0
    for name in files:
        path, _, weight = name.partition(":")
        for page in pages_of(Path(path)):
            kept = [
                (text.strip(), label) for text, label in zip(page["lines"], page["keep"], strict=True) if text.strip()
            ]
            for position, (text, label) in enumerate(kept):
                row = (n, str(n), position, text, label, site_of(page), float(weight or 1))
                for column, value in zip(columns.values(), row, strict=True):
                    column.append(value)
            n += 1
    table = pa.table([pa.array(columns[field.name], field.type) for field in PARAGRAPHS], schema=PARAGRAPHS)
    rules = load(BoilerplateSettings())
    certain = judge(table, rules)
    gone = np.zeros(table.num_rows, bool)
    gone[certain["row"].to_numpy()] = True
    gone[structural(table, certain, rules)["row"].to_numpy()] = True
    found = judged(table, gone)
    chars = np.array([len(text) for text in columns["text"]])
    return Pages(
        np.array(columns["label"]), chars, gone, np.array(columns["site"]), np.array(columns["weight"]), *found
    )


def edges_of(values: np.ndarray) -> list[np.ndarray]:
    """Return the inner edges of each feature's bins: every value of a kind, quantiles of a number."""
    edges = []
    for (_, phrase), column in zip(NAMES.items(), values.T, strict=True):
        if isinstance(phrase, tuple):
            edges.append(np.arange(len(phrase) - 1) + 0.5)
            continue
        cuts = np.unique(np.quantile(column, np.arange(1, 2 * BINS) / (2 * BINS), method="lower"))
        if len(cuts) > BINS - 1:
            cuts = cuts[np.linspace(0, len(cuts) - 1, BINS - 1).round().astype(int)]
        above = np.unique(column)
        edges.append(np.array([(cut + above[above > cut].min()) / 2 for cut in cuts if cut < above[-1]]))
    return edges


def fit(values: np.ndarray, gone: np.ndarray, weight: np.ndarray) -> LineModel:
    """Fit a logistic regression over bins by Newton's method; weights of a feature have mean 0."""
    edges = edges_of(values)
    bins = binned(values, edges)
    sizes = np.array([len(cuts) + 1 for cuts in edges])
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    x = np.zeros((len(values), sizes.sum() + 1))
    x[:, -1] = 1
    x[np.arange(len(values))[:, None], bins + first] = 1
    beta, ridge = np.zeros(x.shape[1]), np.full(x.shape[1], RIDGE)
    ridge[-1] = 1e-6
    for _ in range(30):
        p = 1 / (1 + np.exp(-(x @ beta)))
        step = np.linalg.solve(
            (x.T * (weight * p * (1 - p))) @ x + np.diag(ridge), x.T @ (weight * (gone - p)) - ridge * beta
        )
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    weights, bias = [], beta[-1]
    means = np.average(x, axis=0, weights=weight)
    for start, size in zip(first, sizes, strict=True):
        mean = means[start : start + size] @ beta[start : start + size]
        weights.append(beta[start : start + size] - mean)
        bias += mean
    return LineModel(tuple(NAMES), edges, weights, float(bias), 0.0)


def cross_validated(pages: Pages, trained: np.ndarray) -> np.ndarray:
    """Return the log-odds of each candidate by models that saw no page of its site."""
    scores = np.zeros(len(pages.rows))
    site = pages.site[pages.rows]
    fold = np.array([int(hashlib.sha256(name.encode()).hexdigest(), 16) % FOLDS for name in site])
    for n in range(FOLDS):
        seen = trained & (fold != n)
        model = fit(pages.values[seen], pages.label[pages.rows[seen]] == 0, pages.weight[pages.rows[seen]])
        scores[fold == n] = model.log_odds(pages.values[fold == n])
    return scores


def threshold_of(pages: Pages, scores: np.ndarray, judged: np.ndarray) -> float:
    """Return the lowest threshold at which what the model takes keeps PRECISION and LOST."""
    order = judged[np.argsort(-scores[judged], kind="stable")]
    rows = pages.rows[order]
    right = np.cumsum((pages.label[rows] == 0) * pages.weight[rows])
    wrong = np.cumsum((pages.label[rows] == 1) * pages.weight[rows])
    lost = np.cumsum((pages.label[rows] == 1) * pages.chars[rows] * pages.weight[rows])
    all_chars = (pages.chars * pages.weight)[pages.label == 1].sum()
    good = (right / np.maximum(right + wrong, 1e-9) >= PRECISION) & (lost / all_chars <= LOST)
    return float(scores[order][np.flatnonzero(good)[-1]]) if good.any() else float("inf")


def main(arguments: list[str]) -> None:
    out = Path("pipeline/boilerplate/model.json")
    if "--out" in arguments:
        at = arguments.index("--out")
        out = Path(arguments[at + 1])
        del arguments[at : at + 2]
    pages = read(arguments)
    trained = pages.label[pages.rows] >= 0
    scores = cross_validated(pages, trained)
    threshold = threshold_of(pages, scores, np.flatnonzero(trained))
    report(pages, scores, threshold)
    rows = pages.rows[trained]
    model = fit(pages.values[trained], pages.label[rows] == 0, pages.weight[rows])._replace(threshold=threshold)
    model.save(out, {"pages": [Path(name).name for name in arguments], "lines": int(trained.sum())})


def report(pages: Pages, scores: np.ndarray, threshold: float) -> None:
    """Print precision, recall and characters lost, for rules alone and with the model."""
    for name, extra in (("rules", np.zeros(len(scores), bool)), ("rules + model", scores >= threshold)):
        gone = pages.gone.copy()
        gone[pages.rows[extra]] = True
        right, wrong = (gone & (pages.label == 0)).sum(), (gone & (pages.label == 1)).sum()
        lost = pages.chars[gone & (pages.label == 1)].sum() / pages.chars[pages.label == 1].sum()
        print(f"{name}: precision {right / max(right + wrong, 1):.4f}, recall {right / (pages.label == 0).sum():.4f}, "
              f"characters lost {lost:.4%}")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
