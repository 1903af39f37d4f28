"""What `emc doctor` says of transactions: is one open for longer than any that the brokers still end."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from cli.commands.findings import Finding, broken, doubtful, well

_LIMIT, _USUAL_LIMIT_MS = "transaction.max.timeout.ms", 900_000
_SLACK_MS = 30_000
"""Brokers look every ten seconds for transactions that are to be ended, and clocks differ."""
_CHECK = "kafka transactions"


def examine_transactions(
    admin: KafkaAdminClient, topic: str, partitions: int, now: float | None = None
) -> Iterator[Finding]:
    """Whether a transaction holds up a partition for good: with its producer, and how it is ended.

    `now`: seconds since 1970. Nothing for a user who may not read the topic.
    """
    places = [TopicPartition(topic, number) for number in range(partitions)]
    try:
        opened, limit = open_transactions(admin, places), _limit_ms(admin)
    except TopicAuthorizationFailedError:
        return
    except KafkaError as error:
        said = f"they cannot be asked ({type(error).__name__})"
        yield doubtful(_CHECK, said, "Look whether every partition has a leader.")
        return
    moment = (time.time() if now is None else now) * 1000
    hanging = [
        f"partition {place.partition} since offset {producer.current_transaction_start_offset}, "
        f"producer {producer.producer_id}"
        for place, producer in opened
        if moment - producer.last_timestamp > limit + _SLACK_MS
    ]
    if hanging:
        yield broken(
            _CHECK,
            f"hanging: {'; '.join(hanging)}",
            "End each, nothing is lost by that: `kafka-transactions.sh --bootstrap-server … abort "
            f"--topic {topic} --partition … --start-offset …`; see docs/guarantees.md.",
        )
    else:
        yield well(_CHECK, f"open: {len(opened)}, none hangs")


def open_transactions(
    admin: KafkaAdminClient, places: Iterable[TopicPartition]
) -> list[tuple[TopicPartition, Any]]:
    """Partitions in which a transaction is open, with the state of its producer."""
    return [
        (place, producer)
        for place, state in sorted(admin.describe_producers(list(places)).items())
        for producer in state.active_producers
        if producer.current_transaction_start_offset >= 0
    ]


def _limit_ms(admin: KafkaAdminClient) -> int:
    """The longest time-out that the brokers grant; Kafka's own where that may not be asked."""
    broker = str(admin.describe_cluster()["brokers"][0]["broker_id"])
    resource = ConfigResource(ConfigResourceType.BROKER, broker, None)
    try:
        told = admin.describe_configs([resource], config_filter="all")["broker"][broker]
        return int(told[_LIMIT]["value"])
    except (KafkaError, KeyError, TypeError):
        return _USUAL_LIMIT_MS
