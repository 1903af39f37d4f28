"""The load: a simulated month, packed at random, sent evenly over the length of the torture."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from random import Random

from kafka import KafkaProducer

from emc.registry import load_registry
from producers.simulator import Message, simulate

EVENTS_AT_SCALE_1 = 303_000
_BATCH = [("content-type", b"application/cloudevents-batch+json")]
_SIZES = (1, 5, 20, 60, 120)
_AT_ONCE = 12
Packed = tuple[bytes | None, bytes | None, list[tuple[str, bytes]], int]


def packed(messages: Iterator[Message], random: Random) -> Iterator[Packed]:
    """The messages as they are sent: packs of random sizes by agency, one in fifty sent twice."""
    waiting: dict[bytes, list[bytes]] = {}
    sizes: dict[bytes, int] = {}
    for message in messages:
        if not message.packs or message.key is None or message.value is None:
            yield message.key, message.value, list(message.headers), 1
            continue
        pack = waiting.setdefault(message.key, [])
        pack.append(message.value)
        if len(pack) >= sizes.setdefault(message.key, 1):
            random.shuffle(pack)
            for _ in range(2 if random.random() < 0.02 else 1):
                yield message.key, b"[" + b",".join(pack) + b"]", _BATCH, len(pack)
            pack.clear()
            sizes[message.key] = random.choice(_SIZES)
    for key, pack in waiting.items():
        if pack:
            yield key, b"[" + b",".join(pack) + b"]", _BATCH, len(pack)


class Load(threading.Thread):
    """Sends `events` events within `seconds`; faster when it was held up by a fault.

    Never more than the share `allowed` of them, so that there are some left for faults that come late.
    """

    def __init__(self, bootstrap: str, topic: str, events: int, seconds: float, seed: int) -> None:
        super().__init__(daemon=True, name="load")
        self.sent, self.allowed = 0, 0.0
        self.failure: BaseException | None = None
        self._hosts, self._topic = bootstrap, topic
        self._events, self._seconds, self._seed = events, seconds, seed
        self._may_send, self._is_still = threading.Event(), threading.Event()
        self._may_send.set()

    def run(self) -> None:
        """Until all is sent."""
        try:
            self._send()
        except BaseException as error:
            self.failure = error
        finally:
            self._is_still.set()

    def pause(self, patience: float = 90.0) -> None:
        """Returns when everything sent is acknowledged and nothing more is sent."""
        self._may_send.clear()
        assert self._is_still.wait(patience), "the load did not pause"

    def go_on(self) -> None:
        """Ends the pause."""
        if self.is_alive():
            self._is_still.clear()
        self._may_send.set()

    def _send(self) -> None:
        month = simulate(load_registry(), seed=self._seed, scale=self._events / EVENTS_AT_SCALE_1)
        messages = iter(packed(month, Random(self._seed)))
        started = time.monotonic()
        while group := list(islice(messages, _AT_ONCE)):
            with self._producer() as producer:
                while group:
                    self._send_group(producer, group)
                    while self._may_send.is_set() and self._is_early(started):
                        time.sleep(0.05)
                    if not self._may_send.is_set():
                        break
                    group = list(islice(messages, _AT_ONCE))
            if not self._may_send.is_set():
                self._is_still.set()
                self._may_send.wait()

    def _is_early(self, started: float) -> bool:
        share = self.sent / self._events
        return share > self.allowed or share * self._seconds > time.monotonic() - started

    def _send_group(self, producer: KafkaProducer, group: list[Packed]) -> None:
        sent = [producer.send(self._topic, value, key, headers) for key, value, headers, _ in group]
        for future in sent:
            future.get(600)
        self.sent += sum(count for *_, count in group)

    @contextmanager
    def _producer(self) -> Iterator[KafkaProducer]:
        producer = KafkaProducer(
            bootstrap_servers=self._hosts.split(","),
            linger_ms=5,
            max_request_size=2 << 20,
            delivery_timeout_ms=600_000,
            request_timeout_ms=10_000,
            reconnect_backoff_max_ms=1_000,
            metadata_max_age_ms=10_000,
        )
        try:
            yield producer
        finally:
            producer.close()
