"""Kafka messages that the stream itself sends: rejected events, and messages found in a wrong partition.

Whatever was read can be sent: null keys, values and headers, header names of any bytes. What a topic does not
take as it is (headers of megabytes that another codec had made small) is sent without them; what it does not
take even then is handed back, to be refused. Nothing is tried for ever.
"""

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from emc.errors import BrokerUnavailable
from emc.verdicts import Rejected
from streams.batch.producer_records import Headers, ProducerRecord, RecordBatch, record_batches
from streams.reading.kafka_security import for_aiokafka

T = TypeVar("T")
LEAST_MESSAGE = 17 * 1024 * 1024
"""`max.message.bytes` that a topic of rejected events needs: 16 MiB of value, a key and headers."""
_AT_ONCE = 1_000
_NO_LIMIT = 2**31 - 1
"""The broker decides what is too large, by the compressed size."""
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
_STOP_TIMEOUT = 3.0


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
    """Sends records and returns when the broker has them all. For one thread at a time."""

    def __init__(self, bootstrap: str, **security: Any) -> None:
        self._bootstrap, self._security = bootstrap, security
        self._loop: asyncio.AbstractEventLoop | None = None
        self._producer: AIOKafkaProducer | None = None

    def deliver(self, records: Sequence[ProducerRecord], timeout: float = 30.0) -> list[ProducerRecord]:
        """Raises BrokerUnavailable when one was not acknowledged; sending all of them again is harmless.

        Returns those found in a wrong partition that their topic takes in no form.
        """
        left: list[ProducerRecord] = []
        for at in range(0, len(records), _AT_ONCE):  # few enough for the broker to take within the timeout
            some = records[at : at + _AT_ONCE]
            too_large = self._run(self._send(some), timeout)
            left += self._run(self._send([record.plain() for record in too_large]), timeout)
        return left

    def _run(self, step: Coroutine[Any, Any, T], timeout: float) -> T:
        """The step's result, in the loop of a thread of its own."""
        future = asyncio.run_coroutine_threadsafe(step, self._started())
        try:
            return future.result(timeout)
        except (KafkaError, OSError, TimeoutError) as error:
            future.cancel()
            self.close()
            text = f"Kafka at {self._bootstrap} does not take messages ({type(error).__name__})"
            raise BrokerUnavailable(text) from None

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="outbox", daemon=True).start()
        return self._loop

    async def _send(self, records: Sequence[ProducerRecord]) -> list[ProducerRecord]:
        """Those that are too large for their topic, of the records that have another way to go."""
        if not records:
            return []
        producer = await self._connect()
        by_partition: dict[tuple[str, int], list[ProducerRecord]] = defaultdict(list)
        for record in records:
            by_partition[record.topic, await self._partition(producer, record)].append(record)
        found = await asyncio.gather(
            *(self._send_to(producer, *where, some) for where, some in by_partition.items())
        )
        return [record for some in found for record in some]

    async def _connect(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                max_request_size=_NO_LIMIT,
                request_timeout_ms=20_000,
                **for_aiokafka(self._security),
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _partition(self, producer: AIOKafkaProducer, record: ProducerRecord) -> int:
        known: set[int] = await producer.partitions_for(record.topic)
        if record.partition is None:
            return record.any_of(len(known))
        if record.partition not in known:
            await producer.client.force_metadata_update()
            text = f"Kafka at {self._bootstrap} has no partition {record.partition} of {record.topic} yet"
            raise BrokerUnavailable(text)
        return record.partition

    async def _send_to(
        self, producer: AIOKafkaProducer, topic: str, partition: int, records: Sequence[ProducerRecord]
    ) -> list[ProducerRecord]:
        too_large: list[ProducerRecord] = []
        for batch in record_batches(records):
            try:
                await (await producer.send_batch(batch, topic, partition=partition))
            except _TOO_LARGE:
                self._refuse_to_lose(topic, batch)
                too_large += batch.records
        return too_large

    def _refuse_to_lose(self, topic: str, batch: RecordBatch) -> None:
        """Only what was found in a wrong partition has another way to go: to be refused."""
        if any(record.found is None for record in batch.records):
            raise BrokerUnavailable(
                f"Kafka at {self._bootstrap}: topic {topic} does not take a message of {batch.size()} bytes;"
                f" set its max.message.bytes to {LEAST_MESSAGE}"
            )

    def close(self) -> None:
        """Gives up the connection; what is not acknowledged is sent again by the caller."""
        loop, producer, self._loop, self._producer = self._loop, self._producer, None, None
        if loop is None:
            return
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            if producer is not None:
                asyncio.run_coroutine_threadsafe(producer.stop(), loop).result(_STOP_TIMEOUT)
        loop.call_soon_threadsafe(loop.stop)
