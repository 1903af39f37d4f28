"""Handing simulated messages to a client."""

from collections.abc import Sequence
from typing import Protocol

from producers.simulator.message import Message


class Sender(Protocol):
    """What of `producers.client.Client` is needed here."""

    def send(self, agency: str, event: bytes) -> None:
        """Sends an event, perhaps in a batch with others of the agency."""

    def send_raw(
        self, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        """Sends a message of its own exactly as it is."""


def send(message: Message, client: Sender) -> None:
    """Sends a message: packed with others where that is harmless, otherwise byte by byte as it is."""
    if message.packs and message.key is not None and message.value is not None:
        client.send(message.key.decode(), message.value)
    else:
        client.send_raw(message.key, message.value, message.headers)
