"""`python -m pipeline.evaluate LABELLED.jsonl… [key=value…]`: what `corpusmill evaluate boilerplate` prints."""

from __future__ import annotations

import sys

from pipeline.configuration import load
from pipeline.errors import CorpusmillError, SettingsError
from pipeline.evaluate.boilerplate import evaluate_boilerplate
from pipeline.evaluate.report import told


def main(arguments: list[str]) -> int:
    """Print the scores; arguments with `=` are settings, as `--set` takes them, the others files."""
    files = [argument for argument in arguments if "=" not in argument]
    try:
        settings = load(None, [argument for argument in arguments if "=" in argument])
        print(told(evaluate_boilerplate(files, settings)))
    except CorpusmillError as error:
        print(f"corpusmill: {error}", file=sys.stderr)
        return 2 if isinstance(error, SettingsError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
