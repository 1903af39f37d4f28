"""From sending an event to its rate being readable over HTTP, while others send.

Probes are single events about a day that nobody else reports, sent one after the other at random moments;
after each its rate is asked for until it has moved. What asking costs is in the numbers. Others send at a
steady rate, or (`--backlog`) one other agency hands in very many events at once: of the partition in which
the probes' agency lies, then of another. Afterwards every event of that agency must be counted.

    python -m benchmarks.latency [--rates 50 500] [--probes 200] [--backlog 200000]
"""

import argparse
import random
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.load import DAY, PACKINGS, fill, received
from benchmarks.measuring import Report, quantile
from benchmarks.memory import command
from benchmarks.steady import sending
from deploy.topics import EVENTS
from emc.identifiers import partition_of
from emc.instants import HANOI
from emc.registry import load_registry
from producers.client import Client
from producers.simulator import Message
from streams.reading.topic import TopicReader

_AGENCY, _DAY = "G02", "2024-02-29"
"""Live events are about other days."""
_ASK_EVERY = 0.01
_WARMING = 20.0
_PATIENCE = 300.0


class Service(NamedTuple):
    """Where the monitor is, and who sends to it."""

    api: str
    kafka: str
    client: Client

    def counted(self, agency: str, day: str) -> int:
        """How many dossiers of an agency were received on a day."""
        query = f"metric=online_submission&definition=channel&agency={agency}&period=day&start={day}"
        with urllib.request.urlopen(f"{self.api}/v1/rates?{query}", timeout=30) as answer:
            rates = msgspec.json.decode(answer.read())["rates"]
        return sum(rate["denominator"] for rate in rates)


class Probes:
    """Sends probes one after the other, at random moments."""

    def __init__(self, service: Service) -> None:
        self._service, self._number, self._moments = service, 0, random.Random(1)

    def until(self, is_enough: Callable[[list[float]], bool]) -> list[float]:
        """Seconds from sending to readable of each, at least one; TimeoutError after five minutes of one."""
        found: list[float] = []
        while not found or not is_enough(found):
            time.sleep(self._moments.uniform(0.1, 0.6))
            found.append(self._one())
        return found

    def _one(self) -> float:
        self._number += 1
        event = received(_AGENCY, self._number, _DAY) | {"time": datetime.now(HANOI).isoformat()}
        self._service.client.send(_AGENCY, event)
        began = time.monotonic()
        while self._service.counted(_AGENCY, _DAY) < self._number:
            if time.monotonic() - began > _PATIENCE:
                raise TimeoutError(f"probe {self._number} was not in the rate after {_PATIENCE:.0f} s")
            time.sleep(_ASK_EVERY)
        return time.monotonic() - began


def neighbours(agencies: Sequence[str], partitions: int) -> tuple[str, str]:
    """Two other agencies: of the probes' partition, and of another; StopIteration when there is none."""
    mine = partition_of(_AGENCY.encode(), partitions)
    others = [agency for agency in agencies if agency != _AGENCY]
    beside = next(agency for agency in others if partition_of(agency.encode(), partitions) == mine)
    return beside, next(agency for agency in others if partition_of(agency.encode(), partitions) != mine)


def crowded(service: Service, probes: Probes, agency: str, events: int) -> dict[str, Any]:
    """A line of the table: probes while so many events of an agency are worked off, all sent at once."""
    encoded = (msgspec.json.encode(received(agency, number)) for number in range(events))
    backlog = [Message(0, agency.encode(), value) for value in encoded]
    began = time.monotonic()
    fill(service.kafka, EVENTS, backlog, PACKINGS["packs of 100"])
    found = probes.until(lambda _: service.counted(agency, DAY) >= events)
    took = time.monotonic() - began
    if (counted := service.counted(agency, DAY)) != events:
        sys.exit(f"{agency}: {counted} of {events} events are in its rate")
    return line(f"{events:,} events of {agency}, worked off in {took:.1f} s", found)


def line(meanwhile: str, seconds: Sequence[float]) -> dict[str, Any]:
    """A line of the table, of at least one probe."""
    ordered = sorted(seconds)
    quantiles = {f"{name} s": quantile(ordered, share) for name, share in (("p50", 0.5), ("p99", 0.99))}
    return {"meanwhile": meanwhile, "probes": len(ordered), **quantiles, "max s": ordered[-1]}


def main() -> None:
    """Measures at each rate in turn, then beside each backlog."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="*", default=[50, 500])
    parser.add_argument("--probes", type=int, default=200, help="at each rate")
    parser.add_argument("--backlog", type=int, default=200_000, help="events; 0: none")
    options = parser.parse_args()
    report, rows = Report("latency", vars(options)), []
    with (
        tempfile.TemporaryDirectory() as folder,
        command("up", "--data-dir", folder) as (_, said),
        Client(said["kafka"], linger=0) as client,
    ):
        service = Service(said["api"], said["kafka"], client)
        probes = Probes(service)
        for rate in options.rates:
            with sending(Path(folder), rate):
                time.sleep(_WARMING)
                rows.append(line(f"{rate:g} events/s", probes.until(partial(_are, options.probes))))
        if options.backlog:
            topic = TopicReader(said["kafka"], EVENTS, "nobody")
            beside, elsewhere = neighbours(list(load_registry().agencies), topic.facts().partitions)
            topic.close()
            for agency, where in ((beside, "the same partition"), (elsewhere, "another partition")):
                told = crowded(service, probes, agency, options.backlog)
                rows.append(told | {"meanwhile": f"{told['meanwhile']}, {where}"})
    report.table("from sending to readable", rows)
    report.write()


def _are(number: int, found: list[float]) -> bool:
    return len(found) >= number


if __name__ == "__main__":
    main()
