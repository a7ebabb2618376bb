"""Train the line model: `python -m benchmarks.train_line_model PAGES.jsonl [PAGES.jsonl ...] [--out model.json]`.

A file has one page a line: `lines`, `keep` (1, 0, or -1 for unlabelled), `url` or `doc_id`, optionally `lang`.
`FILE.jsonl:0.3` weighs its lines 0.3; `FILE.jsonl:0.3:0.015` may lose 1.5% of its lines to be kept. Prints
what ten-fold cross-validation by site gives; writes the model trained on all pages, with the threshold that the
cross-validation found. Deterministic.
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

from benchmarks.boosting import Boosting, grow
from pipeline.boilerplate.feature_names import NAMES
from pipeline.boilerplate.judge import judge
from pipeline.boilerplate.model import LineModel, judged
from pipeline.boilerplate.rules import load
from pipeline.boilerplate.structure import structural
from pipeline.schema import PARAGRAPHS
from pipeline.settings import BoilerplateSettings

FOLDS = 10
#: Models whose mean is taken, and how each is grown. On the sparse pages depth 4 with a ridge of 10 found 3 points
#: more than depth 3 with a ridge of 3 at the same loss; a second model over the
#: scores of the neighbours brought nothing.
SEEDS, HOW = 2, Boosting(trees=200, depth=4, columns=0.3, ridge=10, least=5)
#: Least precision of what goes, by rules or model, and most characters lost of those to be kept, in each file.
PRECISION, LOST = 0.96, 0.004


class Pages(NamedTuple):
    """Labelled lines of all pages, and the features of those that may be judged."""

    label: np.ndarray  #: 1, 0, -1 of every line
    chars: np.ndarray
    gone: np.ndarray  #: taken by rules
    site: np.ndarray
    weight: np.ndarray
    file: np.ndarray  #: number of the file
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
    columns: dict[str, list] = {name: [] for name in (*PARAGRAPHS.names, "label", "site", "weight", "file")}
    n = 0
    for file, name in enumerate(files):
        path, weight, *_ = [*name.split(":"), ""]
        for page in pages_of(Path(path)):
            kept = [
                (text.strip(), label) for text, label in zip(page["lines"], page["keep"], strict=True) if text.strip()
            ]
            for position, (text, label) in enumerate(kept):
                row = (n, str(n), position, text, label, site_of(page), float(weight or 1), file)
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
    label, site, weights, numbers = (np.array(columns[name]) for name in ("label", "site", "weight", "file"))
    return Pages(label, chars, gone, site, weights, numbers, *found)


def fit(values: np.ndarray, gone: np.ndarray, weight: np.ndarray) -> LineModel:
    """Return the mean of models grown from each seed."""
    grown = [grow(values, gone, weight, seed, HOW) for seed in range(SEEDS)]
    column, cut, value = (np.concatenate(parts) for parts in list(zip(*grown, strict=True))[:3])
    return LineModel(tuple(NAMES), column, cut, value / SEEDS, grown[0].bias, 0.0)


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


def threshold_of(pages: Pages, scores: np.ndarray, limits: list[float]) -> float:
    """Return the lowest threshold at which each file keeps PRECISION, LOST and its limit of lines, with the rules."""
    found = -np.inf
    for number, limit in enumerate(limits):
        kept, gone = pages.label == 1, np.where(pages.gone, np.inf, -np.inf)
        gone[pages.rows] = np.where(pages.gone[pages.rows], np.inf, scores)
        of_file = np.flatnonzero((pages.file == number) & (pages.label >= 0))
        order = of_file[np.argsort(-gone[of_file], kind="stable")]
        wrong = np.cumsum(kept[order])
        lost = np.cumsum(kept[order] * pages.chars[order]) / (kept[of_file] * pages.chars[of_file]).sum()
        good = (lost <= LOST) & (wrong <= limit * wrong[-1])
        if wrong[-1] < len(order):
            good &= 1 - wrong / np.arange(1, len(order) + 1) >= PRECISION
        found = max(found, gone[order][good].min(initial=np.inf, where=gone[order][good] > -np.inf))
    return float(found)


def main(arguments: list[str]) -> None:
    out = Path("pipeline/boilerplate/model.json")
    if "--out" in arguments:
        at = arguments.index("--out")
        out = Path(arguments[at + 1])
        del arguments[at : at + 2]
    pages = read(arguments)
    trained = pages.label[pages.rows] >= 0
    scores = cross_validated(pages, trained)
    limits = [float([*name.split(":"), "1", "1"][2]) for name in arguments]
    threshold = threshold_of(pages, scores, limits)
    report(pages, scores, threshold, arguments)
    rows = pages.rows[trained]
    model = fit(pages.values[trained], pages.label[rows] == 0, pages.weight[rows])._replace(threshold=threshold)
    model.save(out, {"pages": [Path(name).name for name in arguments], "lines": int(trained.sum())})


def report(pages: Pages, scores: np.ndarray, threshold: float, files: list[str]) -> None:
    """Print precision, recall, lines and characters lost of each file, for rules alone and with the model."""
    for number, file in enumerate(files):
        for name, extra in (("rules", scores > np.inf), (f"with model from {threshold:.2f}", scores >= threshold)):
            gone = pages.gone.copy()
            gone[pages.rows[extra]] = True
            article, other = ((pages.label == label) & (pages.file == number) for label in (1, 0))
            right, wrong, chars = (gone & other).sum(), (gone & article).sum(), pages.chars
            print(f"{Path(file).name}, {name}: precision {right / max(right + wrong, 1):.4f}, "
                  f"recall {right / max(other.sum(), 1):.4f}, lines lost {wrong / article.sum():.2%}, "
                  f"characters lost {chars[gone & article].sum() / chars[article].sum():.3%}")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
