"""One Kafka message of the simulator, ready to be sent."""

import msgspec

from emc.verdicts import Reason

CONTENT_TYPE = (("content-type", b"application/cloudevents+json"),)


class Message(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What goes to `emc.events`: one event a message, or bytes that are no event.

    `sent_at` is the simulated instant of sending (microseconds since 1970 UTC); messages come in its order.
    `packs` tells whether the value may be joined with others of the same key into one batch value: bytes
    that are not a JSON object would spoil the whole batch. `refused` is the reason for which the stream
    must reject it, None for an event that counts.
    """

    sent_at: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = CONTENT_TYPE
    packs: bool = True
    refused: Reason | None = None
