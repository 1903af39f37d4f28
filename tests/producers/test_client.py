"""The client against a real broker: packing, keys, back-pressure, errors."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from deploy.broker import SHORT_LIVED, Broker, Options
from deploy.topics import ensure_topics
from emc.contract import split_message
from emc.errors import ComponentError, InputError
from emc.identifiers import partition_of
from producers.client import Client
from producers.errors import DeliveryError
from tests.producers.reading import read_topic

AGENCIES = ["G01", "G12", "H25", "H44", "H61"]


def event(agency: str, number: int = 1, **data: object) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": f"/agencies/{agency}/test",
        "type": "vn.emc.dossier.v1",
        "subject": f"{agency}-240305-{number:04d}",
        "time": "2024-03-05T08:00:00+07:00",
        "data": data,
    }


def test_every_event_arrives_once_under_its_agency_in_its_partition(
    broker: Broker, topic_names: tuple[str, str]
) -> None:
    topic = topic_names[0]
    with Client(broker.bootstrap, topic, batch_events=7) as client:
        for number in range(200):
            agency = AGENCIES[number % len(AGENCIES)]
            client.send(agency, event(agency, number))
    arrived: Counter[str] = Counter()
    for message in read_topic(broker.bootstrap, topic):
        assert message.key is not None
        assert message.partition == partition_of(message.key, 12)
        for one in split_message(message.value, message.headers["content-type"].decode()):
            arrived[msgspec.json.decode(one)["subject"]] += 1
            assert msgspec.json.decode(one)["source"].startswith(f"/agencies/{message.key.decode()}/")
    assert arrived == {event(AGENCIES[n % len(AGENCIES)], n)["subject"]: 1 for n in range(200)}


def test_messages_keep_to_the_limits_of_count_and_size(broker: Broker, topic_names: tuple[str, str]) -> None:
    topic = topic_names[0]
    with Client(broker.bootstrap, topic, batch_events=20, batch_bytes=4000, linger=60) as client:
        for number in range(100):
            client.send("H25", event("H25", number))
        for number in range(100, 110):
            client.send("H25", event("H25", number, unit="x" * 1500))
    sizes = [len(message.value or b"") for message in read_topic(broker.bootstrap, topic)]
    counts = [len(split_message(one.value, None)) for one in read_topic(broker.bootstrap, topic)]
    assert max(sizes) <= 4000
    assert max(counts) <= 20
    assert sum(counts) == 110
    assert len(counts) < 20


def test_one_event_alone_is_no_array(broker: Broker, topic_names: tuple[str, str]) -> None:
    topic = topic_names[0]
    with Client(broker.bootstrap, topic) as client:
        client.send("H25", event("H25"))
        client.flush()
        client.send("H25", event("H25", 2))
        client.send("H25", msgspec.json.encode(event("H25", 3)))
    single, batch = read_topic(broker.bootstrap, topic)
    assert single.headers["content-type"] == b"application/cloudevents+json"
    assert msgspec.json.decode(single.value or b"") == event("H25")
    assert batch.headers["content-type"] == b"application/cloudevents-batch+json"
    assert msgspec.json.decode(batch.value or b"") == [event("H25", 2), event("H25", 3)]


def test_an_event_goes_out_when_its_time_has_come_without_a_flush(
    broker: Broker, topic_names: tuple[str, str]
) -> None:
    topic = topic_names[0]
    with Client(broker.bootstrap, topic, linger=0.01) as client:
        client.send("H25", event("H25"))
        while not read_topic(broker.bootstrap, topic):
            pass  # the test's own time limit ends this


def test_an_event_that_fits_no_message_is_refused_and_the_others_go_on(
    broker: Broker, topic_names: tuple[str, str]
) -> None:
    topic = topic_names[0]
    with Client(broker.bootstrap, topic) as client:
        client.send("H25", event("H25", 1))
        with pytest.raises(InputError, match=r"an event of H25 has .* bytes, expected at most"):
            client.send("H25", event("H25", 2, unit="x" * 1024 * 1024))
        client.send("H25", event("H25", 3))
    (message,) = read_topic(broker.bootstrap, topic)
    assert [one["id"] for one in msgspec.json.decode(message.value or b"")] == ["1", "3"]


@pytest.mark.parametrize(
    "text",
    [b"not json", b'{"id": "2"', b'{"id": "2"} {"id": "4"}', b"[]", b'{"id": "\xff"}', b"", b"[" * 5000],
    ids=["word", "cut off", "two", "array", "no UTF-8", "empty", "deep"],
)
def test_bytes_that_are_no_object_are_refused_and_spoil_no_other(
    broker: Broker, topic_names: tuple[str, str], text: bytes
) -> None:
    topic = topic_names[0]
    with Client(broker.bootstrap, topic) as client:
        client.send("H25", msgspec.json.encode(event("H25", 1)))
        with pytest.raises(InputError, match=r"^event is (no JSON|JSON, but no object)"):
            client.send("H25", text)
        client.send("H25", b"\n " + msgspec.json.encode(event("H25", 3)))
    (message,) = read_topic(broker.bootstrap, topic)
    assert [one["id"] for one in msgspec.json.decode(message.value or b"")] == ["1", "3"]


def test_raw_messages_arrive_exactly_as_given(broker: Broker, topic_names: tuple[str, str]) -> None:
    topic = topic_names[0]
    with Client(broker.bootstrap, topic) as client:
        client.send_raw(b"H25", b"{broken", [("content-type", b"text/plain")], partition=3)
        client.send_raw(None, b"no key", partition=4)
        client.send_raw(b"H25", None, partition=5)
    first, second, third = read_topic(broker.bootstrap, topic)
    assert first == (3, b"H25", b"{broken", {"content-type": b"text/plain"})
    assert second == (4, None, b"no key", {})
    assert third == (5, b"H25", None, {})


def test_what_the_broker_refuses_is_raised_with_its_agency(
    broker: Broker, topic_names: tuple[str, str]
) -> None:
    client = Client(broker.bootstrap, topic_names[0])
    client.send_raw(b"H25", random.Random(1).randbytes(9 * 1024 * 1024))
    with pytest.raises(DeliveryError, match=r"1 event\(s\) of H25 were not delivered: MessageSize") as caught:
        client.flush()
    assert (caught.value.events, caught.value.agencies) == (1, frozenset(("H25",)))
    client.send("H25", event("H25"))
    client.close()
    assert len(read_topic(broker.bootstrap, topic_names[0])) == 1


def test_a_message_for_no_partition_is_raised_at_once(broker: Broker, topic_names: tuple[str, str]) -> None:
    with (
        pytest.raises(DeliveryError, match="partition 99"),
        Client(broker.bootstrap, topic_names[0]) as client,
    ):
        client.send_raw(b"H25", b"{}", partition=99)


def test_a_client_that_is_closed_sends_nothing(broker: Broker, topic_names: tuple[str, str]) -> None:
    client = Client(broker.bootstrap, topic_names[0])
    client.close()
    client.close()
    with pytest.raises(ComponentError, match="closed"):
        client.send("H25", event("H25"))
    with pytest.raises(ComponentError, match="closed"):
        client.send_raw(b"H25", b"{}")


def test_leaving_by_an_exception_delivers_what_was_sent(broker: Broker, topic_names: tuple[str, str]) -> None:
    def send_and_fail() -> None:
        with Client(broker.bootstrap, topic_names[0], linger=60) as client:
            client.send("H25", event("H25"))
            raise KeyError

    with pytest.raises(KeyError):
        send_and_fail()
    assert len(read_topic(broker.bootstrap, topic_names[0])) == 1


def test_a_topic_that_is_missing_is_an_error_at_once(broker: Broker) -> None:
    with pytest.raises(ComponentError, match="has no topic no-such-topic"):
        Client(broker.bootstrap, "no-such-topic", timeout=2)


def test_no_broker_is_one_clear_sentence() -> None:
    with pytest.raises(ComponentError, match="no Kafka broker answers at"):
        Client("127.0.0.1:1", timeout=1)


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that these tests may stop."""
    with Broker(tmp_path_factory.mktemp("own-broker"), options=Options(java=SHORT_LIVED)) as broker:
        yield broker


@pytest.fixture
def fragile(own_broker: Broker) -> Iterator[Broker]:
    """The broker that may be halted or killed, with its topics; halted ones go on afterwards."""
    ensure_topics(own_broker.bootstrap)
    yield own_broker
    os.kill(own_broker.pid, signal.SIGCONT)


def halt(broker: Broker) -> None:
    """The broker answers no more, without a word, as when its machine hangs.

    The signal returns before all threads stand still, and one that runs on may still acknowledge a message.
    """
    os.kill(broker.pid, signal.SIGSTOP)
    while any(_state(thread) != "T" for thread in Path(f"/proc/{broker.pid}/task").iterdir()):
        time.sleep(0.001)


def _state(thread: Path) -> str:
    """One letter, as proc_pid_stat(5) has them; the name before it may hold anything but a last bracket.

    T also for a thread that has ended meanwhile.
    """
    try:
        return (thread / "stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return "T"


def send_until_it_fails(client: Client) -> None:
    for number in range(1_000_000):
        agency = AGENCIES[number % len(AGENCIES)]
        client.send(agency, event(agency, number, unit="x" * 200))


def test_a_broker_that_stops_blocks_the_sender_and_then_fails_it(fragile: Broker) -> None:
    client = Client(fragile.bootstrap, in_flight=20, in_flight_bytes=50_000, timeout=2)
    client.send("H25", event("H25"))
    client.flush()
    halt(fragile)
    with pytest.raises(DeliveryError) as caught:
        send_until_it_fails(client)
    assert caught.value.events > 0
    messages, size = client.peak_in_flight
    assert messages <= 20
    assert size <= 50_000
    with pytest.raises(DeliveryError):
        client.close()


def test_leaving_by_an_exception_without_a_broker_says_what_is_missing(fragile: Broker) -> None:
    def send_and_fail() -> None:
        with Client(fragile.bootstrap) as client:
            client.send("H25", event("H25"))
            client.flush()
            halt(fragile)
            client.send("H25", event("H25", 2))
            raise KeyError

    with pytest.raises(KeyError) as caught:
        send_and_fail()
    assert "not acknowledged" in caught.value.__notes__[0]


def test_an_outage_shorter_than_the_limit_loses_nothing(fragile: Broker) -> None:
    with Client(fragile.bootstrap) as client:
        client.send("H44", event("H44", 1))
        client.flush()
        fragile.kill()
        for number in range(2, 50):
            client.send("H44", event("H44", number))
        fragile.start()
    messages = [one for one in read_topic(fragile.bootstrap, "emc.events") if one.key == b"H44"]
    ids = {msgspec.json.decode(one)["id"] for each in messages for one in split_message(each.value, None)}
    assert ids == {str(number) for number in range(1, 50)}
