"""The worker's promises that need no kill: failures of a batch pass over nothing, stopping leaves nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deploy.broker import Broker
from emc.errors import ComponentError
from emc.registry import load_registry
from emc.waiting import Component, Waiting
from producers.client import Client
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import EngineUnavailable
from streams.agencies.store import StoreBroken
from streams.reading.app import KafkaSettings
from streams.supervision.worker import Worker
from tests.waiting import digest

KEY = "H25"


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


def received(database: Database) -> int:
    sql = "SELECT sum(dossiers) FROM tallies FINAL WHERE attribution = 'receipt'"
    return int(database.query(sql)[0][0])


@pytest.mark.parametrize("stage", ["gather", "fold", "make_durable", "after the inserts", "take_over"])
def test_an_unforeseen_error_passes_over_no_event(
    broker: Broker, topic_names: tuple[str, str], database: Database, tmp_path: Path, stage: str
) -> None:
    topic = topic_names[0]
    send(broker, topic, range(50))
    worker = Worker(KafkaSettings(broker.bootstrap, topic, group=topic), database, tmp_path, load_registry())
    fail_once(worker, stage, ZeroDivisionError())
    asyncio.run(digest(worker))
    assert received(database) == 50
    assert worker.waiting() is None


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
    topic_names: tuple[str, str],
    database: Database,
    tmp_path: Path,
    error: Exception,
    component: Component,
    caplog: pytest.LogCaptureFixture,
) -> None:
    topic = topic_names[0]
    send(broker, topic, range(10))
    worker = Worker(KafkaSettings(broker.bootstrap, topic, group=topic), database, tmp_path, load_registry())
    waited_for = fail_once(worker, "fold", error)
    asyncio.run(digest(worker))
    assert [waiting.component for waiting in waited_for if waiting] == [component]
    assert waited_for[0] is not None
    assert waited_for[0].sentence.startswith("a batch to succeed: ")
    (begun_anew,) = [vars(one) for one in caplog.records if one.msg == "starting the stream again"]
    assert begun_anew["reason"] == f"it waits for {waited_for[0].sentence}"
    assert received(database) == 10


def fail_once(worker: Worker, stage: str, error: Exception) -> list[Waiting | None]:
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
    broker: Broker, topic_names: tuple[str, str], database: Database, tmp_path: Path
) -> None:
    topic = topic_names[0]
    for start in (0, 50):
        send(broker, topic, range(start, start + 50))
        kafka = KafkaSettings(broker.bootstrap, topic, group=topic)
        worker = Worker(kafka, database, tmp_path / str(start), load_registry())
        asyncio.run(digest(worker))
    assert received(database) == 100
    assert worker.progress.totals["accepted"] == 50


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
