"""What Hypothesis draws, in one place."""

from __future__ import annotations

from hypothesis import strategies as st

#: Few words, so that texts share many shingles.
WORDS = st.sampled_from(
    ["river", "Mayor", "the", "of", "2031", "Überfall", "don't", "naïve", "市", "長", "กา", "x_1", "हिंदी"]
)
SEPARATORS = st.sampled_from([" ", "  ", ", ", ". ", "\n", " – ", "…", ""])

sentences = st.lists(st.tuples(WORDS, SEPARATORS), max_size=40).map(lambda parts: "".join(a + b for a, b in parts))

#: Any text that Arrow can hold: no lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)

paragraphs = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
documents = st.lists(paragraphs, max_size=6).map("\n\n".join)
corpora = st.lists(documents, max_size=12)
