"""The topic changes under the workers: more partitions than before, or created anew."""

from collections.abc import Callable

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewPartitions

from deploy.topics import ensure_topics
from tests.faults.journey import Journey
from tests.faults.parts import parts
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(400)  # most of it is waiting, and machines differ

Journeys = Callable[..., Journey]


def add_partitions(journey: Journey, number: int) -> None:
    """From now on the topic has so many."""
    admin = KafkaAdminClient(bootstrap_servers=journey.bootstrap)
    admin.create_partitions({journey.topic: NewPartitions(number)})
    admin.close()
    eventually(lambda: journey.reader.facts().partitions == number)
    journey.partitions = number


def create_anew(journey: Journey, partitions: int) -> None:
    """Deletes the topic with all that is in it and creates it again under the same name."""
    before = journey.reader.facts().topic_id
    admin = KafkaAdminClient(bootstrap_servers=journey.bootstrap)
    admin.delete_topics([journey.topic])
    admin.close()

    def made() -> bool:
        try:
            ensure_topics(journey.bootstrap, partitions, events=journey.topic)
            return journey.reader.facts().topic_id != before
        except Exception:
            return False

    eventually(made)


def test_partitions_added_with_a_backlog_and_no_worker(journeys: Journeys) -> None:
    journey = journeys(partitions=2)
    first, second, third = parts(20, 3)
    journey.send(first)
    worker = journey.worker(session=2.0)
    journey.settle()
    worker.kill()
    journey.send(second)
    add_partitions(journey, 5)
    journey.send(third)
    heirs = [journey.worker(store, session=2.0) for store in ("store", "other")]
    journey.settle()
    assert [heir.stop() for heir in heirs] == [0, 0]
    journey.assert_states_right()


def test_partitions_added_under_running_workers(journeys: Journeys) -> None:
    journey = journeys(partitions=2)
    first, second, third = parts(21, 3)
    workers = [journey.worker(store, session=2.0, small_batches=True) for store in ("one", "two")]
    journey.send(first)
    journey.send(second)
    add_partitions(journey, 6)
    journey.send(third)
    journey.settle()
    assert [worker.stop() for worker in workers] == [0, 0]
    journey.assert_states_right()


def test_partitions_added_right_before_a_worker_joins(journeys: Journeys) -> None:
    """The group's leader shares out what it knew of before; somebody must see that some are nobody's."""
    journey = journeys(partitions=2)
    first, second = parts(23)
    journey.send(first)
    leader = journey.worker("one", session=2.0)
    journey.settle()
    add_partitions(journey, 6)
    joining = journey.worker("two", session=2.0)
    journey.send(second)
    journey.settle()
    assert [leader.stop(), joining.stop()] == [0, 0]
    journey.assert_states_right()


def test_a_topic_created_anew_under_a_running_worker(journeys: Journeys) -> None:
    """What the old topic held stays counted; the new one is read from its first offset."""
    journey = journeys()
    first, second = parts(22)
    journey.send(first)
    worker = journey.worker(session=2.0)
    journey.settle()
    old = journey.records()
    create_anew(journey, journey.partitions)
    journey.send(second)
    eventually(lambda: worker.said("the topic is another than before"))
    journey.settle()
    assert worker.stop() == 0
    journey.assert_states_right(old)
