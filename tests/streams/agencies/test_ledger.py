"""A ledger's cells, sums and rates follow from the set of its events alone, and conserve dossiers."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emc.dossier import RECEIPT, RESOLUTION, Cell
from emc.instants import DAY, day_number, parse_date
from emc.registers import Registers, fold, values
from emc.sums import BASE, COUNTED
from emc.verdicts import Accepted
from streams.agencies import calendar
from streams.agencies.change import Inconsistent
from streams.agencies.ledger import Ledger
from streams.agencies.rates import counts_of
from streams.agencies.state import AgencyState
from streams.agencies.store import Store, cell_key, encode_count
from tests.emc.strategies import AGENCY, START, events

TODAY = day_number(parse_date("2024-04-10"))


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with TemporaryDirectory() as directory:
        opened = Store(Path(directory) / "store")
        yield opened
        opened.close()


def played(store: Store, batches: list[list[Accepted]]) -> Ledger:
    store.drop(AGENCY)
    ledger = Ledger(AgencyState(AGENCY), store)
    for batch in batches:
        change = ledger.apply(batch, ledger.version + 1, TODAY, 0)
        store.write(change.puts)
    return ledger


def cells_of(store: Store) -> dict[Cell, int]:
    return {cell: count for cell, count in store.cells(AGENCY) if count}


def sums_of(ledger: Ledger) -> dict[calendar.Key, list[int]]:
    return {key: sums for key, sums in ledger.state.sums.items() if any(sums)}


@settings(deadline=None)
@given(st.lists(events(), max_size=20), st.data())
def test_permutation_repetition_and_batching_do_not_matter(
    store: Store, found: list[Accepted], data: st.DataObject
) -> None:
    expected = played(store, [found])
    cells = cells_of(store)
    repeated = found + data.draw(st.lists(st.sampled_from(found), max_size=5) if found else st.just([]))
    shuffled = data.draw(st.permutations(repeated))
    cut = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=3)))
    bounds = [0, *cut, len(shuffled)]
    again = played(store, [shuffled[a:b] for a, b in pairwise(bounds)])
    assert cells_of(store) == cells
    assert sums_of(again) == sums_of(expected)
    for key in expected.state.sums:
        assert list(counts_of(again.state, key, TODAY)) == list(counts_of(expected.state, key, TODAY))


@settings(deadline=None)
@given(st.lists(st.lists(events(), max_size=8), max_size=4))
def test_cells_add_up_to_the_dossiers_received_and_resolved(
    store: Store, batches: list[list[Accepted]]
) -> None:
    ledger = played(store, batches)
    registers: dict[str, Registers] = {}
    for event in (event for batch in batches for event in batch if event.kind == "dossier"):
        fold(registers.setdefault(event.subject, []), event.time, event.id, event.fields)
    counted = Counter[int]()
    for held in registers.values():
        value = values(held)
        if value.get("received_at") is not None and not value.get("removed"):
            counted[RECEIPT] += 1
            if value.get("resolved_at") is not None and value.get("status") not in (3, 7, 8):
                counted[RESOLUTION] += 1
    cells = Counter[int]()
    for cell, count in cells_of(store).items():
        cells[cell.attribution] += count
    assert cells == counted
    for attribution in (RECEIPT, RESOLUTION):
        years = [sums for (period, _), sums in ledger.state.sums.items() if period == 3]
        assert sum(sums[BASE[attribution] + COUNTED] for sums in years) == counted[attribution]


def received(number: int, **fields: object) -> Accepted:
    code = f"000.00.16.H25-240305-{number:04}"
    return Accepted(
        "dossier",
        AGENCY,
        code,
        "",
        START + number,
        f"id{number}",
        "/agencies/H25",
        {"received_at": START, **fields},
    )


def test_every_touched_row_is_written_also_when_nothing_changed(store: Store) -> None:
    event = received(1, channel="online")
    ledger = played(store, [[event]])
    change = ledger.apply([event], ledger.version + 1, TODAY, 0)
    assert [row[1] for row in change.rows["dossiers"]] == [event.subject]
    assert [row[5] for row in change.rows["tallies"]] == [1]
    assert {row[3] for row in change.rows["rates"]} == {"day", "month", "quarter", "year"}
    assert change.rows["rate_history"] == []


def test_a_change_of_the_catalogue_restates_its_cells(store: Store) -> None:
    event = received(1, channel="online", procedure="1.000001")
    ledger = played(store, [[event]])
    entry = Accepted("procedure", AGENCY, "1.000001", "1970-01-01", START, "p", "/agencies/H25", {})
    entry.fields = {"service_level": "full", "eligible_full_online": True}
    store.write(ledger.apply([entry], ledger.version + 1, TODAY, 0).puts)
    day = calendar.containing(day_number(parse_date("2024-03-30")))[0]
    rates = {
        (c.metric, c.definition): (c.numerator, c.denominator) for c in counts_of(ledger.state, day, TODAY)
    }
    assert rates["full_online_use", "eligible"] == (1, 1)
    assert rates["full_online_supply", "eligible"] == (1, 1)


def test_a_store_that_contradicts_itself_is_noticed(store: Store) -> None:
    event = received(1)
    ledger = played(store, [[event]])
    (cell,) = cells_of(store)
    store.write([(cell_key(AGENCY, cell), encode_count(0))])
    moved = received(1)
    moved.time, moved.fields = START + DAY, {"received_at": START + DAY}
    with pytest.raises(Inconsistent):
        ledger.apply([moved], ledger.version + 1, TODAY, 0)


def test_midnight_renews_what_depends_on_the_day(store: Store) -> None:
    entry = Accepted("procedure", AGENCY, "1.000001", "2024-04-11", START, "p", "/agencies/H25", {})
    entry.fields = {"eligible_full_online": True}
    ledger = played(store, [[entry, received(1)]])
    change = ledger.renew(ledger.version + 1, TODAY + 1, 0)
    rows = {(row[1], row[3], row[4]): row for row in change.rows["rates"]}
    assert rows["full_online_supply", "day", TODAY + 1][5:7] == (0, 1)
    assert rows["full_online_supply", "day", TODAY + 1][-1] == 0
    later = ledger.renew(ledger.version + 1, TODAY + 2, 0)
    gone = {(row[1], row[3], row[4]): row[-1] for row in later.rows["rates"]}
    assert gone["full_online_supply", "day", TODAY + 1] == 1
