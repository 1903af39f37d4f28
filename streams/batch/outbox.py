"""Kafka messages that the stream itself sends: rejected events, and messages found in a wrong partition."""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError

from emc.errors import ComponentError
from emc.verdicts import Rejected

Headers = list[tuple[str, bytes]]
_AT_ONCE = 1_000
_NO_LIMIT = 2**31 - 1
"""The broker decides what is too large, by the compressed size."""


class Letter(NamedTuple):
    """A message to send; `partition` None leaves the choice to the key."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None


def rejection_headers(
    rejected: Rejected, topic: str, partition: int, offset: int, index: int, arrived_ms: int
) -> Headers:
    """The headers of a message in the topic of rejected events, as the contract names them."""
    values = {
        "reason": rejected.reason.value,
        "path": rejected.path,
        "detail": rejected.detail,
        "topic": topic,
        "partition": str(partition),
        "offset": str(offset),
        "index": str(index),
        "arrived_at": arrived_text(arrived_ms),
    }
    return [(name, value.encode()) for name, value in values.items()]


def arrived_text(arrived_ms: int) -> str:
    """The broker's append time as RFC 3339 in UTC with milliseconds."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=arrived_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Outbox:
    """Sends letters and returns when the broker has them all."""

    def __init__(self, bootstrap: str, **security: object) -> None:
        self._bootstrap, self._security = bootstrap, security
        self._producer: KafkaProducer | None = None

    def deliver(self, letters: Sequence[Letter], timeout: float = 30.0) -> None:
        """Raises ComponentError when one was not acknowledged; sending all of them again is harmless."""
        if not letters:
            return
        try:
            producer = self._connect()
            for at in range(0, len(letters), _AT_ONCE):
                self._send(producer, letters[at : at + _AT_ONCE], timeout)
        except (KafkaError, ValueError) as error:  # ValueError: a partition not heard of yet
            self.close()
            text = f"Kafka at {self._bootstrap} does not take messages ({type(error).__name__})"
            raise ComponentError(text) from None

    def _send(self, producer: KafkaProducer, letters: Sequence[Letter], timeout: float) -> None:
        """Sends few enough letters that the broker can take them all within the timeout."""
        sent = [
            producer.send(letter.topic, letter.value, letter.key, letter.headers, letter.partition)
            for letter in letters
        ]
        producer.flush(timeout)
        for future in sent:
            future.get(timeout)

    def _connect(self) -> KafkaProducer:
        if self._producer is None:
            self._producer = KafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                max_request_size=_NO_LIMIT,
                compression_type="lz4",
                linger_ms=5,
                delivery_timeout_ms=20_000,
                request_timeout_ms=10_000,
                **self._security,
            )
        return self._producer

    def close(self) -> None:
        """Gives up the connection; what is not acknowledged is sent again by the caller."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(KafkaError):
                producer.close(timeout=2)
