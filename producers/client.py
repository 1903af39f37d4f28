"""Sending events to Kafka: packed by agency, with back-pressure, and no error swallowed."""

import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

import msgspec
from kafka.errors import KafkaError

from emc.errors import ComponentError, InputError
from producers.failures import Failures
from producers.in_flight_limit import InFlightLimit
from producers.kafka_producer import connect
from producers.packing import Pack, Packer

_encode = msgspec.json.Encoder().encode
_skim = msgspec.json.Decoder(msgspec.Raw).decode
_GRACE = 5.0  # seconds for what is under way when the block ends by an exception


class Client:
    """Sends events to the topic, keyed by agency, several of one agency in a message.

    When you would want it: from any Python system that reports dossiers. Use it in a `with` block and send
    in a loop. `send` returns when the event is packed, not when it is delivered; while more than
    `in_flight` messages or `in_flight_bytes` are unacknowledged it blocks. What Kafka does not acknowledge
    within `timeout` seconds is raised as DeliveryError by the next `send`, `flush` or `close`. Leaving the
    block flushes; leaving it by an exception waits a few seconds at most.

    The partitioner is kafka-python's default, the same murmur2 as Java's. `kafka` goes to KafkaProducer
    unchanged (security, client id). ComponentError when no broker answers. Safe to share between threads.
    """

    def __init__(
        self,
        bootstrap: str | Sequence[str],
        topic: str = "emc.events",
        *,
        linger: float = 0.05,
        batch_events: int = 500,
        batch_bytes: int = 512 * 1024,
        in_flight: int = 10_000,
        in_flight_bytes: int = 32 * 1024 * 1024,
        timeout: float = 120.0,
        kafka: Mapping[str, Any] | None = None,
    ) -> None:
        self.topic = topic
        self._timeout = timeout
        self._in_flight = InFlightLimit(in_flight, in_flight_bytes)
        self._packer = Packer(batch_events, batch_bytes, linger, in_flight_bytes)
        self._failures = Failures()
        self._producer = connect(bootstrap, topic, timeout, kafka or {})
        self._closed = False
        self._packing = threading.Condition()
        self._clock = threading.Thread(target=self._send_what_is_due, name="emc-linger", daemon=True)
        self._clock.start()

    @property
    def in_flight(self) -> tuple[int, int]:
        """Messages and bytes that are sent and not yet acknowledged."""
        return self._in_flight.in_flight

    @property
    def peak_in_flight(self) -> tuple[int, int]:
        """The most messages and the most bytes that ever were under way at once."""
        return self._in_flight.peak

    def send(self, agency: str, event: Mapping[str, Any] | bytes) -> None:
        """Sends one event of the contract, as a mapping or as its JSON, under the key `agency`.

        InputError for bytes that are no JSON object, which would spoil the array in which others lie beside
        them, and for an event larger than a message; DeliveryError for earlier ones.
        """
        encoded = _one_object(event) if isinstance(event, bytes) else _encode(event)
        with self._packing:
            self._check()
            fresh = self._packer.next_due() is None
            self._ship(self._packer.add(agency, encoded, time.monotonic()))
            if fresh:
                self._packing.notify()
        self._failures.check()

    def send_raw(
        self,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        """Sends one message exactly as given, whatever it holds: what is packed already, and tests."""
        agency = (key or b"").decode("ascii", "replace")
        with self._packing:
            self._check()
            self._dispatch(agency, 1, key, value, list(headers), partition)
        self._failures.check()

    def flush(self, timeout: float | None = None) -> None:
        """Sends all that is packed and waits until every message is acknowledged or has failed."""
        with self._packing:
            self._ship(self._packer.drain())
        limit = self._timeout + _GRACE if timeout is None else timeout
        if not self._in_flight.wait_empty(limit):
            messages, _ = self._in_flight.in_flight
            raise ComponentError(f"{messages} message(s) are not acknowledged by Kafka after {limit:g} s")
        self._failures.check()

    def close(self) -> None:
        """Flushes and disconnects; raises what could not be delivered. A second call does nothing."""
        with self._packing:
            if self._closed:
                return
            self._closed = True  # from now on other threads' sends are refused, not lost
        try:
            self.flush()
        finally:
            self._disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        elif not self._closed:
            self._abandon(error)

    def _abandon(self, error: BaseException) -> None:
        """Gives what was sent a moment; what then is still missing is noted on the error under way."""
        ending = threading.Timer(_GRACE, self._in_flight.shut)
        ending.start()
        with self._packing:
            self._closed = True
        try:
            self.flush(_GRACE)
        except ComponentError as missing:
            error.add_note(str(missing))
        finally:
            ending.cancel()
            self._disconnect()

    def _disconnect(self) -> None:
        self._in_flight.shut()
        with self._packing:
            self._packing.notify()
        self._clock.join(_GRACE)
        if self._in_flight.in_flight[0]:
            self._producer.abandon()
        else:
            self._producer.close(timeout=_GRACE)

    def _check(self) -> None:
        if self._closed:
            raise ComponentError("the client is closed: nothing can be sent any more")
        self._failures.check()

    def _send_what_is_due(self) -> None:
        """Runs in a thread of its own until the client is closed."""
        with self._packing:
            while not self._closed:
                due = self._packer.next_due()
                now = time.monotonic()
                if due is not None and due <= now:
                    self._ship(self._packer.due(now))
                else:
                    self._packing.wait(None if due is None else due - now)

    def _ship(self, packs: list[Pack]) -> None:
        for pack in packs:
            value, content_type = pack.value()
            headers = [("content-type", content_type.encode())]
            self._dispatch(pack.agency, len(pack.events), pack.agency.encode(), value, headers, None)

    def _dispatch(
        self,
        agency: str,
        events: int,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
        partition: int | None,
    ) -> None:
        """Hands one message to Kafka's thread; what fails, now or later, is collected."""
        size = len(value or b"") + len(key or b"")
        if not self._in_flight.enter(size, self._timeout):
            self._failures.add(agency, events, "Kafka took no more messages in time")
            return
        try:
            future = self._producer.send(self.topic, value, key, headers, partition)
        except (KafkaError, ValueError, TypeError, AssertionError) as error:
            self._in_flight.leave(size)
            self._failures.add(agency, events, _told(error))
            return
        future.add_callback(lambda _: self._in_flight.leave(size))
        future.add_errback(partial(self._failed, agency, events, size))

    def _failed(self, agency: str, events: int, size: int, error: BaseException) -> None:
        self._failures.add(agency, events, _told(error))
        self._in_flight.leave(size)


def _told(error: BaseException) -> str:
    """The library's text, with the kind of the error where the text lacks it."""
    text, kind = str(error), type(error).__name__
    return text if text.startswith(kind) else f"{kind}: {text}"


def _one_object(text: bytes) -> bytes:
    """The text of an event, as it is; InputError when it is not one JSON object in UTF-8."""
    try:
        _skim(text)
        str(text, "utf-8")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise InputError("event is no JSON, expected one object in UTF-8") from None
    if not text.lstrip(b" \t\r\n").startswith(b"{"):
        raise InputError("event is JSON, but no object: expected one event")
    return text
