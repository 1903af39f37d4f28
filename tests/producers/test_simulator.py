"""The simulated month: its counts, its figures, its disorder."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

import pytest

from emc.figures import load_reported_figures
from emc.registry import load_registry
from producers.simulator import Message, Plan, make_plan, play, simulate
from producers.simulator.figures import TARGETS
from producers.simulator.hours import midnight
from tests.producers.simulator_fold import ZONE, World, day, facts, fold, instant, rates

FIRST, LAST = date(2024, 3, 1), date(2024, 3, 31)
GROUPS = ("ministries", "localities")


@cache
def small() -> tuple[Plan, list[Message], World]:
    plan = make_plan(load_registry(), seed=3, scale=0.1)
    messages = list(play(plan))
    return plan, messages, fold(messages)


def in_order(messages: Iterable[Message]) -> Iterator[Message]:
    last = 0
    for message in messages:
        assert message.sent_at >= last
        last = message.sent_at
        yield message


def rounded(numerator: int, denominator: int, percent: str) -> str:
    decimals = len(percent.partition(".")[2])
    return f"{100 * numerator / denominator:.{decimals}f}"


@pytest.mark.parametrize(("seed", "scale"), [(0, 1), (1, 0.02), (2, 0.1), (4, 0.17)])
def test_rates_are_the_planned_and_the_published_ones(seed: int, scale: float) -> None:
    registry = load_registry()
    plan = make_plan(registry, seed, scale)
    found = rates(fold(in_order(play(plan))), FIRST, LAST)
    for metric, figures in TARGETS.items():
        for agency in plan.agencies:
            assert tuple(found.get((metric, agency.code), (0, 0))) == agency.share(metric), (
                metric,
                agency.code,
            )
        for group in GROUPS:
            counts = [found[metric, code] for code in registry.members(group) if (metric, code) in found]
            numerator, denominator = (sum(column) for column in zip(*counts, strict=True))
            assert (numerator, denominator) == plan.group_share(metric, group)
            assert rounded(numerator, denominator, figures[group]) == figures[group]


@pytest.mark.parametrize("scale", [0.001, 0.02, 0.1, 0.37, 1, 2, 3, 10, 100])
@pytest.mark.parametrize("seed", range(5))
def test_plans_of_any_scale_meet_the_published_figures(seed: int, scale: float) -> None:
    plan = make_plan(load_registry(), seed, scale)
    for metric, figures in TARGETS.items():
        for group, percent in figures.items():
            assert rounded(*plan.group_share(metric, group), percent) == percent


def test_targets_are_the_published_figures() -> None:
    published = {
        (figure.metric, figure.scope): figure.value
        for figure in load_reported_figures()
        if figure.scope in GROUPS and figure.unit == "percent" and figure.as_of == date(2024, 4, 24)
    }
    assert published == {(m, g): float(p) for m, figures in TARGETS.items() for g, p in figures.items()}


def test_same_seed_same_messages() -> None:
    registry = load_registry()
    one, two = (list(simulate(registry, seed=7, scale=0.02)) for _ in range(2))
    assert one == two
    assert one != list(simulate(registry, seed=8, scale=0.02))


def test_size_grows_with_the_scale() -> None:
    assert sum(agency.received for agency in make_plan(load_registry()).agencies) == 50_000
    plan, messages, _ = small()
    assert sum(agency.received for agency in plan.agencies) == 5000
    dossier_events = sum(b"vn.emc.dossier" in (message.value or b"") for message in messages)
    assert 28_000 < dossier_events < 32_000


def test_all_85_agencies_take_part_and_differ() -> None:
    plan, messages, _ = small()
    assert len(plan.agencies) == 85
    assert {m.key for m in messages if m.refused is None} == {a.code.encode() for a in plan.agencies}
    for metric in ("online_submission", "electronic_result", "full_online_supply"):
        shares = [agency.share(metric) for agency in make_plan(load_registry()).agencies]
        values = [numerator / denominator for numerator, denominator in shares]
        assert min(values) < 0.2
        assert max(values) > 0.8
        assert all(0.04 < value < 0.96 for value in values)


def test_events_are_nearly_in_order_with_late_and_repeated_ones() -> None:
    _, messages, world = small()
    late, newest = 0, Counter[bytes]()
    for message in messages:
        if message.refused is None and message.key is not None and message.value is not None:
            time = int(instant(message.value.split(b'"time":"')[1].split(b'"')[0].decode()).timestamp())
            late += time < newest[message.key] - 600
            newest[message.key] = max(time, newest[message.key])
    assert 0.01 < late / len(messages) < 0.15
    repeats = sum(count - 1 for count in world.ids.values())
    assert 0.04 < repeats / (world.ids.total() - world.heartbeats.total()) < 0.06


def test_all_ten_statuses_and_channels_occur() -> None:
    _, messages, world = small()
    statuses = {s for s in range(1, 11) if any(b'"status":%d' % s in (m.value or b"") for m in messages)}
    assert statuses == set(range(1, 11))
    final = Counter(facts(registers).get("status") for registers in world.dossiers.values())
    assert {1, 3, 4, 7, 8, 9, 10} <= set(final)
    channels = Counter(facts(registers).get("channel") for registers in world.dossiers.values())
    assert {"online", "direct", "postal", None} <= set(channels)


def test_removed_dossiers_and_cleared_registers_occur() -> None:
    _, _, world = small()
    final = [facts(registers) for registers in world.dossiers.values()]
    assert any(dossier.get("removed") and dossier.get("received_at") for dossier in final)
    assert any(dossier.get("removed") is False for dossier in final)
    assert any("resolved_at" in dossier and dossier["resolved_at"] is None for dossier in final)


def test_dossiers_cross_the_borders_of_the_month() -> None:
    _, _, world = small()
    pairs = Counter(
        (received.month, resolved.month if resolved else None)
        for registers in world.dossiers.values()
        if (received := day(facts(registers).get("received_at"))) is not None
        for resolved in [day(facts(registers).get("resolved_at"))]
    )
    assert {(2, 2), (2, 3), (3, 3), (3, 4), (3, None)} <= set(pairs)


def test_receipts_follow_working_hours() -> None:
    _, _, world = small()
    instants = [
        instant(text).astimezone(ZONE)
        for registers in world.dossiers.values()
        if (text := facts(registers).get("received_at")) is not None
    ]
    hours = Counter(moment.hour for moment in instants)
    assert hours[12] < hours[9] / 5
    assert sum(hours[h] for h in range(7, 18)) > 0.95 * len(instants)
    assert sum(moment.weekday() >= 5 for moment in instants) < 0.08 * len(instants)


def test_silent_agencies_send_nothing_more() -> None:
    plan, messages, _ = small()
    silent = {a.code.encode(): a.silent_from for a in plan.agencies if a.silent_from is not None}
    assert len(silent) == 2
    for key, until in silent.items():
        sent = [message.sent_at for message in messages if message.key == key and message.refused is None]
        assert max(sent) <= until
        assert midnight(plan.month.first) < until < midnight(plan.month.last)


def test_coverage_is_lower_where_the_connection_was_not_full() -> None:
    plan, _, world = small()
    registry = load_registry()
    declared: Counter[str] = Counter()
    for (code, subject), registers in world.declarations.items():
        if FIRST <= date.fromisoformat(subject) <= LAST:
            declared[code] += facts(registers).get("received") or 0
    assert len([a for a in plan.agencies if a.declared is None and not declared[a.code]]) >= 2
    for agency in plan.agencies:
        if declared[agency.code] < 100 or agency.silent_from is not None:
            continue
        coverage = agency.received / declared[agency.code]
        if registry.agencies[agency.code].emc_connection_2024_04 == "not-full":
            assert 0.3 < coverage < 0.95
        else:
            assert 0.9 < coverage < 1.1


def test_catalogues_change_within_the_month_and_stay_below_61_procedures() -> None:
    plan, _, world = small()
    sizes = Counter(agency for agency, _ in world.procedures)
    assert sizes == {agency.code: agency.procedures for agency in plan.agencies}
    assert all(20 <= size <= 60 for size in sizes.values())
    starts = {start for entries in world.procedures.values() for start in entries}
    assert any("2024-03-01" < start < "2024-03-31" for start in starts)
    assert any(start > "2024-04-01" for start in starts)


def test_other_metrics_are_plausible() -> None:
    _, _, world = small()
    found = rates(world, FIRST, LAST)
    for metric in ("on_time", "identified", "online_payment"):
        numerator, denominator = (
            sum(counts[place] for (name, _), counts in found.items() if name == metric) for place in (0, 1)
        )
        assert 0.2 < numerator / denominator < 0.97


@pytest.mark.parametrize("scale", [0, -1, float("inf"), float("nan")])
def test_a_scale_that_is_no_positive_number_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        make_plan(load_registry(), scale=scale)


def test_a_month_that_does_not_begin_on_its_first_day_is_refused() -> None:
    with pytest.raises(ValueError, match="first day"):
        make_plan(load_registry(), month=date(2024, 3, 2))


def test_another_month_keeps_the_figures() -> None:
    plan = make_plan(load_registry(), scale=0.02, month=date(2024, 2, 1))
    found = rates(fold(play(plan)), date(2024, 2, 1), date(2024, 2, 29))
    for metric in TARGETS:
        for agency in plan.agencies:
            assert tuple(found.get((metric, agency.code), (0, 0))) == agency.share(metric)
