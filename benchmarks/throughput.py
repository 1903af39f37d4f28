"""Events a second through the whole path, Kafka to committed in ClickHouse, beside peers and the floor.

At two densities, as single events and packed by 100: the simulated month in the order in which it is sent,
and the first two events of each dossier of a larger month, at a nation's density (`benchmarks.nation`).
Nothing is turned off: validation, 5 % repetitions, disorder, every table. After each run the audit must find
no difference, and whoever counts must have counted the same. Peers run in turn with the monitor on the same
topic; ratios are those of a round.

    python -m benchmarks.throughput [--scale 1] [--rounds 3] [--density month …] [--packing …] [--peer …]
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.load import PACKINGS, countable, fill, month, packed
from benchmarks.measuring import Report, Spread, ratios, repeated, run_module
from benchmarks.nation import first_events, in_rounds
from benchmarks.processor import processor
from benchmarks.worker_run import WorkerRun
from deploy.broker import Broker
from deploy.topics import ensure_topics
from emc.registry import Registry, load_registry
from producers.simulator import Message

PEERS_PYTHON = Path("build/bench-venv/bin/python")
MONITOR, FLOOR = "monitor", "floor: libraries alone"
ELSEWHERE = {
    "Quix Streams, same job": "quix_same",
    "Quix Streams, counts": "quix_counts",
    "Bytewax, counts": "bytewax_counts",
    "Faust Tables, counts": "faust_tables",
}
"""Peers by name, the module of each; the last runs in the monitor's own environment."""
_OF_A_DOSSIER, _MORE = 2, 3.0
"""Of the national load: events of each dossier, and times the month's dossiers; a quarter more events."""
_NATIONAL = 1.3
"""Events of a dossier in a batch above which a load says nothing of a nation."""
_PACKED = {"single": PACKINGS["singles"], "packed by 100": PACKINGS["packs of 100"]}
_MICRO = 1_000_000


def national(registry: Registry, scale: float) -> list[Message]:
    """A quarter more events than the month has at that scale, of more dossiers, those of one far apart."""
    return in_rounds(first_events(countable(registry, _MORE * scale), _OF_A_DOSSIER))


_DENSITIES: dict[str, Callable[[Registry, float], list[Message]]] = {"month": month, "national": national}


class Topic(NamedTuple):
    """A topic that is full: where, and how many messages and events are in it."""

    broker: Broker
    name: str
    messages: int
    events: int


class Monitor:
    """Runs workers over a topic, each from the beginning; the floor stands on what the last one left."""

    def __init__(self, topic: Topic, folder: Path) -> None:
        self._topic, self._folder, self._runs = topic, folder, 0
        self.last: WorkerRun | None = None
        self.broker_seconds: list[float] = []

    def worker(self) -> WorkerRun:
        """One more worker, in an empty directory."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._runs += 1
        broker = Path(f"/proc/{self._topic.broker.pid}")
        before = processor(broker)
        arguments = (self._topic.broker.bootstrap, self._topic.name, f"{self._topic.name}.{self._runs}")
        told = run_module("benchmarks.worker_run", *arguments, self._folder)
        self.broker_seconds.append(processor(broker) - before)
        self.last = msgspec.convert(told, WorkerRun)
        return self.last

    def floor(self) -> Any:
        """The libraries alone, over the same topic and the same rows."""
        assert self.last is not None
        rows = msgspec.json.encode(self.last.rows).decode()
        arguments = (self._topic.broker.bootstrap, self._topic.name, self.last.events, self.last.batches)
        return run_module("benchmarks.peers.floor", *arguments, self._folder, rows)


def peer(module: str, topic: Topic) -> Any:
    """Runs a peer over a topic."""
    in_ours = module == "faust_tables"
    size = topic.events if in_ours else topic.messages
    arguments = (topic.broker.bootstrap, topic.name) + (() if module == "bytewax_counts" else (size,))
    python = sys.executable if in_ours else str(PEERS_PYTHON.absolute())
    return run_module(f"benchmarks.peers.{module}", *arguments, python=python)


def filled(broker: Broker, name: str, messages: list[Message], packing: str) -> Topic:
    """A topic of this name with the messages in it."""
    ensure_topics(broker.bootstrap, events=name)
    number = sum(1 for _ in packed(messages, _PACKED[packing]))
    return Topic(broker, name, number, fill(broker.bootstrap, name, messages, _PACKED[packing]))


def events_a_second(runs: list[Any]) -> list[float]:
    """Of a worker's or a peer's runs."""
    return [
        run.events / run.seconds if isinstance(run, WorkerRun) else run["events"] / run["seconds"]
        for run in runs
    ]


def check(found: dict[str, list[Any]], topic: Topic) -> None:
    """Ends with an error unless all saw all events and counted the same."""
    ours: WorkerRun = found[MONITOR][0]
    for name, runs in found.items():
        for run in runs:
            told = msgspec.to_builtins(run)
            counts = told.get("counts") or {key: told[key] for key in ("received", "online")}
            if told["events"] != topic.events or counts != ours.counts:
                seen = f"{told['events']} of {topic.events} events, {counts}, not {ours.counts}"
                sys.exit(f"{name}, {topic.name}: {seen}")


def compared(label: str, found: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """A row for each: events a second, how many times its speed the monitor has, µs of processor an event."""
    ours = events_a_second(found[MONITOR])
    rows = []
    for name, runs in found.items():
        theirs = events_a_second(runs)
        used = [
            (sum(run.processor.values()) if isinstance(run, WorkerRun) else run["processor"])
            / events
            * _MICRO
            for run in runs
            for events in [run.events if isinstance(run, WorkerRun) else run["events"]]
        ]
        rows.append(
            {
                "load": label,
                "who": name,
                "events/s": Spread.of(theirs),
                "monitor is × as fast": ratios(ours, theirs),
                "processor µs/event": Spread.of(used),
            }
        )
    return rows


def profile(label: str, runs: list[WorkerRun], broker_seconds: list[float]) -> dict[str, Any]:
    """What an event costs a worker: µs of processor by thread and in the broker, and what it touches."""
    by_thread = {
        f"{kind} µs": Spread.of(run.processor.get(kind, 0.0) / run.events * _MICRO for run in runs).median
        for kind in ("stream", "judging", "inserts", "consumer", "loop", "engine", "other")
    }
    in_broker = (used / run.events * _MICRO for used, run in zip(broker_seconds, runs, strict=True))
    density = Spread.of(run.density for run in runs).median
    batch = Spread.of(run.events / run.batches for run in runs).median
    head = {"load": label, "events/dossier/batch": density, "events/batch": batch}
    return {**head, **by_thread, "broker µs": Spread.of(in_broker).median}


def steps(label: str, runs: list[WorkerRun]) -> dict[str, Any]:
    """Wall-clock µs an event by step of a batch; judging runs beside the insert of the batch before."""
    names = list(dict.fromkeys(name for run in runs for name in run.steps))
    found = {
        name: Spread.of(run.steps.get(name, 0.0) / run.events * _MICRO for run in runs) for name in names
    }
    return {"load": label, **{f"{name} µs": spread.median for name, spread in found.items()}}


def main() -> None:
    """Measures each load in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is about 310 000 events")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--density", nargs="+", choices=_DENSITIES, default=list(_DENSITIES))
    parser.add_argument("--packing", nargs="+", choices=_PACKED, default=list(_PACKED))
    parser.add_argument("--peer", nargs="*", choices=ELSEWHERE, default=list(ELSEWHERE))
    options = parser.parse_args()
    report = Report("throughput", vars(options))
    profiles, walls = [], []
    for density in options.density:
        ordered = _DENSITIES[density](load_registry(), options.scale)
        for packing in options.packing:
            label = f"{density}, {packing}"
            with tempfile.TemporaryDirectory() as directory, Broker(Path(directory) / "broker") as broker:
                topic = filled(broker, label.replace(", ", ".").replace(" ", "-"), ordered, packing)
                monitor = Monitor(topic, Path(directory) / "worker")
                runs = {MONITOR: monitor.worker, FLOOR: monitor.floor}
                runs |= {name: partial(peer, ELSEWHERE[name], topic) for name in options.peer}
                found = repeated(options.rounds, runs)
            check(found, topic)
            report.table(label, compared(label, found))
            profiles.append(profile(label, found[MONITOR], monitor.broker_seconds))
            if density == "national" and profiles[-1]["events/dossier/batch"] > _NATIONAL:
                print(f"{label}: too few dossiers for a nation, ask for a greater --scale", flush=True)
            walls.append(steps(label, found[MONITOR]))
    report.table("processor time of an event by thread", profiles)
    report.table("wall-clock time of an event by step", walls)
    report.write()


if __name__ == "__main__":
    main()
