"""Broken and odd messages of the simulator, judged by the contract's own code."""

from collections import Counter
from typing import Any

from emc.contract import judge, split_message
from emc.instants import LATEST, now_us
from emc.registry import Registry, load_registry
from emc.verdicts import Accepted, Malformed, Reason, Rejected
from producers.simulator import Message, make_plan, play, simulate
from tests.producers.simulator_fold import ZONE, World, day, entry, facts, fold, instant


def verdict(message: Message, registry: Registry) -> Reason | None:
    content_type = dict(message.headers)["content-type"].decode()
    try:
        (event,) = split_message(message.value, content_type)
    except Malformed:
        return Reason.MALFORMED
    judged = judge(event, message.key, now_us(), registry)
    assert isinstance(judged, Accepted | Rejected)
    return judged.reason if isinstance(judged, Rejected) else None


def test_every_message_is_judged_as_it_tells() -> None:
    registry = load_registry()
    for message in simulate(registry, seed=5, scale=0.1):
        assert verdict(message, registry) == message.refused, message


def test_every_reason_occurs_also_in_a_short_play() -> None:
    reasons = Counter(message.refused for message in simulate(load_registry(), seed=1, scale=0.02))
    assert set(reasons) == {None, *Reason}
    assert sum(count for reason, count in reasons.items() if reason) < 0.01 * reasons.total()


def test_messages_that_would_spoil_a_batch_travel_alone() -> None:
    for message in simulate(load_registry(), seed=1, scale=0.02):
        whole = message.key is not None and (message.value or b"")[:1] == b"{"
        alone = message.refused is Reason.MALFORMED or message.key is None
        assert message.packs != alone
        assert whole or alone


def test_every_warning_occurs() -> None:
    plan = make_plan(load_registry(), seed=2, scale=0.1)
    world = fold(play(plan))
    found = Counter(
        w for key, registers in world.dossiers.items() for w in _warnings(world, key, facts(registers))
    )
    assert set(found) == {
        "resolved_before_received",
        "received_before_submitted",
        "code_date_differs",
        "status_without_date",
        "date_in_future",
        "not_in_catalogue",
    }
    assert found.total() < 0.05 * plan.dossiers


def _warnings(world: World, key: tuple[str, str], dossier: dict[str, Any]) -> list[str]:
    received, submitted, resolved = (
        instant(dossier[name]).astimezone(ZONE) if dossier.get(name) else None
        for name in ("received_at", "submitted_at", "resolved_at")
    )
    found = []
    if received is None:
        return ["status_without_date"] if dossier.get("status") in (2, *range(4, 11)) else []
    if resolved and resolved < received:
        found.append("resolved_before_received")
    if submitted and received < submitted:
        found.append("received_before_submitted")
    if key[1].split("-")[1] != f"{received:%y%m%d}":
        found.append("code_date_differs")
    if resolved and resolved.year == 2099:
        found.append("date_in_future")
    on = day(dossier["received_at"])
    if on and str(dossier.get("procedure")).startswith("9."):
        assert entry(world, key[0], dossier["procedure"], on) is None
        found.append("not_in_catalogue")
    return found


def test_some_writers_tie_with_different_values() -> None:
    """The tie of the contract: same time, same id, another value."""
    values: dict[tuple[bytes, bytes], set[bytes]] = {}
    for message in simulate(load_registry(), seed=2, scale=0.1):
        if message.refused is None and message.value is not None and b"vn.emc.dossier" in message.value:
            head, _, data = message.value.partition(b'"data":')
            values.setdefault((message.key or b"", head), set()).add(data)
    assert sum(len(different) > 1 for different in values.values()) >= 3


def test_instants_lie_in_the_range_of_the_contract() -> None:
    assert all(message.sent_at < LATEST for message in simulate(load_registry(), seed=2, scale=0.02))
