"""Every command that a page prints is one that `emc` takes, with the options that it has there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.cli.test_main import ALL, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "deploy" / "README.md"]
_BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_ENDS = ("|", ">", ">>", "<", "&&", "||", "&", ";", "2>", "…")
"""What ends a command's own words in a shell, and what a page leaves out."""


def printed(page: Path) -> Iterator[list[str]]:
    """The words of each command `emc …` in the blocks of a page, without what the shell makes of them."""
    for block in _BLOCK.findall(page.read_text("utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.strip().split("  #")[0], comments=False) if "emc " in line else []
            while words and ("=" in words[0] or words[0] in ("sudo", "$")):
                words.pop(0)
            if words[:1] == ["emc"]:
                ends = [n for n, word in enumerate(words) if word in _ENDS or word.startswith("$(")]
                yield words[1 : min(ends, default=len(words))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_prints_can_be_asked(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = []
    for words in printed(page):
        name = next((one for one in (" ".join(words[:2]), words[0]) if one in ALL), None)
        if name is None:
            wrong.append((words, "no such command"))
            continue
        try:
            ALL[name].make_context(name, words[len(name.split()) :])
        except click.exceptions.Exit:
            continue
        except click.UsageError as error:
            if "does not exist" not in error.message:  # a file of the example
                wrong.append((words, error.message))
    assert wrong == []


def test_the_pages_print_commands() -> None:
    assert sum(len(list(printed(page))) for page in PAGES) > 60
