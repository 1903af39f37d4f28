"""The load: a simulated month, packed at random, sent evenly over the length of the torture."""

import threading
import time
from collections.abc import Iterator
from random import Random

from kafka import KafkaProducer

from emc.registry import load_registry
from producers.simulator import Message, simulate

EVENTS_AT_SCALE_1 = 313_000
_BATCH = [("content-type", b"application/cloudevents-batch+json")]
_SIZES = (1, 5, 20, 60, 120)
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
    """Sends `events` events within `seconds`; faster when it was held up by a fault."""

    def __init__(self, bootstrap: str, topic: str, events: int, seconds: float, seed: int) -> None:
        super().__init__(daemon=True, name="load")
        self.sent = 0
        self.failure: BaseException | None = None
        self._hosts, self._topic = bootstrap, topic
        self._events, self._seconds, self._seed = events, seconds, seed
        self._enough = threading.Event()

    def run(self) -> None:
        """Until all is sent."""
        try:
            self._send()
        except BaseException as error:
            self.failure = error

    def _send(self) -> None:
        month = simulate(load_registry(), seed=self._seed, scale=self._events / EVENTS_AT_SCALE_1)
        producer = KafkaProducer(
            bootstrap_servers=self._hosts.split(","),
            linger_ms=5,
            max_request_size=2 << 20,
            delivery_timeout_ms=600_000,
            metadata_max_age_ms=10_000,
        )
        started, sent = time.monotonic(), []
        for key, value, headers, count in packed(month, Random(self._seed)):
            sent.append(producer.send(self._topic, value, key, headers))
            self.sent += count
            if len(sent) >= 50:
                for future in sent:
                    future.get(600)
                sent.clear()
                early = self.sent / self._events * self._seconds - (time.monotonic() - started)
                if early > 0:
                    time.sleep(early)
        producer.flush(600)
        for future in sent:
            future.get(600)
        producer.close()
