"""The slow twin of `pipeline.read.mixed`: each line by itself, in the charset that the test knows."""

from __future__ import annotations


def decode(lines: list[bytes], charset: str) -> str:
    """Return the text of lines that are wholly UTF-8 or wholly in `charset`."""
    texts = []
    for line in lines:
        try:
            texts.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            texts.append(line.decode(charset))
    return "\n".join(texts)
