"""Sending over HTTP: 20 clients through `emc gateway`, worker and broker restarted in the middle.

First batches of 100, then single events, each for some seconds; what is not answered with 202 is sent again.
In the end every event that was answered with 202 must count exactly once in the rates.

    python -m benchmarks.gateway [--seconds 20]
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.load import received
from benchmarks.measuring import Report
from benchmarks.plain_http import PlainHttp
from deploy.ports import free_ports
from emc.registry import load_registry
from tests.cli.processes import Running, done, lines, wait_until

CLIENTS = 20
BATCH, SINGLE = "application/cloudevents-batch+json", "application/cloudevents+json"
LEAST = {100: 5_000, 1: 500}
_PAUSE = 0.2


class Sender(threading.Thread):
    """One agency's system: sends until told to stop, and remembers what was answered with 202."""

    def __init__(self, url: str, agency: str, token: str, size: int, first: int) -> None:
        super().__init__(name=f"sender of {agency}")
        self.agency, self.size, self.number = agency, size, first
        self.taken = self.refused = 0
        self.ending = threading.Event()
        bearer = {"Authorization": f"Bearer {token}", "Content-Type": BATCH if size > 1 else SINGLE}
        self._connection = PlainHttp(url, "/v1/events", bearer)

    def run(self) -> None:
        """Sends one body after the other."""
        while not self.ending.is_set():
            events = [received(self.agency, self.number + place) for place in range(self.size)]
            self._deliver(msgspec.json.encode(events if self.size > 1 else events[0]))
            self.number += self.size
            self.taken += self.size
        self._connection.close()

    def _deliver(self, body: bytes) -> None:
        """Sends a body until it is answered with 202."""
        while True:
            try:
                status, text = self._connection.post(body)
                if status == 202:
                    assert b'"rejected":0,' in text, text
                    return
                assert status in (429, 503), text
            except (HTTPException, OSError):
                self._connection.close()  # the next request connects anew
            self.refused += 1
            time.sleep(_PAUSE)


def measure(senders: list[Sender], seconds: float, middle: Callable[[], None] | None = None) -> float:
    """Runs senders for some seconds, with something in the middle; events a second while nothing happened."""
    begun = time.monotonic()
    for sender in senders:
        sender.start()
    time.sleep(seconds)
    rate = sum(sender.taken for sender in senders) / (time.monotonic() - begun)
    if middle is not None:
        middle()
        time.sleep(seconds / 2)
    for sender in senders:
        sender.ending.set()
    for sender in senders:
        sender.join()
    return rate


def main() -> int:
    """Prints the figures; 1 when one is missed, or an event is lost or counted twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    report = Report("gateway", vars(options))
    with tempfile.TemporaryDirectory() as folder:
        monitor = ("up", "--data-dir", Path(folder), "--log-level", "ERROR")
        kafka, api, clickhouse = free_ports(3)
        ports = ("--kafka-port", kafka, "--port", api, "--clickhouse-port", clickhouse)
        services = [Running(*monitor, *ports)]

        def restart() -> None:
            services.pop().stop()
            services.append(Running(*monitor, *ports))

        gateway = Running(
            *("gateway", "--kafka", services[0].ready["kafka"], "--log-level", "ERROR"),
            *("--clickhouse", services[0].ready["clickhouse"]),
        )
        try:
            rows, sent = sizes(services, gateway.ready["gateway"], folder, options.seconds, restart)
            report.table("sending over HTTP", rows)
            report.write()
            missed = any(row["events/s"] < row["asked"] for row in rows)
            return int(differs(services[0], sent) or missed)
        finally:
            gateway.stop()
            for service in services:
                service.stop()


def sizes(
    services: list[Running], url: str, folder: str, seconds: float, restart: Callable[[], None]
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """A row for bodies of each size, and how many events of each agency were answered with 202.

    `services`: the one that runs, also after `restart`, which falls into the first size.
    """
    agencies = sorted(load_registry().members("localities"))[:CLIENTS]
    token, rows, sent = token_for_senders(folder), list[dict[str, Any]](), dict.fromkeys(agencies, 0)
    for size, first, middle in ((100, 0, restart), (1, 50_000_000, None)):
        services[0].settle()  # what was sent before is counted: its work is not the gateway's
        senders = [Sender(url, agency, token, size, first) for agency in agencies]
        rate = measure(senders, seconds, middle)
        for sender in senders:
            sent[sender.agency] += sender.taken
        again = sum(sender.refused for sender in senders)
        rows.append(
            {"events in a body": size, "events/s": rate, "asked": LEAST[size], "bodies sent again": again}
        )
    services[0].settle()
    return rows, sent


def token_for_senders(folder: str | Path) -> str:
    """A token that may send for every agency."""
    asked = ("--name", "load", "--operator", "--scope", "events:write", "--json", "--data-dir", folder)
    token: str = lines(done("token", "create", *asked))[0]["token"]
    return token


def differs(service: Running, sent: dict[str, int]) -> bool:
    """Whether any agency's count is another than what was answered with 202."""
    asked = {"metric": "online_submission", "definition": "channel", "start": "2024-03-01"}

    def counted() -> dict[str, int]:
        rates = service.get("/v1/rates", **asked).json()["rates"]
        return {rate["agency"]: rate["denominator"] for rate in rates if "agency" in rate}

    wait_until(lambda: sum(counted().values()) >= sum(sent.values()), 60)
    found = counted()
    print(f"answered with 202: {sum(sent.values()):,}; counted: {sum(found.values()):,}", flush=True)
    return found != sent


if __name__ == "__main__":
    sys.exit(main())
