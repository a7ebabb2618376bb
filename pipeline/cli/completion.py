"""What a shell offers after `corpusmill … <Tab>`: settings with their defaults, presets, values."""

from __future__ import annotations

from collections.abc import Callable

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def assignments(acts: Callable[[str], bool]) -> Complete:
    """Return what offers each setting that acts as `key=default`; behind the `=`, the values that it takes."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from pipeline.configuration import choices, fields, toml

        known = {name: field for name, field in fields().items() if acts(name)}
        key, equals, begun = incomplete.partition("=")
        if equals and key in known:
            offered = choices(known[key]) or [toml(known[key].default)]
            return [CompletionItem(f"{key}={value}") for value in offered if value.startswith(begun)]
        return [
            CompletionItem(f"{name}={toml(field.default)}", help=field.description)
            for name, field in known.items()
            if name.startswith(incomplete)
        ]

    return complete


def presets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the names of presets."""
    from pipeline.presets import names

    return [CompletionItem(name) for name in names() if name.startswith(incomplete)]


def values(key: str) -> Complete:
    """Return what offers the values of one setting; none where it takes any text or number."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from pipeline.configuration import choices, fields

        return [CompletionItem(value) for value in choices(fields()[key]) if value.startswith(incomplete)]

    return complete
