"""Quix Streams doing the plain job: state by agency and dossier, a changelog topic, as its documents show.

`python -m benchmarks.peers.quix_counts BOOTSTRAP TOPIC MESSAGES`; runs in the environment of the peers.
"""

import os
import sys
import tempfile
from typing import Any

from quixstreams import Application

from benchmarks.peers.plain import KIND, Clock, counted, events_of, folded

_PATIENCE = 120.0
"""Seconds for the broker to answer: a machine may be busy with other things."""


def main() -> None:
    """Runs until so many messages were seen."""
    bootstrap, topic, messages = sys.argv[1:]
    clock, totals = Clock(), dict[bytes, tuple[int, int]]()

    def count(value: bytes, key: bytes, _timestamp: int, _headers: Any, state: Any) -> None:
        clock.begin()
        events = events_of(value)
        for event in events:
            if event["type"] != KIND:
                continue
            code = event["subject"]
            registers = state.get(code, {})
            before = counted(registers)
            folded(registers, event)
            state.set(code, registers)
            after = counted(registers)
            if after != before:
                received, online = state.get("totals", [0, 0])
                held = received + after[0] - before[0], online + after[1] - before[1]
                state.set("totals", held)
                totals[key] = held
        clock.done(len(events))

    with tempfile.TemporaryDirectory() as folder:
        app = Application(
            broker_address=bootstrap,
            consumer_group=f"quix-counts-{os.getpid()}",
            auto_offset_reset="earliest",
            state_dir=folder,
            loglevel="ERROR",
            request_timeout=_PATIENCE,
        )
        stream = app.dataframe(app.topic(topic, value_deserializer="bytes", key_deserializer="bytes"))
        stream.update(count, stateful=True, metadata=True)
        app.run(count=int(messages))
    received, online = (sum(column) for column in zip(*totals.values(), strict=True))
    clock.found(received, online).tell()


if __name__ == "__main__":
    main()
