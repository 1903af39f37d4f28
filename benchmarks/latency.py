"""From sending an event to its rate being readable over HTTP, while others send at a steady rate.

Probes are single events about a day that nobody else reports, sent one after the other at random moments;
after each its rate is asked for until it has moved. What asking costs is in the numbers.

    python -m benchmarks.latency [--rates 50 500] [--probes 200] [--output build/latency.json]
"""

import argparse
import random
import statistics
import tempfile
import time
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.measuring import quantile
from benchmarks.memory import command
from benchmarks.steady import sending
from emc.instants import HANOI
from producers.client import Client

_AGENCY, _DAY = "G02", "2024-02-29"
"""Live events are about other days."""
_ASK_EVERY = 0.01
_WARMING = 20.0
_PATIENCE = 60.0


class Row(msgspec.Struct):
    """One line of the table: seconds from sending to readable, of all probes."""

    rate: float
    probes: list[float]

    def quantile(self, share: float) -> float:
        """The seconds that so many of the probes stayed under."""
        return quantile(sorted(self.probes), share)


def event(number: int) -> dict[str, Any]:
    """A dossier that was received on the probes' day."""
    day = _DAY.replace("-", "")[2:]
    return {
        "specversion": "1.0",
        "id": f"probe-{number}",
        "source": f"/agencies/{_AGENCY}/probe",
        "type": "vn.emc.dossier.v1",
        "subject": f"{_AGENCY}-{day}-{number:07d}",
        "time": datetime.now(HANOI).isoformat(),
        "data": {"status": 2, "channel": "online", "received_at": f"{_DAY}T08:00:00+07:00"},
    }


def counted(api: str) -> int:
    """The denominator of the probes' rate."""
    query = f"metric=online_submission&definition=channel&agency={_AGENCY}&period=day&start={_DAY}"
    with urllib.request.urlopen(f"{api}/v1/rates?{query}", timeout=30) as answer:
        rates = msgspec.json.decode(answer.read())["rates"]
    return sum(rate["denominator"] for rate in rates)


def probe(client: Client, api: str, number: int) -> float:
    """Seconds until the event of that number is in the rate."""
    client.send(_AGENCY, event(number))
    began = time.monotonic()
    while counted(api) < number:
        if time.monotonic() - began > _PATIENCE:
            raise TimeoutError(f"probe {number} was not in the rate after {_PATIENCE:.0f} s")
        time.sleep(_ASK_EVERY)
    return time.monotonic() - began


def main() -> None:
    """Measures at each rate in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[50, 500])
    parser.add_argument("--probes", type=int, default=200, help="at each rate")
    parser.add_argument("--output", type=Path, default=Path("build/latency.json"))
    options = parser.parse_args()
    print("events/s   probes      p50      p99      max   seconds", flush=True)
    rows, number = [], 0
    moments = random.Random(1)
    with (
        tempfile.TemporaryDirectory() as folder,
        command("up", "--data-dir", folder) as (_, said),
        Client(said["kafka"], linger=0) as client,
    ):
        for rate in options.rates:
            found = []
            with sending(Path(folder), rate):
                time.sleep(_WARMING)
                for _ in range(options.probes):
                    time.sleep(moments.uniform(0.1, 0.6))
                    number += 1
                    found.append(probe(client, said["api"], number))
            rows.append(Row(rate, found))
            times = (statistics.median(found), rows[-1].quantile(0.99), max(found))
            print(f"{rate:8g} {len(found):8} " + " ".join(f"{each:8.3f}" for each in times), flush=True)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_bytes(msgspec.json.encode(rows))


if __name__ == "__main__":
    main()
