"""Packing events into messages, without a broker."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner import murmur2

from emc.contract import MAX_MESSAGE_EVENTS, split_message
from emc.errors import InputError
from emc.identifiers import partition_of
from producers.packing import LARGEST_VALUE, Packer

# from the tests of Kafka's Java client (UtilsTest.testMurmur2)
JAVA_HASHES = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", JAVA_HASHES)
def test_the_library_hashes_keys_as_java_does(key: bytes) -> None:
    assert murmur2(key) == JAVA_HASHES[key] & 0xFFFFFFFF
    assert partition_of(key, 12) == (JAVA_HASHES[key] & 0x7FFFFFFF) % 12


@given(st.binary(max_size=40), st.integers(1, 64))
def test_the_domain_and_the_library_choose_the_same_partition(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == (murmur2(key) & 0x7FFFFFFF) % partitions


@given(
    st.lists(st.tuples(st.sampled_from(["G01", "H25", "H44"]), st.integers(2, 300))),
    st.integers(1, 20),
    st.integers(50, 1000),
    st.integers(100, 3000),
)
def test_packs_hold_every_event_once_in_order_within_all_bounds(
    sent: list[tuple[str, int]], most: int, size: int, total: int
) -> None:
    packer = Packer(most, size, linger=60, total=total)
    closed, held = [], 0
    for number, (agency, length) in enumerate(sent):
        event = msgspec.json.encode(str(number).ljust(length))
        ready = packer.add(agency, event, now=0)
        held += len(event) + 1 - sum(pack.size - 1 for pack in ready)
        assert held <= total
        closed += ready
    closed += packer.drain()
    assert packer.next_due() is None
    for agency in ("G01", "H25", "H44"):
        packed = [event for pack in closed if pack.agency == agency for event in pack.events]
        numbers = [int(msgspec.json.decode(event)) for event in packed]
        assert numbers == [number for number, (of, _) in enumerate(sent) if of == agency]
    for pack in closed:
        value, _ = pack.value()
        assert len(pack.events) <= most
        assert len(value) <= size or len(pack.events) == 1
        assert pack.size == len(value) if len(pack.events) > 1 else True


def test_no_setting_exceeds_what_the_contract_allows_in_a_message() -> None:
    packer = Packer(10**9, 10**9, linger=60, total=10**9)
    ready = [pack for number in range(2500) for pack in packer.add("H25", b"%d" % number, 0)]
    assert [len(pack.events) for pack in ready] == [MAX_MESSAGE_EVENTS, MAX_MESSAGE_EVENTS]
    big = b'"' + b"x" * (LARGEST_VALUE - 2) + b'"'
    (pack,) = [*packer.add("H25", big, 0), *packer.add("H44", b"1", 0)][:1]
    assert len(pack.events) == 500
    for pack in packer.drain():
        value, content_type = pack.value()
        assert split_message(value, content_type)


def test_an_event_larger_than_a_message_is_refused_and_leaves_no_trace() -> None:
    packer = Packer(10, 10**9, linger=60, total=10**9)
    with pytest.raises(InputError, match="expected at most"):
        packer.add("H25", b"x" * (LARGEST_VALUE + 1), 0)
    assert packer.drain() == []


def test_packs_are_due_in_the_order_of_their_opening() -> None:
    packer = Packer(10, 1000, linger=5, total=10_000)
    packer.add("H25", b"1", now=0)
    packer.add("H44", b"2", now=3)
    packer.add("H25", b"3", now=4)
    assert packer.next_due() == 5
    assert [pack.agency for pack in packer.due(now=5)] == ["H25"]
    assert packer.next_due() == 8
    assert [pack.events for pack in packer.due(now=100)] == [[b"2"]]


def test_without_lingering_every_event_is_a_message() -> None:
    packer = Packer(10, 1000, linger=0, total=10_000)
    assert [pack.events for pack in packer.add("H25", b"1", now=0)] == [[b"1"]]
