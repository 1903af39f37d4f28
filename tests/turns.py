"""Which tests stay in one process of several, and which are begun first.

By file, not by pytest-xdist's marks: with pytest 9.2 no mark reaches the process that hands out tests, and
each test would be given to whoever is free, so that every process makes every file's fixtures.
"""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
COSTLY = {"tests/cli": re.compile(r"\bservice: "), "tests/dashboards": re.compile(r"\b(month|asking): ")}
"""Folders with a fixture of a session that should not be made twice, and how a file tells that it uses it."""

FIRST = (
    "tests/cli",
    "tests/test_histories",
    "tests/streams",
    "tests/deploy",
    "tests/portal/pages",
    "tests/dashboards",
)
"""Where the long tests are; begun last, one of them would be waited for alone."""


@cache
def group_of(file: str) -> str:
    """What stays together with this file: it alone, or all files of a costly fixture."""
    for folder, used in COSTLY.items():
        if file.startswith(f"{folder}/") and used.search((ROOT / file).read_text(encoding="utf-8")):
            return folder
    return file


def turn_of(file: str) -> int:
    """The smaller, the sooner a file is begun."""
    return next((n for n, start in enumerate(FIRST) if file.startswith(start)), len(FIRST))


class Turns(LoadScopeScheduling):  # type: ignore[misc]
    """Hands a group of files to one process as a whole, in the order in which tests were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0])
