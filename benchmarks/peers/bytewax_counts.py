"""Bytewax doing the plain job: state by dossier and by agency, in memory, without recovery.

`python -m benchmarks.peers.bytewax_counts BOOTSTRAP TOPIC`; runs in the environment of the peers.
"""

import sys
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, run_main

from benchmarks.peers.plain import KIND, Clock, Registers, counted, events_of, folded


def main() -> None:
    """Runs until the end of the topic."""
    bootstrap, topic = sys.argv[1:]
    clock, totals = Clock(), dict[str, tuple[int, int]]()

    def split(message: Any) -> list[tuple[str, tuple[str, Any]]]:
        clock.begin()
        events = events_of(message.value)
        clock.done(len(events))
        agency = message.key.decode()
        return [(event["subject"], (agency, event)) for event in events if event["type"] == KIND]

    def fold(held: Registers | None, said: tuple[str, Any]) -> tuple[Registers, tuple[str, tuple[int, int]]]:
        registers: Registers = {} if held is None else held
        agency, event = said
        before = counted(registers)
        after = counted(folded(registers, event))
        clock.done(0)
        return registers, (agency, (after[0] - before[0], after[1] - before[1]))

    def add(held: tuple[int, int] | None, moved: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
        received, online = held or (0, 0)
        both = received + moved[0], online + moved[1]
        return both, both

    flow = Dataflow("counts")
    messages = op.input("topic", flow, KafkaSource([bootstrap], [topic], tail=False, batch_size=1000))
    by_dossier = op.flat_map("split", messages, split)
    moves = op.map("agency", op.stateful_map("fold", by_dossier, fold), lambda pair: pair[1])
    some = op.filter("moved", moves, lambda pair: pair[1] != (0, 0))
    sums = op.stateful_map("add", some, add)

    def keep(pair: tuple[str, tuple[int, int]]) -> list[Any]:
        totals[pair[0]] = pair[1]
        return []

    op.output("nowhere", op.flat_map("keep", sums, keep), TestingSink([]))
    run_main(flow)
    received, online = (sum(column) for column in zip(*totals.values(), strict=True))
    clock.found(received, online).tell()


if __name__ == "__main__":
    main()
