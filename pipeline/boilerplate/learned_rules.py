"""Learned rules as a rule file: to be read, edited, and given back with `--rules`."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

#: Characters of a sample that are shown.
SHOWN = 160

_HEAD = """\
# Boilerplate that recurs on single sites, as learned from this corpus. Read it, take out what is text,
# and give the file back with --rules FILE and --set boilerplate.learned=off.
# Values are masked: lower case, 0 for any number, month and day for their names.
family = "learned"
"""


def write_rules(learned: pa.Table) -> str:
    """Return the learned rules (learning.LEARNED) as TOML in the format of rule files.

    Each rule has its counts and up to three sample documents as comments. Rules that were refused
    follow, commented out whole, each with the reason.
    """
    records = learned.to_pylist()
    taken = [record for record in records if record["decision"] == "learned"]
    refused = [record for record in records if record["decision"] != "learned"]
    parts = [_HEAD, *map(_rule, taken)]
    if refused:
        parts.append("# ---- Left alone: take the marks off a rule to use it all the same. ----\n")
        parts += [_commented(_rule(record)) for record in refused]
    return "\n".join(parts)


def _rule(record: dict[str, Any]) -> str:
    share = f"{record['bodies']} of {record['site_bodies']} ({record['share']:.0%}) when copies count once"
    lines = [f"# {_plain(record['evidence'])}", f"# {share}{_between(record)}", f"# {record['n_chars']} characters"]
    lines += [f"# {_plain(sample['doc_id'])}: {_plain(sample['text'])}" for sample in record["samples"]]
    lines += [
        "[[rule]]",
        f"id = {_string(record['rule'])}",
        'match = "masked"',
        f"sites = [{_string(record['site'])}]",
        _values(record["texts"]),
        f"reason = {_string(record['decision'] + ': ' + record['reason'])}",
    ]
    return "\n".join(lines) + "\n"


def _between(record: dict[str, Any]) -> str:
    if record["first"] is None:
        return ""
    return f", dated {record['first']:%Y-%m-%d} to {record['last']:%Y-%m-%d}"


def _values(texts: list[str]) -> str:
    if len(texts) == 1:
        return f"values = [{_string(texts[0])}]"
    return "\n".join(["values = [", *(f"  {_string(text)}," for text in texts), "]"])


def _commented(rule: str) -> str:
    return "".join(f"# {line}\n" if not line.startswith("#") else f"{line}\n" for line in rule.splitlines())


def _plain(text: str) -> str:
    """Return text on one line, without control characters, fit for a comment."""
    line = " ".join(text.split())
    shown = line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else "�" for char in shown)


def _string(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are TOML's, but DEL must be escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
