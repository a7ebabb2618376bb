"""What may be a headline is told by its bytes where they suffice: the outcome is that of the plain rule."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.boilerplate.body import ends_sentence, folded
from pipeline.boilerplate.foreign_titles import LEAST_WORDS, MOST_BYTES, headline_like

pieces = st.sampled_from(
    [
        "Council ",
        "votes on ",
        "the ",
        "bridge",
        "U.S.",
        "U.",
        "S",
        ".",
        "!",
        "”",
        " ",
        "\n",
        "é.",
        "議会が橋を閉鎖",
        "a b c d",
        "x" * 150,
    ]
)
texts = st.lists(st.lists(pieces, max_size=8).map("".join), max_size=6)


def plainly(text: str) -> bool:
    """The slow twin of `headline_like`, for scripts with spaces and the one without that is above."""
    words = folded(pa.array([text]))[0].as_py()
    long = words.count(" ") + 1 >= LEAST_WORDS or ("議" in words and len(words) >= 2 * LEAST_WORDS)
    ends = ends_sentence(pa.array([text]))[0]
    return 0 < len(text.encode()) <= MOST_BYTES and not ends and long and "\n" not in text


@given(texts)
@example(["Council votes on the U.S.", "Council votes on the bridge.", "a b c d", "议会. a b c.", ""])
def test_what_may_be_a_headline(values: list[str]) -> None:
    column = pa.array(["", *values], pa.large_string()).slice(1)
    assert headline_like(pa.table({"text": column})).tolist() == [plainly(text) for text in values]
