"""The live stream: dated now, open agencies only, no id twice."""

from collections import Counter
from datetime import date, datetime
from itertools import islice

import pytest

from emc.contract import judge
from emc.instants import DAY, SECOND
from emc.registry import Registry, load_registry
from emc.verdicts import Accepted
from producers.simulator import Message, live, make_plan, paced, simulate
from tests.producers.simulator_fold import ZONE, facts, fold, instant, rates

NOON = int(datetime(2026, 11, 23, 12, 0, tzinfo=ZONE).timestamp()) * SECOND
TODAY = date(2026, 11, 23)


def some(count: int, start: int = NOON, seed: int = 0) -> list[Message]:
    return list(islice(live(load_registry(), seed, start=start), count))


def test_rate_is_steady_and_events_are_dated_by_then() -> None:
    registry = load_registry()
    messages = some(20_000)
    assert [message.sent_at for message in messages] == [
        NOON + place * SECOND // 50 for place in range(20_000)
    ]
    for message in messages:
        if message.refused is None:
            assert message.value is not None
            judged = judge(message.value, message.key, message.sent_at, registry)
            assert isinstance(judged, Accepted)
            assert message.sent_at - DAY < judged.time <= message.sent_at


def test_only_open_agencies_send() -> None:
    registry = load_registry()
    still_open = {code for code, agency in registry.agencies.items() if agency.valid_to is None}
    keys = {message.key.decode() for message in some(20_000) if message.refused is None and message.key}
    assert keys == still_open


def test_before_the_merger_all_agencies_send() -> None:
    start = NOON - 730 * DAY
    keys = {message.key for message in some(20_000, start) if message.refused is None}
    assert len(keys) == 85


def test_life_cycles_go_on_and_rates_come_near_the_plan() -> None:
    world = fold(some(40_000))
    statuses = Counter(facts(registers).get("status") for registers in world.dossiers.values())
    assert set(statuses) == set(range(1, 11))
    found = rates(world, TODAY, TODAY)
    for metric, low, high in (("online_submission", 0.3, 0.65), ("electronic_result", 0.4, 0.75)):
        counts = [share for (name, _), share in found.items() if name == metric]
        numerator, denominator = (sum(column) for column in zip(*counts, strict=True))
        assert denominator > 2000
        assert low < numerator / denominator < high


@pytest.mark.parametrize("pause", [1, 3600, 86_400])
def test_a_restart_repeats_no_id(pause: int) -> None:
    first, second = some(5000), some(5000, NOON + (100 + pause) * SECOND)
    assert not _ids(first) & _ids(second)
    assert not _dossiers(first) & _dossiers(second)


def _ids(messages: list[Message]) -> set[tuple[str, str]]:
    return set(fold(messages).ids)


def _dossiers(messages: list[Message]) -> set[tuple[str, str]]:
    return set(fold(messages).dossiers)


def test_codes_bear_the_day_of_receipt_also_at_midnight() -> None:
    midnight = NOON + DAY // 2
    dossiers = fold(some(10_000, midnight - 60 * SECOND)).dossiers
    assert {code.split("-")[1] for _, code in dossiers} == {"261123", "261124"}
    corrected = 0
    for (_, code), registers in dossiers.items():
        received = facts(registers).get("received_at")
        if received is not None and code.split("-")[1] != f"{instant(received).astimezone(ZONE):%y%m%d}":
            corrected += 1  # a wrong day that is still to be set right
    assert corrected < 0.02 * len(dossiers)


def test_a_whole_day_is_declared_the_next_morning() -> None:
    start = NOON + DAY // 2 - 60 * SECOND
    stream = live(load_registry(), rate=0.2, start=start)
    declared = [
        message
        for message in islice(stream, int(0.2 * 86_400 * 1.6))
        if message.refused is None and b"vn.emc.declaration" in (message.value or b"")
    ]
    assert declared
    assert all(b'"subject":"2026-11-24"' in (message.value or b"") for message in declared)


def test_catalogues_come_first_when_asked_for() -> None:
    stream = live(load_registry(), start=NOON, with_catalogues=True)
    messages = list(islice(stream, 3000))
    plan = make_plan(load_registry())
    assert all(b"vn.emc.procedure" in (message.value or b"") for message in messages[:1500])
    sizes = Counter(agency for agency, _ in fold(messages).procedures)
    assert all(sizes[a.code] == a.procedures for a in plan.agencies if a.code in sizes)


def test_catalogues_are_those_of_the_month() -> None:
    registry = load_registry()
    played = {
        message.value
        for message in simulate(registry, scale=0.01)
        if b"vn.emc.procedure" in (message.value or b"")
    }
    told = [
        message.value
        for message in islice(live(registry, start=NOON, with_catalogues=True), 3000)
        if b"vn.emc.procedure" in (message.value or b"")
    ]
    assert len(told) > 1500
    assert set(told) <= played


def test_paced_waits_until_a_message_is_due() -> None:
    clock, waits = [NOON], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += int(seconds * SECOND)

    for message in islice(paced(live(load_registry(), start=NOON), lambda: clock[0], sleep), 100):
        assert clock[0] >= message.sent_at
    assert sum(waits) == pytest.approx(99 / 50)


def test_a_rate_of_0_and_a_registry_without_open_agency_are_refused() -> None:
    with pytest.raises(ValueError, match="rate"):
        live(load_registry(), rate=0)
    with pytest.raises(ValueError, match="open"):
        live(Registry([]))
