"""The pages: each is found from the index, and no link leads nowhere."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "deploy" / "README.md"]
PRODUCT = ("emc", "producers", "streams", "sinks", "portal", "dashboards", "cli", "deploy")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@cache
def text_of(page: Path) -> str:
    """A page without its examples."""
    return _FENCED.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[tuple[Path, str]]:
    """Where its links to files of this repository lead: the file and the heading's anchor, if any."""
    found = (link for link in _LINK.findall(text_of(page)) if "://" not in link)
    parts = (link.partition("#") for link in found)
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in parts]


def anchors(page: Path) -> set[str]:
    """The anchors of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_link_leads_nowhere(page: Path) -> None:
    dead = [str(path) for path, _ in links(page) if not path.exists()]
    lost = [f"{path}#{a}" for path, a in links(page) if a and path.suffix == ".md" and a not in anchors(path)]
    assert dead + lost == []


def test_every_page_is_in_the_index() -> None:
    listed = {path for path, _ in links(DOCS / "README.md")}
    assert {page for page in DOCS.glob("*.md") if page.name != "README.md"} <= listed


def test_every_decision_is_in_its_list() -> None:
    listed = {path for path, _ in links(DOCS / "adr" / "README.md")}
    assert set((DOCS / "adr").glob("0*.md")) == listed


def test_the_first_page_leads_to_what_operates_it() -> None:
    listed = {path for path, _ in links(ROOT / "README.md")}
    for name in (
        "operations.md",
        "operations-data.md",
        "guarantees.md",
        "dashboards.md",
        "contract.md",
        "README.md",
    ):
        assert DOCS / name in listed
    assert ROOT / "deploy" / "README.md" in listed


def test_every_room_is_named() -> None:
    rooms = [init.parent for name in PRODUCT for init in (ROOT / name).rglob("__init__.py")]
    named = (DOCS / "architecture.md").read_text("utf-8")
    folders = [room.relative_to(ROOT).as_posix() for room in rooms]
    inner = [room for room in folders if not any(other.startswith(f"{room}/") for other in folders)]
    assert [room for room in inner if f"`{room}/`" not in named] == []


def test_what_changed_is_told_to_whom_it_concerns_and_first_what_must_be_done() -> None:
    newest = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)[1]
    above, *sections = re.split(r"^### (.+)$", newest, flags=re.MULTILINE)
    assert "* " not in above, "a line that stands under nobody"
    assert sections[0] == "Before you upgrade"
    assert [
        name for name, lines in zip(sections[::2], sections[1::2], strict=True) if "* " not in lines
    ] == []


def test_what_is_run_before_a_release_is_there_to_be_run() -> None:
    listed = (DOCS / "first-hour.md").read_text("utf-8").split("## Making a release")[1].split("\n## ")[0]
    asked = set(re.findall(r"`make ([\w-]+)`", listed))
    assert {"lint", "test", "faults", "wheel"} <= asked
    assert asked <= set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
