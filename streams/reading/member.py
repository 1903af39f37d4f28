"""A member of the consumer group: one Faust app after the other, begun and given up as a whole."""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import faust
from faust.types import TP

from streams.reading.app import KafkaSettings, build_app
from streams.reading.cancellation import own_cancellation
from streams.reading.inbox import Inbox
from streams.reading.lease import Lease
from streams.reading.transport import Tenant

_log = logging.getLogger("emc.worker")
_LEAVE_TIMEOUT = 2.0
_COMMIT_TIMEOUT = 30.0


class Member:
    """Reads the topic into the inbox while it is joined, for its tenant."""

    def __init__(self, kafka: KafkaSettings, directory: Path, inbox: Inbox, tenant: Tenant) -> None:
        self._kafka, self._directory, self._inbox, self._tenant = kafka, directory, inbox, tenant
        self._app: faust.App | None = None

    async def join(self) -> None:
        """Begins a new app. Raises errors of every kind; then the member is to leave."""
        self._app = app = build_app(self._kafka, self._directory, self._inbox.put)
        app.on_partitions_revoked.connect(self._on_revoked)  # type: ignore[arg-type]
        app.finalize()
        consumer: Any = app.consumer
        consumer.tenant = self._tenant
        with own_cancellation():
            await app.start()

    async def _on_revoked(self, app: faust.App, revoked: set[TP], **_: Any) -> None:
        if app is self._app:
            await self._tenant.give_back()

    @property
    def is_running(self) -> bool:
        """Whether the app runs and has not crashed."""
        app = self._app
        return app is not None and not app.crashed and not app.should_stop

    @property
    def is_in_group(self) -> bool:
        """Whether the group counts it among its members, as far as it knows."""
        consumer: Any = self._app.consumer if self._app is not None else None
        return consumer is None or bool(consumer.is_in_group)

    @property
    def has_partitions(self) -> bool:
        """Whether the group has given it any, as far as it knows."""
        consumer: Any = self._app.consumer if self._app is not None else None
        return consumer is not None and bool(consumer.has_partitions)

    def knows(self, partitions: int) -> bool:
        """Whether the consumer knows that the topic has so many partitions."""
        consumer: Any = self._app.consumer if self._app is not None else None
        return consumer is not None and bool(consumer.is_up_to_date(self._kafka.topic, partitions))

    def missing(self) -> dict[int, int]:
        """Where partitions stand of which Faust has more, while nothing waits in the inbox."""
        consumer: Any = self._app.consumer if self._app is not None else None
        return self._inbox.behind(consumer.reached()) if consumer is not None and self._inbox.is_empty else {}

    async def commit(self, lease: Lease, next_offsets: Mapping[int, int]) -> None:
        """Acknowledges, unless the lease has ended. If that fails, the batch is read again some time, which
        is harmless.
        """
        app = self._app
        if app is None or lease.is_revoked:
            return
        consumer: Any = app.consumer
        offsets = {TP(self._kafka.topic, partition): offset for partition, offset in next_offsets.items()}
        try:
            with own_cancellation():  # Faust cancels commits when its thread ends
                await asyncio.wait_for(consumer.commit_batch(offsets), _COMMIT_TIMEOUT)
        except Exception as error:  # aiokafka and Faust raise of every kind here
            _log.warning("commit failed", extra={"reason": type(error).__name__})

    async def leave(self, patience: float = _LEAVE_TIMEOUT) -> None:
        """Gives the app up: it ends within `patience` seconds or by itself later, unheard."""
        app, self._app = self._app, None
        self._tenant.end()
        if app is not None:
            consumer: Any = app.consumer
            consumer.tenant = None
            try:
                with own_cancellation():
                    await asyncio.wait_for(app.stop(), patience)
            except Exception as error:
                _log.warning("the stream did not stop in order", extra={"reason": type(error).__name__})
