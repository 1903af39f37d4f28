"""The history of an agency's rates says, at every step, what was shown then; and nothing twice."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emc.instants import day_number, parse_date
from emc.periods import PERIODS
from emc.verdicts import Accepted
from streams.agencies import calendar
from streams.agencies.change import Change
from streams.agencies.ledger import Ledger
from streams.agencies.rates import counts_of
from streams.agencies.state import AgencyState
from streams.agencies.store import Store
from tests.emc.strategies import AGENCY, events

TODAY = day_number(parse_date("2024-04-10"))
MINUTE = 60_000
Shown = dict[tuple[Any, ...], tuple[int, ...]]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with TemporaryDirectory() as directory:
        opened = Store(Path(directory) / "store")
        yield opened
        opened.close()


def shown_now(ledger: Ledger, today: int) -> Shown:
    """Every rate that exists, by metric, definition, period and start."""
    keys = {*ledger.state.sums, *calendar.containing(today)}
    return {
        (count.metric, count.definition, PERIODS[key[0]], key[1]): tuple(count.integers())
        for key in keys
        for count in counts_of(ledger.state, key, today)
        if count.exists
    }


def played(store: Store, shown: Shown, change: Change) -> None:
    """Takes one step into the local store and into what the history says."""
    store.write(change.puts)
    for row in change.rows["rate_history"]:
        key, counts, is_deleted = row[1:5], row[6:10], row[10]
        shown.pop(key, None)
        if not is_deleted:
            shown[key] = counts


@settings(deadline=None)
@given(st.lists(st.lists(events(), max_size=8), max_size=5), st.lists(st.integers(0, 2), min_size=5))
def test_the_history_says_at_every_step_what_was_shown(
    store: Store, batches: list[list[Accepted]], days: list[int]
) -> None:
    store.drop(AGENCY)
    ledger, shown, today = Ledger(AgencyState(AGENCY), store), Shown(), TODAY
    for number, batch in enumerate(batches):
        today += days[number]
        if ledger.version:
            played(store, shown, ledger.renew(ledger.version + 1, today, number * MINUTE))
            assert shown == shown_now(ledger, today)
        if batch:
            played(store, shown, ledger.apply(batch, ledger.version + 1, today, number * MINUTE))
            assert shown == shown_now(ledger, today)


@settings(deadline=None)
@given(st.lists(st.lists(events(), max_size=8), max_size=4))
def test_no_row_repeats_what_was_shown_already(store: Store, batches: list[list[Accepted]]) -> None:
    store.drop(AGENCY)
    ledger, shown = Ledger(AgencyState(AGENCY), store), Shown()
    for number, batch in enumerate(batches):
        change = ledger.apply(batch, ledger.version + 1, TODAY, number * MINUTE)
        for row in change.rows["rate_history"]:
            assert row[10] or shown.get(row[1:5]) != row[6:10]
        played(store, shown, change)


@settings(deadline=None)
@given(st.lists(events(), min_size=1, max_size=20))
def test_a_batch_read_again_leaves_no_history(store: Store, batch: list[Accepted]) -> None:
    store.drop(AGENCY)
    ledger = Ledger(AgencyState(AGENCY), store)
    store.write(ledger.apply(batch, 1, TODAY, 0).puts)
    assert ledger.apply(batch, 2, TODAY, MINUTE).rows["rate_history"] == []
