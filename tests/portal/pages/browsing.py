"""How tests browse: Chromium's options, and what of axe's findings is serious."""

from typing import Any

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": ["cat.color"]}}
"""Axe's rules of colours, all that a dark scheme may break: style sheets change nothing else for it."""
_SERIOUS = {"serious", "critical"}


def serious(found: Any) -> list[tuple[str, str]]:
    """The serious findings of axe: the rule, and the first element against it."""
    return [
        (each["id"], each["nodes"][0]["html"]) for each in found["violations"] if each["impact"] in _SERIOUS
    ]
