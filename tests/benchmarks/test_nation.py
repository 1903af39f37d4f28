"""The order and the number of events that stand for a nation's."""

from collections import Counter, defaultdict
from itertools import pairwise

import msgspec
import pytest

from benchmarks.load import month
from benchmarks.nation import dossier_of, first_events, in_rounds, nation
from emc.contract import judge
from emc.registry import load_registry
from emc.verdicts import Accepted
from producers.simulator import Message

FUTURE = 2_000_000_000_000_000


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return month(load_registry(), 0.005)


def by_dossier(messages: list[Message]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for message in messages:
        dossier = dossier_of(message)
        if dossier is not None:
            assert message.value is not None
            found[dossier].append(message.value)
    return found


def test_rounds_hold_the_same_events_each_dossiers_in_their_order(messages: list[Message]) -> None:
    ordered = in_rounds(messages)
    assert Counter(m.value for m in ordered) == Counter(m.value for m in messages)
    assert by_dossier(ordered) == by_dossier(messages)


def test_the_first_round_holds_every_dossier_once(messages: list[Message]) -> None:
    dossiers = [dossier for dossier in map(dossier_of, in_rounds(messages)) if dossier is not None]
    count = len(set(dossiers))
    assert len(set(dossiers[:count])) == count
    assert len(dossiers) > 2 * count


def test_of_each_dossier_the_first_events_are_left(messages: list[Message]) -> None:
    left = list(first_events(messages, 2))
    assert by_dossier(left) == {dossier: values[:2] for dossier, values in by_dossier(messages).items()}
    others = [message for message in messages if dossier_of(message) is None]
    assert [message for message in left if dossier_of(message) is None] == others


def test_a_nation_has_every_dossier_in_copies_with_the_same_life(messages: list[Message]) -> None:
    once, copies = by_dossier(messages), by_dossier(list(nation(messages, 3)))
    assert len(copies) == 3 * len(once)
    for dossier, values in once.items():
        for copy in range(3):
            code = b"%b%02d" % (dossier, copy)
            assert copies[code] == [value.replace(dossier, code) for value in values]


def test_all_events_of_a_nation_are_accepted(messages: list[Message]) -> None:
    registry = load_registry()
    found = [m for m in nation(messages, 2) if m.key is not None and m.value is not None]
    judged = [judge(m.value or b"", m.key, FUTURE, registry) for m in found]
    assert all(type(each) is Accepted for each in judged)
    assert len({each.id for each in judged}) == len(
        {msgspec.json.decode(m.value or b"")["id"] for m in found}
    )


def test_neighbours_are_different_dossiers(messages: list[Message]) -> None:
    dossiers = [dossier_of(message) for message in nation(messages, 3)]
    without = [each[:-2] for each in dossiers if each is not None]
    close = sum(a == b for a, b in pairwise(without))
    alone = [each for each in map(dossier_of, messages) if each is not None]
    assert close <= 3 * sum(a == b for a, b in pairwise(alone)) + 3


@pytest.mark.parametrize("copies", [0, 101])
def test_other_numbers_of_copies_are_refused(copies: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        list(nation([], copies))
