"""Faults of brokers, of ClickHouse and of the topic. Each strikes, and undoes itself, as those of workers."""

import time

from kafka import KafkaAdminClient
from kafka.admin import NewPartitions
from kafka.errors import KafkaError

from deploy.topics import ensure_topics
from emc.errors import EmcError
from tests.torture.arena import SESSION, TOPIC, Arena

TOO_MANY_PARTS, NO_MEMORY, NO_SPACE, NO_MEANING, TIMEOUT = 252, 241, 243, -1, 159
DRAINED_WITHIN = 90.0
_LONG_OUTAGE, _ONE_LONG_OF = 60.0, 5


def kill_broker(arena: Arena, victim: str) -> None:
    """SIGKILL of one broker of three; back after a moment."""
    broker = arena.random.choice(arena.cluster.brokers)
    broker.kill()
    time.sleep(2)
    broker.start()


def kill_all_brokers(arena: Arena, victim: str) -> None:
    """SIGKILL of all brokers; back after some seconds, and every fifth time after a minute."""
    arena.outages += 1
    is_long = arena.outages % _ONE_LONG_OF == 0
    for broker in arena.cluster.brokers:
        broker.kill()
    time.sleep(_LONG_OUTAGE if is_long else arena.random.uniform(3, 10))
    arena.cluster.start()


def refuse(arena: Arena, victim: str) -> None:
    """ClickHouse refuses inserts: no memory, no space, or an answer that makes no sense."""
    code = arena.random.choice((NO_MEMORY, NO_SPACE, NO_MEANING))
    seconds = arena.random.uniform(1, 4)
    arena.front.fail(seconds=seconds, match="INSERT", code=code)
    time.sleep(seconds)


def time_out(arena: Arena, victim: str) -> None:
    """ClickHouse answers late, maybe beyond the session timeout, then with a timeout; maybe it did insert."""
    stall, done = arena.random.uniform(1, SESSION + 1), arena.random.random() < 0.5
    arena.front.fail(seconds=2, match="INSERT", code=TIMEOUT, stall=stall, done=done)
    time.sleep(3)


def fill_with_parts(arena: Arena, victim: str) -> None:
    """A table of ClickHouse has as many parts as it may have, and no merges (the engine's own refusal)."""
    table = arena.random.choice(("events", "dossiers", "tallies", "rates", "commits"))
    arena.database.command(f"SYSTEM STOP MERGES {table}")
    arena.database.command(
        f"ALTER TABLE {table} MODIFY SETTING parts_to_throw_insert = 2, parts_to_delay_insert = 1000"
    )
    time.sleep(arena.random.uniform(2, 4))
    arena.database.command(f"ALTER TABLE {table} RESET SETTING parts_to_throw_insert, parts_to_delay_insert")
    arena.database.command(f"SYSTEM START MERGES {table}")


def kill_engine(arena: Arena, victim: str) -> None:
    """SIGKILL of ClickHouse; back after a moment with what it had acknowledged."""
    arena.front.kill()
    time.sleep(arena.random.uniform(0.2, 2))
    arena.restart_front()


def put_engine_back(arena: Arena, victim: str) -> None:
    """ClickHouse gets the data of some seconds ago: all local stores are newer than it."""
    arena.put_engine_back(arena.random.uniform(3, 8))


def add_partitions(arena: Arena, victim: str) -> None:
    """The topic gets one partition more, while a backlog waits in the others."""
    admin = KafkaAdminClient(bootstrap_servers=arena.bootstrap.split(","))
    try:
        admin.create_partitions({TOPIC: NewPartitions(arena.partitions + 1)})
    finally:
        admin.close()
    arena.partitions += 1


def create_topic_anew(arena: Arena, victim: str) -> None:
    """The topic is deleted with all that it holds, once that is read, and created again, empty."""
    with arena.quiet():
        is_read = arena.wait_for(lambda: arena.lag() == 0, DRAINED_WITHIN, 0.3)
        assert is_read, "what the topic holds was not read, so it stays"
        arena.keep_topic()
        before = arena.reader.facts().topic_id
        admin = KafkaAdminClient(bootstrap_servers=arena.bootstrap.split(","))
        admin.delete_topics([TOPIC])
        admin.close()
        arena.first_partitions = arena.partitions = arena.random.randint(9, 15)
        assert arena.wait_for(lambda: _is_another(arena, before), 60, 0.5), "the topic was not created anew"


def _is_another(arena: Arena, topic_id: str) -> bool:
    try:
        ensure_topics(arena.bootstrap, arena.partitions, replication=arena.size, events=TOPIC)
        return arena.reader.facts().topic_id != topic_id
    except (EmcError, KafkaError):
        return False
