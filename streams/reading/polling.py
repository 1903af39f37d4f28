"""Polls that are bounded by bytes: aiokafka bounds them by the number of records, whatever their size."""

from typing import Any

from faust.transport.drivers import aiokafka

from streams.reading.weight import POLL, POLL_RECORDS, size_of

_MOST_AT_ONCE = 64
"""Sizes are known once taken: a poll is exceeded by so many records at most."""


class BoundedThread(aiokafka.AIOKafkaConsumerThread):
    """The thread of Faust's consumer; a poll takes what fits and leaves the rest where it was fetched."""

    _postponed: Exception | None = None

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: Any,
        timeout: float | None = None,  # noqa: ASYNC109 – Faust's signature
        max_records: int | None = None,
    ) -> dict[Any, list[Any]]:
        if self._postponed is not None:
            error, self._postponed = self._postponed, None
            raise error
        found: dict[Any, list[Any]] = {}
        most, at_once = max_records or POLL_RECORDS, 1
        size = count = 0
        while size < POLL and count < most:
            wait = 0.0 if found else timeout
            try:
                more = await super()._fetch_records(consumer, active_partitions, wait, at_once)
            except Exception as error:
                if not found:
                    raise
                self._postponed = error  # what was taken before it is taken for good
                break
            if not more:
                break
            for tp, records in more.items():
                found.setdefault(tp, []).extend(records)
                size, count = size + sum(map(size_of, records)), count + len(records)
            fitting = max(1, (POLL - size) // (size // count))
            at_once = min(_MOST_AT_ONCE, fitting, most - count)
        return found
