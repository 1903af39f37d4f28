"""The commands that pages print, to be run as they stand there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(
    r"^## (?P<heading>[^\n]+)$|^```(?P<language>\w*)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE
)


class Printed(NamedTuple):
    """A command, without its comment, and the heading that it stands under."""

    heading: str
    command: str


def blocks(page: str, language: str) -> Iterator[tuple[str, str]]:
    """Each block of that language, with the heading that it stands under."""
    heading = ""
    for found in _BLOCK.finditer((DOCS / page).read_text("utf-8")):
        if found["heading"]:
            heading = found["heading"]
        elif found["language"] == language:
            yield heading, found["text"]


def commands(page: str) -> list[Printed]:
    """Those of its blocks `sh`, which are the ones to be run."""
    return [
        Printed(heading, command.split("  #")[0].strip())
        for heading, text in blocks(page, "sh")
        for command in text.replace("\\\n", " ").splitlines()
    ]
