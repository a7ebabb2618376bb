"""No pattern is slow: processor time grows with the length of the text, whatever the text is."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator

import pytest

import flows
import pipeline
from pipeline.boilerplate import bylines
from pipeline.boilerplate.titles import cut_site
from tests.hostile.generator import PUMPS

#: Characters: from the first to the second a linear pattern takes 8 times as long, a quadratic one 64 times.
SHORT, FACTOR = 500, 8
#: Below this a measure says nothing.
SECONDS = 0.004
#: Patterns of one name, address or setting, or of files of our own: never given a text of an input.
#: Of those that are, these see no more than their function gives them: tested below, or 1,024 bytes of a head.
BOUNDED = {"pipeline.boilerplate.bylines._END.0", "pipeline.read.declarations._ATTRIBUTE.0"}
NOT_TEXT = {
    "pipeline.read.storage",
    "pipeline.stores",
    "pipeline.secrets",
    "pipeline.clean.screen",
    "pipeline.clean.classes",
    "pipeline.evaluate.shapes",
    "flows.dask",
}
MORE = [
    ("a" + "  b" * 3, "", "!"),
    (" on", "", "!"),
    ("1/", "", "x"),
    (" 1 ", "", "x"),
    ("a.", "", "@"),
    ("charset=", "", "x"),
]


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Yield the compiled patterns of all modules, those in tuples and dictionaries too."""
    for package in (pipeline, flows):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if (
                info.name.split(".")[1] in ("kernels", "cli")
                or info.name == "pipeline.preload"
                or info.name in NOT_TEXT
            ):
                continue
            if package is flows:
                continue  # shows names of our own; importing it takes Prefect's 2 s
            module = importlib.import_module(info.name)
            for name, value in sorted(vars(module).items()):
                for number, pattern in enumerate(_within(value)):
                    if f"{info.name}.{name}.{number}" not in BOUNDED:
                        yield f"{info.name}.{name}.{number}", pattern


def _within(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _within(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _within(one)


PATTERNS = dict(patterns())


def without_site(title: str) -> object:
    return cut_site(f"{title} | A b c", None, None, ("^(a+)+$",))


def took(pattern: re.Pattern[str] | re.Pattern[bytes], text: str) -> float:
    """Return the seconds of processor time that finding all takes, the least of three."""
    data: object = text.encode() if isinstance(pattern.pattern, bytes) else text
    times = []
    for _ in range(3):
        began = time.process_time()
        sum(1 for _ in pattern.finditer(data))  # type: ignore[arg-type]
        times.append(time.process_time() - began)
        if times[-1] < SECONDS:
            break
    return min(times)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_linear(name: str) -> None:
    slow = []
    for part, before, after in [*(pump[1:] for pump in PUMPS), *MORE]:
        short = before + part * (SHORT // len(part)) + after
        long = before + part * (FACTOR * SHORT // len(part)) + after
        time_long = took(PATTERNS[name], long)
        if time_long > SECONDS and time_long > 3 * FACTOR * max(took(PATTERNS[name], short), SECONDS / 100):
            slow.append((part, time_long))
    assert slow == []


@pytest.mark.parametrize("do", [bylines.byline, bylines.published, without_site], ids=lambda do: do.__name__)
def test_a_function_on_text_is_linear(do: Callable[[str], object]) -> None:
    for part, before, after in [*(pump[1:] for pump in PUMPS), *MORE]:
        began = time.process_time()
        do(f"By {before}{part * (20_000 // len(part))}{after}")
        assert time.process_time() - began < 0.5, part


def test_the_measure_finds_a_slow_pattern() -> None:
    assert took(re.compile(r"\s+$"), "a" + " " * FACTOR * SHORT + "b") > FACTOR * 3 * took(
        re.compile(r"\s+$"), "a" + " " * SHORT + "b"
    )
