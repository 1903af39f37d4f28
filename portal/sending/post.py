"""The post room: events into messages by key, messages to Kafka, and what the stream will make of them."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from emc.contract import judge
from emc.errors import ComponentError
from emc.registry import Registry
from portal.sending.answers import Result, result_of
from producers.courier import PATIENCE, Courier, Message
from producers.packing import BATCH, LARGEST_VALUE, SINGLE

_MS = 1000
_UNKNOWN = (
    f"Kafka did not acknowledge within {PATIENCE:.0f} s: nothing is known of these events; send them again,"
    " repeats are harmless"
)


class Parcel(NamedTuple):
    """Events of one key that go in one message; `places`: their places in the request."""

    key: str | None
    places: list[int]
    events: list[bytes]

    def message(self) -> Message:
        """As it is to lie in Kafka."""
        key = None if self.key is None else self.key.encode()
        if len(self.events) == 1:
            return Message(key, self.events[0], SINGLE)
        return Message(key, b"[" + b",".join(self.events) + b"]", BATCH)


class Post:
    """Sends events and says what becomes of them."""

    def __init__(self, courier: Courier, registry: Registry) -> None:
        self.courier, self.registry = courier, registry

    async def send(self, addressed: Iterable[tuple[int, str | None, bytes]]) -> list[Result]:
        """Results of events (place, key, JSON), once all of them lie in Kafka.

        ComponentError when that is not so within ten seconds: some may lie there all the same.
        """
        parcels = list(parcels_of(addressed))
        try:
            async with asyncio.timeout(PATIENCE):
                moments = await asyncio.gather(*(self._deliver(parcel) for parcel in parcels))
        except TimeoutError:
            raise ComponentError(_UNKNOWN) from None
        if any(moment is None for moment in moments):
            raise ComponentError(_UNKNOWN)
        return [
            result
            for parcel, moment in zip(parcels, moments, strict=True)
            for result in self._judged(parcel, moment or 0)
        ]

    async def _deliver(self, parcel: Parcel) -> int | None:
        loop = asyncio.get_running_loop()
        appended: asyncio.Future[int | None] = loop.create_future()

        def set_moment(moment: int | None) -> None:
            if not appended.done():
                appended.set_result(moment)

        def told(moment: int | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(set_moment, moment)

        if self.courier.sends_at_once():  # a thread for each message would cost more than the message
            self.courier.send(parcel.message(), told)
        else:
            await asyncio.to_thread(self.courier.send, parcel.message(), told)
        return await appended

    def _judged(self, parcel: Parcel, appended_ms: int) -> Iterator[Result]:
        """As the stream judges them: the same bytes and key, at the moment when they were appended."""
        key = None if parcel.key is None else parcel.key.encode()
        for place, event in zip(parcel.places, parcel.events, strict=True):
            yield result_of(place, judge(event, key, appended_ms * _MS, self.registry))


def parcels_of(addressed: Iterable[tuple[int, str | None, bytes]]) -> Iterator[Parcel]:
    """Events by their keys, in their order, no parcel larger than a message may be."""
    filling: dict[str | None, Parcel] = {}
    size: dict[str | None, int] = {}
    for place, key, event in addressed:
        parcel = filling.get(key)
        if parcel is not None and size[key] + len(event) + 1 > LARGEST_VALUE:
            yield filling.pop(key)
            parcel = None
        if parcel is None:
            parcel = filling[key] = Parcel(key, [], [])
            size[key] = 1
        parcel.places.append(place)
        parcel.events.append(event)
        size[key] += len(event) + 1
    yield from filling.values()
