"""Kept pages: at most two seconds old, new for who reloads, given to exactly the same rights."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from emc.access import Scope
from emc.errors import ComponentError
from portal.pages import kept
from portal.pages.kept import KeptPages
from sinks.clickhouse.database import Database
from tests.portal.pages.conftest import RELOADED, START, As
from tests.portal.serving import token_of


class Tables:
    """What is written, how often it was looked at and drawn; `refuse`: drawing fails."""

    def __init__(self) -> None:
        self.written, self.looks, self.draws, self.refuse = 0, 0, 0, False

    def look(self) -> int:
        """The mark."""
        self.looks += 1
        return self.written

    def draw(self, _: bool) -> bytes:
        """A page that shows what is written."""
        self.draws += 1
        if self.refuse:
            raise ComponentError("away")
        return str(self.written).encode()


@pytest.fixture
def tables() -> Tables:
    """Nothing is written yet."""
    return Tables()


@pytest.fixture
def pages(tables: Tables) -> Iterator[KeptPages]:
    """Pages that show what is written."""
    made = KeptPages(tables.look, most=100)
    yield made
    made.close()


def test_a_page_is_given_without_a_look_until_it_may_be_two_seconds_old(
    pages: KeptPages, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_LOOK_EVERY", 60.0)
    assert pages.page("q", tables.draw) == pages.page("q", tables.draw) == b"0"
    tables.written = 1
    assert (pages.page("q", tables.draw), tables.looks, tables.draws) == (b"0", 1, 1)
    monkeypatch.setattr(kept, "SHOWN_FOR", 0.0)
    assert pages.page("q", tables.draw) == b"1"
    assert (pages.page("q", tables.draw), tables.looks, tables.draws) == (b"1", 3, 2)


def test_who_wants_it_new_gets_what_is_written(pages: KeptPages, tables: Tables) -> None:
    for written in range(5):
        tables.written = written
        assert pages.page("q", tables.draw, is_new_wanted=True) == str(written).encode()
    draws = tables.draws
    assert (pages.page("q", tables.draw, is_new_wanted=True), tables.draws) == (b"4", draws)


def test_a_page_that_was_asked_for_is_drawn_anew_before_anybody_asks_again(
    pages: KeptPages, tables: Tables
) -> None:
    assert pages.page("q", tables.draw) == b"0"
    tables.written = 1
    _until(lambda: tables.draws == 2)
    assert (pages.page("q", tables.draw), tables.draws) == (b"1", 2)


def test_the_page_asked_for_last_is_drawn_anew_first(
    pages: KeptPages, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_LOOK_EVERY", 60.0)
    monkeypatch.setattr(kept, "_DRAW_EVERY", 0.0)
    for question in ("a", "b", "a"):
        pages.page(question, tables.draw)
    tables.written = 1
    pages._renew()
    assert {question: page.body for question, page in pages._pages.items()} == {"a": b"1", "b": b"0"}
    pages._renew()
    assert {page.body for page in pages._pages.values()} == {b"1"}


def test_what_can_not_be_drawn_is_told_to_who_asks_and_not_kept(pages: KeptPages, tables: Tables) -> None:
    assert pages.page("q", tables.draw) == b"0"
    tables.written, tables.refuse = 1, True
    _until(lambda: "q" not in pages._pages)
    with pytest.raises(ComponentError):
        pages.page("q", tables.draw)
    tables.refuse = False
    assert pages.page("q", tables.draw) == b"1"


def test_pages_are_bounded_by_weight(pages: KeptPages) -> None:
    for question in "abc":
        pages.page(question, lambda _: b"." * 40)
    assert (list(pages._pages), pages._pages.weight) == (["b", "c"], 80)
    assert pages.page("d", lambda _: b"." * 101) == b"." * 101
    assert (list(pages._pages), pages._pages.weight) == ([], 0)


def test_many_who_ask_at_once_wait_for_one_drawing(pages: KeptPages) -> None:
    go, draws = threading.Event(), list[int]()

    def draw(_: bool) -> bytes:
        draws.append(1)
        go.wait(20)
        return b"drawn"

    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(pages.page, "q", draw) for _ in range(20)]
        while not all(each.running() for each in asked):
            time.sleep(0.01)
        go.set()
        assert {each.result() for each in asked} == {b"drawn"}
    assert len(draws) == 1


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_page_is_drawn_for_exactly_the_same_rights(
    client: httpx.Client, as_: As, database: Database
) -> None:
    page = f"/agencies/H26?start={START}"
    both = token_of(database, "H26", Scope.RATES_READ, Scope.DOSSIERS_READ)
    rates_alone = token_of(database, "H26", Scope.RATES_READ)
    for headers in (as_(None), {"Authorization": f"Bearer {both}"}, as_(None)):
        assert "MARKER-OF-H26" in client.get(page, headers=headers).text
    assert "MARKER-OF-H26" not in client.get(page, headers={"Authorization": f"Bearer {rates_alone}"}).text
    assert client.get(page, headers=as_("H25")).status_code == 403
    board = f"/?start={START}"
    assert "/agencies/H26?" in client.get(board, headers=as_(None)).text
    for _ in range(2):
        assert "/agencies/H26?" not in client.get(board, headers=as_("H25")).text


def test_nothing_of_a_session_is_on_the_page_of_another(
    client: httpx.Client, tokens: dict[str | None, str]
) -> None:
    found = []
    for _ in range(2):
        client.cookies.clear()
        client.post("/sign-in", data={"token": tokens["H25"], "next": "/"})
        found += [client.get(f"/?start={START}", headers=headers).text for headers in ({}, RELOADED)]
    client.cookies.clear()
    forms = [re.findall('name="csrf" value="([^"]*)"', text) for text in found]
    assert [len(each) for each in forms] == [1, 1, 1, 1]
    assert forms[0] == forms[1] != forms[2] == forms[3]
    assert not any("session-" in text for text in found)
