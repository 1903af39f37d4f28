"""Handing simulated messages to a client."""

import json
from collections.abc import Sequence

from emc.registry import load_registry
from producers.client import Client
from producers.simulator import Sender, send, simulate


class Recorder:
    def __init__(self) -> None:
        self.packed: list[tuple[str, bytes]] = []
        self.raw: list[tuple[bytes | None, bytes | None]] = []

    def send(self, agency: str, event: bytes) -> None:
        self.packed.append((agency, event))

    def send_raw(
        self, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        self.raw.append((key, value))


def test_events_are_packed_and_other_bytes_travel_alone() -> None:
    recorder = Recorder()
    messages = list(simulate(load_registry(), seed=1, scale=0.02))
    for message in messages:
        send(message, recorder)
    assert len(recorder.packed) + len(recorder.raw) == len(messages)
    assert all(isinstance(json.loads(event), dict) for _, event in recorder.packed)
    assert any(value is None for _, value in recorder.raw)
    assert any(key is None for key, _ in recorder.raw)


def test_the_client_can_send_them() -> None:
    def takes(sender: type[Sender]) -> None:
        assert callable(sender.send)

    takes(Client)
