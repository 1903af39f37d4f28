"""kafka-python's producer as the client needs it."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from emc.errors import ComponentError

# its debug log quotes keys and values whole
logging.getLogger("kafka").setLevel(logging.INFO)

_LARGEST_RAW = 16 * 1024 * 1024


class Producer(KafkaProducer):  # type: ignore[misc]
    """A producer that can be closed at once: the library's own close waits for what cannot be sent. It tells
    whether sending would wait.
    """

    def knows(self, topic: str) -> bool:
        """Whether sending to a topic needs no answer of a broker first."""
        return self._metadata.partitions_for_topic(topic) is not None

    def abandon(self) -> None:
        """Drops what is under way; its callbacks are told so."""
        self.flush = lambda timeout=None: None
        self.close(timeout=0)


def connect(bootstrap: str | Sequence[str], topic: str, timeout: float, kafka: Mapping[str, Any]) -> Producer:
    """A connected producer; ComponentError when no broker answers, or the topic is not there."""
    # Without idempotence: repeats and disorder are harmless here, and a producer id that a long outage
    # has invalidated would fail what could still be delivered.
    limit = int(timeout * 1000)
    options = {
        "acks": "all",
        "enable_idempotence": False,
        "compression_type": "lz4",
        "linger_ms": 5,
        "batch_size": 256 * 1024,
        "max_request_size": _LARGEST_RAW,
        "delivery_timeout_ms": limit,
        "request_timeout_ms": min(30_000, max(1, limit // 2)),
        "max_block_ms": min(10_000, limit),
        "bootstrap_timeout_ms": min(30_000, limit),
        "reconnect_backoff_max_ms": 1000,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
        **kafka,
    }
    try:
        producer = Producer(bootstrap_servers=bootstrap, **options)
    except KafkaError as error:
        raise ComponentError(f"no Kafka broker answers at {bootstrap} ({type(error).__name__})") from None
    try:
        producer.partitions_for(topic)
    except KafkaError as error:
        producer.abandon()
        raise ComponentError(
            f"the broker at {bootstrap} has no topic {topic} ({type(error).__name__})"
        ) from None
    return producer
