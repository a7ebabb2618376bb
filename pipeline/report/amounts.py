"""Figures as people read them."""

from __future__ import annotations

#: Between a figure and its unit, which stay on one line.
NO_BREAK = "\u00a0"


def exact(count: int) -> str:
    """Return 1234567 as "1,234,567"."""
    return f"{count:,}"


def rough(count: int) -> str:
    """Return a count in at most three figures: 812, "8.5 k", "1.2 M"."""
    value, unit = float(count), ""
    for larger in ("k", "M", "G", "T"):
        if round(value, 1 if unit else 0) < 1000:
            break
        value, unit = value / 1000, larger
    if not unit:
        return str(count)
    return f"{value:.0f}{NO_BREAK}{unit}" if value >= 99.95 else f"{value:.1f}{NO_BREAK}{unit}"


def share(part: float, whole: float) -> str:
    """Return what part of the whole it is: "31 %", "0.4 %", "under 0.1 %", "0 %"."""
    value = 100 * part / whole if whole else 0.0
    if 0 < value < 0.1:
        return f"under 0.1{NO_BREAK}%"
    if 99.9 < value < 100:
        return f"over 99.9{NO_BREAK}%"
    return f"{value:.0f}{NO_BREAK}%" if value >= 9.95 or value == 0 else f"{value:.1f}{NO_BREAK}%"


def many(count: int, one: str, more: str = "") -> str:
    """Return the count with its noun: "1 document", "1,200 documents"."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
