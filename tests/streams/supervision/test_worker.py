"""The worker's promises that need no kill: failures of a batch pass over nothing, stopping leaves nothing."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import IllegalStateError
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.admin import MemberToRemove
from kafka.errors import InconsistentGroupProtocolError

from deploy.broker import Broker
from emc.errors import ComponentError
from emc.registry import load_registry
from emc.waiting import Component, Waiting
from producers.client import Client
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import EngineUnavailable
from streams.agencies.store import StoreBroken
from streams.reading.app import KafkaSettings
from streams.reading.transport import SliceConsumer
from streams.supervision import watch
from streams.supervision.batches import Batches
from streams.supervision.worker import Worker
from tests.waiting import caught_up, digest, until

KEY = "H25"
_POLL_SECONDS = 3.0
"""Longer than Faust waits for messages in one poll."""


def dossier(number: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{number:08}",
        "source": "/agencies/H25",
        "type": "vn.emc.dossier.v1",
        "subject": f"H25-240305-{number:06}",
        "time": "2024-03-05T08:00:00+07:00",
        "data": {"received_at": "2024-03-05T08:00:00+07:00", "channel": "online"},
    }


def send(broker: Broker, topic: str, numbers: range) -> None:
    with Client(broker.bootstrap, topic, batch_events=5) as client:
        for number in numbers:
            client.send(KEY, dossier(number))


@pytest.fixture
def topic(topic_names: tuple[str, str]) -> str:
    return topic_names[0]


@pytest.fixture
def worker(broker: Broker, topic: str, database: Database, tmp_path: Path) -> Worker:
    """One that has not started."""
    return Worker(KafkaSettings(broker.bootstrap, topic, group=topic), database, tmp_path, load_registry())


def received(database: Database) -> int:
    sql = "SELECT sum(dossiers) FROM tallies FINAL WHERE attribution = 'receipt'"
    return int(database.query(sql)[0][0])


@pytest.mark.parametrize("stage", ["gather", "fold", "make_durable", "after the inserts", "take_over"])
@pytest.mark.parametrize("error", [ZeroDivisionError(), asyncio.CancelledError()])
def test_an_unforeseen_error_passes_over_no_event(
    broker: Broker,
    topic: str,
    database: Database,
    worker: Worker,
    stage: str,
    error: BaseException,
) -> None:
    send(broker, topic, range(50))
    fail_once(worker, stage, error)
    asyncio.run(digest(worker))
    assert received(database) == 50
    assert worker.waiting() is None


def test_a_commit_that_the_client_cancels_ends_no_duty(
    broker: Broker,
    topic: str,
    database: Database,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As when Faust stops its thread amid one: a moment that no real broker can be made to hit."""
    real, cancelled = SliceConsumer.commit_batch, list[bool]()

    async def commit(consumer: SliceConsumer, offsets: Any) -> bool:
        if not cancelled:
            cancelled.append(True)
            raise asyncio.CancelledError
        return await real(consumer, offsets)

    monkeypatch.setattr(SliceConsumer, "commit_batch", commit)
    send(broker, topic, range(10))

    async def scenario() -> None:
        await worker.start()
        try:
            await until(lambda: bool(cancelled))
            await asyncio.to_thread(send, broker, topic, range(10, 20))
            await until(lambda: received(database) == 20)
        finally:
            await worker.stop()

    asyncio.run(scenario())
    assert told(caplog, "commit failed", "reason") == ["CancelledElsewhere"]


@pytest.mark.parametrize("error", [asyncio.CancelledError(), ZeroDivisionError()])
def test_a_duty_that_ends_is_begun_again(
    broker: Broker,
    topic: str,
    database: Database,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
) -> None:
    real, failed = Batches.run, list[bool]()

    async def run(batches: Batches) -> None:
        if not failed:
            failed.append(True)
            raise error
        await real(batches)

    monkeypatch.setattr(Batches, "run", run)
    send(broker, topic, range(10))
    asyncio.run(digest(worker))
    assert received(database) == 10
    assert told(caplog, "a duty is begun again", "duty") == ["batches"]


@pytest.mark.parametrize(
    ("error", "component"),
    [
        (EngineUnavailable("ClickHouse at x does not answer"), Component.CLICKHOUSE),
        (StoreBroken("full"), Component.LOCAL_STORE),
        (ZeroDivisionError(), Component.OTHER),
    ],
)
def test_a_batch_that_fails_says_what_it_waits_for(
    broker: Broker,
    topic: str,
    database: Database,
    worker: Worker,
    error: Exception,
    component: Component,
    caplog: pytest.LogCaptureFixture,
) -> None:
    send(broker, topic, range(10))
    waited_for = fail_once(worker, "fold", error)
    asyncio.run(digest(worker))
    assert [waiting.component for waiting in waited_for if waiting] == [component]
    assert waited_for[0] is not None
    assert waited_for[0].sentence.startswith("a batch to succeed: ")
    assert begun_anew(caplog) == [f"it waits for {waited_for[0].sentence}"]
    assert received(database) == 10


def begun_anew(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Why the stream was begun anew, each time."""
    return told(caplog, "starting the stream again", "reason")


def told(caplog: pytest.LogCaptureFixture, message: str, field: str) -> list[str]:
    """What the log says in a field, each time that it has the message."""
    return [vars(one)[field] for one in caplog.records if one.msg == message]


def fail_once(worker: Worker, stage: str, error: BaseException) -> list[Waiting | None]:
    """A stage is made to raise once; no component can be made to cause an error that is unforeseen.

    Returns what the worker waits for when the stage is tried again, once it was.
    """
    name = "make_durable" if stage == "after the inserts" else stage
    owner: Any = next(each for each in worker.stages if hasattr(each, name))
    real, failed, waited_for = getattr(owner, name), list[str](), list[Waiting | None]()

    def failing(*args: Any) -> Any:
        if not failed:
            failed.append(stage)
            if stage == "after the inserts":
                real(*args)
            raise error
        if not waited_for:
            waited_for.append(worker.waiting())
        return real(*args)

    setattr(owner, name, failing)
    return waited_for


def test_a_second_worker_goes_on_where_the_first_stopped(
    broker: Broker, topic: str, database: Database, tmp_path: Path
) -> None:
    for start in (0, 50):
        send(broker, topic, range(start, start + 50))
        kafka = KafkaSettings(broker.bootstrap, topic, group=topic)
        worker = Worker(kafka, database, tmp_path / str(start), load_registry())
        asyncio.run(digest(worker))
    assert received(database) == 100
    assert worker.progress.totals["accepted"] == 50


def test_a_worker_whose_place_a_stranger_took_says_so_and_comes_back(
    broker: Broker, topic: str, database: Database, worker: Worker
) -> None:
    """The group is the stranger's by the time that the worker hears it was put out: it cannot join anew."""

    def is_told() -> bool:
        waiting = worker.waiting()
        return waiting is not None and waiting.sentence.startswith("another member holds partitions 0, 1, 2")

    async def scenario() -> None:
        send(broker, topic, range(10))
        await worker.start()
        try:
            await caught_up(worker)
            stranger = await asyncio.to_thread(put_out, broker, topic)
            try:
                await until(is_told)
            finally:
                await asyncio.to_thread(stranger.close)
            send(broker, topic, range(10, 20))
            await caught_up(worker)
        finally:
            await worker.stop()

    asyncio.run(scenario())
    assert received(database) == 20


def put_out(broker: Broker, group: str) -> KafkaConsumer:
    """Takes a worker's place in its group: the consumer that has it now, which commits nothing."""
    stranger = KafkaConsumer(
        group, bootstrap_servers=broker.bootstrap, group_id=group, enable_auto_commit=False
    )
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        while not stranger.assignment():
            members = admin.describe_groups([group])[group]["members"]
            workers = [one["member_id"] for one in members if one["member_id"].startswith("faust")]
            if workers:
                admin.remove_group_members(group, [MemberToRemove(member_id=one) for one in workers])
            with contextlib.suppress(InconsistentGroupProtocolError):  # the worker was first
                stranger.poll(200)
    return stranger


def test_a_worker_that_stays_without_a_place_in_the_group_joins_anew(
    broker: Broker,
    topic: str,
    database: Database,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As aiokafka can stay when it was stopped while others had the group; that cannot be brought about."""
    monkeypatch.setattr(watch, "LEFT_OUT", 0.5)

    async def scenario() -> None:
        await worker.start()
        try:
            await caught_up(worker)
            with monkeypatch.context() as patch:
                patch.setattr(SliceConsumer, "is_in_group", False)
                await until(lambda: bool(begun_anew(caplog)))
            monkeypatch.setattr(watch, "LEFT_OUT", 60.0)
            send(broker, topic, range(10))
            await until(lambda: received(database) == 10)
        finally:
            await worker.stop()

    asyncio.run(scenario())
    assert set(begun_anew(caplog)) == {"it has no place in the group"}


def test_a_worker_that_does_not_begin_to_read_what_it_has_joins_anew(
    broker: Broker,
    topic: str,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Faust takes this error for a rebalance, which does not come; nor does a broker cause it at will."""
    kafka = KafkaSettings(broker.bootstrap, topic, group=topic)
    first, second = (Worker(kafka, database, tmp_path / name, load_registry()) for name in "ab")
    monkeypatch.setattr(watch, "UNREAD", 5.0)
    real, failing = SliceConsumer.seek_to_committed, list[object]()

    async def seek(consumer: SliceConsumer) -> Any:
        if consumer in failing:
            raise IllegalStateError
        return await real(consumer)

    monkeypatch.setattr(SliceConsumer, "seek_to_committed", seek)

    async def scenario() -> None:
        await first.start()
        try:
            await caught_up(first)
            assert first._member._app is not None
            failing.append(first._member._app.consumer)  # at the rebalance that the other's coming brings
            await second.start()
            send(broker, topic, range(10))
            await until(lambda: bool(begun_anew(caplog)))
            monkeypatch.setattr(watch, "UNREAD", 60.0)
            await until(lambda: received(database) == 10)
        finally:
            await second.stop()
            await first.stop()

    asyncio.run(scenario())
    assert begun_anew(caplog) == ["it does not read the partitions that it has"]


def test_a_worker_whose_partition_is_left_out_joins_anew(
    broker: Broker,
    topic: str,
    database: Database,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Faust stops reading a partition in a rebalance or when it has much of it, and may not begin again."""
    monkeypatch.setattr(watch, "_ASK_EVERY", 0.0)
    monkeypatch.setattr(watch, "STANDS_AT", 2)

    async def scenario() -> None:
        await worker.start()
        try:
            await caught_up(worker)
            assert worker._member._app is not None
            consumer = worker._member._app.consumer
            consumer.pause_partitions(consumer.assignment())
            await asyncio.sleep(_POLL_SECONDS)  # what is under way would still fetch, and lose it
            send(broker, topic, range(10))
            await until(lambda: received(database) == 10)
        finally:
            await worker.stop()

    asyncio.run(scenario())
    assert begun_anew(caplog) == ["messages are not read"]


def test_a_topic_that_is_not_there_is_said_in_one_sentence(
    broker: Broker, database: Database, tmp_path: Path
) -> None:
    worker = Worker(KafkaSettings(broker.bootstrap, "nowhere.events"), database, tmp_path, load_registry())

    async def start() -> None:
        try:
            await worker.start()
        finally:
            await worker.stop()

    with pytest.raises(ComponentError, match=r"has no topic nowhere\.events"):
        asyncio.run(start())
