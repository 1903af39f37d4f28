"""What odd senders send beside the load, one kind after the other, until they are told to end."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random

from kafka import KafkaProducer
from kafka.errors import KafkaError

from emc.instants import today
from tests.fuzz.mixtures import KINDS as POISON
from tests.fuzz.mixtures import Maker
from tests.histories.delegates import DELEGATES
from tests.histories.events import Event, dossier_events, event
from tests.histories.generator import agency_of
from tests.histories.topic import leader_of
from tests.histories.values import some_unit
from tests.oracle import partition_of
from tests.records import CODECS, Header, RawRecord, Refused, encode_batch, produce

PAUSE = 1.0
OPEN_SECONDS = 5
"""How long a transaction that nobody ends stays open."""
_AGENCIES = ("H44", "G12", "H26", "H42", "H61")
_SETTLERS = ("H26", "G12", "H61", "H05")
_STRANGE: tuple[Header, ...] = ((b"x-trace", None), (b"x-m\xe3", b"1"), (b"\xff\xfe", None), (b"", b""))
_BLOCK_MS = 10_000


class OddSenders(threading.Thread):
    """Sends; `sent` counts what the brokers acknowledged, by kind; `turn` is held while something is sent.

    `partitions` tells how many the topic has now.
    """

    def __init__(self, bootstrap: str, topic: str, partitions: Callable[[], int], seed: int) -> None:
        super().__init__(daemon=True, name="odd senders")
        self.sent: Counter[str] = Counter()
        self.failure: BaseException | None = None
        self.turn = threading.Lock()
        self._hosts, self._topic, self._partitions = bootstrap, topic, partitions
        self._random, self._maker = Random(seed), Maker(seed)
        self._number = 0
        self._is_over = threading.Event()

    def end(self) -> None:
        """Returns when nothing more is sent."""
        self._is_over.set()
        self.join()
        if self.failure is not None:
            raise self.failure

    def run(self) -> None:
        """Until the end; what meets a broken broker is not sent, and not counted."""
        try:
            for kind in cycle(KINDS):
                if self._is_over.wait(PAUSE):
                    return
                with self.turn:
                    self._send(kind)
        except BaseException as error:
            self.failure = error

    def _send(self, kind: str) -> None:
        try:
            KINDS[kind](self)
        except (KafkaError, Refused, OSError):
            return
        self.sent[kind] += 1

    def transact(self, end: str) -> None:
        """A transaction over one dossier, committed, aborted, or left to its time-out."""
        self._number += 1
        producer = KafkaProducer(
            bootstrap_servers=self._hosts.split(","),
            transactional_id=f"odd-{self._number}",
            transaction_timeout_ms=OPEN_SECONDS * 1000,
            max_block_ms=_BLOCK_MS,
        )
        try:
            producer.init_transactions()
            producer.begin_transaction()
            sent = [producer.send(self._topic, value, key) for key, value in self._events()]
            for future in sent:
                future.get(_BLOCK_MS / 1000)
            if end == "commit":
                producer.commit_transaction()
            elif end == "abort":
                producer.abort_transaction()
        finally:
            producer.close(timeout=1)

    def put_strange_headers(self) -> None:
        """Headers without value and with names that are no text, in any partition."""
        for key, value in self._events():
            self._put(RawRecord(key, value, _STRANGE), self._random.random() < 0.5)

    def put_astray(self) -> None:
        """Plain messages in partitions that are not theirs."""
        for key, value in self._events():
            self._put(RawRecord(key, value), astray=True)

    def put_poison(self) -> None:
        """A record of one of the fuzzer's kinds."""
        record, _, _ = POISON[self._random.choice(list(POISON))](self._maker)
        self._put(record, self._random.random() < 0.5)

    def put_delegated(self) -> None:
        """A ministry's systems send for a province: those that may, and those that may not."""
        for key, value in self._events(self._random.choice(list(DELEGATES)), delegates=True):
            self._put(RawRecord(key, value))

    def put_settled(self) -> None:
        """Dossiers that another agency settles."""
        for key, value in self._events(settler=self._random.choice(_SETTLERS)):
            self._put(RawRecord(key, value))

    def _events(
        self, code: str = "", delegates: bool = False, settler: str = ""
    ) -> Iterator[tuple[bytes, bytes]]:
        """Key and value of all that is said of one dossier."""
        self._number += 1
        agency = agency_of(code or self._random.choice(_AGENCIES), today(), delegates)
        events: list[Event] = dossier_events(self._random, agency, self._number)
        if settler:
            given = {"settled_by": some_unit(self._random, settler)}
            events.append(event(self._random, agency, "dossier", events[0]["subject"], given))
        for one in events:
            yield agency.code.encode(), json.dumps(one).encode()

    def _put(self, record: RawRecord, astray: bool = False) -> None:
        number = self._partitions()
        partition = partition_of(record.key, number) if record.key else self._random.randrange(number)
        if astray:
            partition = (partition + self._random.randrange(1, number)) % number
        leader, _ = leader_of(self._hosts, self._topic, partition)
        codec = self._random.choice(list(CODECS))
        produce(leader, self._topic, partition, encode_batch([record], codec, time.time_ns() // 10**6))


KINDS: dict[str, Callable[[OddSenders], None]] = {
    "transaction committed": lambda senders: senders.transact("commit"),
    "transaction aborted": lambda senders: senders.transact("abort"),
    "transaction left open": lambda senders: senders.transact("open"),
    "headers null or no text": OddSenders.put_strange_headers,
    "wrong partition": OddSenders.put_astray,
    "poison": OddSenders.put_poison,
    "delegated": OddSenders.put_delegated,
    "settled elsewhere": OddSenders.put_settled,
}
