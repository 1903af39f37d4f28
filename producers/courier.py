"""Messages to Kafka for those who wait for each: told when it was appended, or that nothing is known."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from kafka.errors import KafkaError

from emc.errors import ComponentError
from producers.in_flight_limit import InFlightLimit
from producers.kafka_producer import Producer

PATIENCE = 10.0
"""Seconds within which Kafka is to acknowledge; after that a message is given up."""
_LARGEST = 16 * 1024 * 1024
Told = Callable[[int | None], None]


class Message(NamedTuple):
    """A message for the topic, as it is to lie there."""

    key: bytes | None
    value: bytes
    content_type: str


class Courier:
    """Sends messages to the topic of events, at most so many at once. Safe to use from several threads.

    When you would want it: behind a server, where each sender waits for an answer of his own. `Client` packs
    and answers for all at once. Connects when first needed, and again after a broker was away.
    """

    def __init__(
        self,
        bootstrap: str | Sequence[str],
        topic: str = "emc.events",
        *,
        messages: int = 20_000,
        size: int = 64 * 1024 * 1024,
        kafka: Mapping[str, Any] | None = None,
    ) -> None:
        self.topic, self._bootstrap, self._kafka = topic, bootstrap, kafka or {}
        self._in_flight = InFlightLimit(messages, size)
        self._lock = threading.Lock()
        self._producer: Producer | None = None
        self._is_failing = False

    def problem(self) -> str | None:
        """What keeps messages from Kafka, as the last one sent has shown; None when nothing does."""
        return "Kafka, which did not acknowledge the last messages" if self._is_failing else None

    def sends_at_once(self) -> bool:
        """Whether `send` waits for no broker: it is connected, and knows the partitions of the topic."""
        producer = self._producer
        return producer is not None and producer.knows(self.topic)

    def send(self, message: Message, told: Told) -> None:
        """Sends one; `told` is called once, from another thread: with the broker's append time (ms), or None.

        ComponentError when no broker can be reached or too much is under way: then it is not sent.
        """
        size = len(message.value)
        producer = self._connect()
        if not self._in_flight.enter(size, 0):
            raise ComponentError("Kafka takes no more messages at the moment; send again in a second")
        headers = [("content-type", message.content_type.encode())]
        try:
            future = producer.send(self.topic, message.value, message.key, headers)
        except (KafkaError, ValueError, TypeError, AssertionError) as error:
            self._in_flight.leave(size)
            raise ComponentError(f"Kafka does not take messages ({type(error).__name__})") from None
        future.add_callback(partial(self._appended, size, told))
        future.add_errback(partial(self._failed, size, told))

    def _appended(self, size: int, told: Told, metadata: Any) -> None:
        self._in_flight.leave(size)
        self._is_failing = False
        told(metadata.timestamp)

    def _failed(self, size: int, told: Told, error: BaseException) -> None:
        self._in_flight.leave(size)
        self._is_failing = True
        told(None)

    def _connect(self) -> Producer:
        with self._lock:
            if self._producer is None:
                self._producer = self._open()
            return self._producer

    def _open(self) -> Producer:
        limit = int(PATIENCE * 1000)
        try:
            producer = Producer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                enable_idempotence=False,  # repeats are harmless; a producer id can be lost in an outage
                compression_type="lz4",
                linger_ms=5,
                max_request_size=_LARGEST,
                delivery_timeout_ms=limit,
                request_timeout_ms=limit // 2,
                max_block_ms=limit // 2,
                bootstrap_timeout_ms=limit // 2,
                reconnect_backoff_max_ms=1000,
                allow_auto_create_topics=False,
                metrics_enabled=False,
                **self._kafka,
            )
            producer.partitions_for(self.topic)
        except KafkaError as error:
            raise ComponentError(f"Kafka does not answer ({type(error).__name__})") from None
        return producer

    def close(self) -> None:
        """Lets what is under way end, for a moment. May be repeated."""
        self._in_flight.shut()
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=2)
