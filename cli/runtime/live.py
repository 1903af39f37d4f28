"""Live events of today, and the one line that tells how it goes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.text import Text

from cli import printing
from cli.runtime import stopping
from cli.runtime.service import Addresses, Service
from emc.errors import EmcError
from emc.translation import noun
from producers.client import Client
from producers.simulator import Message, live, paced, send

RATE = 50.0
_NAMES = 20
"""Columns for what an address is for."""
_REFRESH = 1.0
_QUIET_REFRESH = 30.0


async def go_on(service: Service, stop: stopping.Stop) -> None:
    """Sends live events and tells how it goes, until the end is asked for."""
    for told in addresses_told(service.addresses, service.sign_in_link()):
        printing.say(told, err=True)
    sender = Sender(service, stop)
    sending = asyncio.create_task(asyncio.to_thread(sender.run))
    try:
        with _status() as (status, pause):
            while not stop.asked.is_set() and not sending.done():
                status(await _line(service, sender))
                await asyncio.wait(
                    {asyncio.ensure_future(stop.wait()), sending},
                    timeout=pause,
                    return_when=asyncio.FIRST_COMPLETED,
                )
    finally:
        stop.asked.set()
        await sending


def addresses_told(addresses: Addresses, link: str) -> Iterator[str]:
    """Lines that say everything that answers, and what it is for."""
    api, spoken = addresses.api, printing.spoken
    said = {
        "send to": spoken(f"Kafka at {addresses.kafka}, or {api}/v1/events"),
        "ClickHouse": spoken(f"{addresses.clickhouse} (to read only)"),
        "the month's board": f"{api}/?start=2024-03-01",
        "an agency's page": f"{api}/agencies/H25?start=2024-03-01",
        "as that agency": spoken(f"{link} (works once, within an hour)"),
    }
    yield spoken(f"Live: about {RATE:.0f} events a second; Ctrl-C stops.")
    for name, value in said.items():
        yield f"  {spoken(name):<{_NAMES}} {value}"


class Sender:
    """Sends events at a steady rate in a thread of its own."""

    def __init__(self, service: Service, stop: stopping.Stop, rate: float = RATE) -> None:
        self.sent = 0
        self._service, self._stop, self._rate = service, stop, rate

    def run(self) -> None:
        """Returns when the end is asked for."""
        with Client(self._service.addresses.kafka, linger=0.02) as client:
            for message in self._messages():
                if self._stop.asked.is_set():
                    return
                send(message, client)
                self.sent += 1

    def _messages(self) -> Iterator[Message]:
        return paced(live(self._service.registry, rate=self._rate), sleep=self._stop.asked.wait)


@contextmanager
def _status() -> Iterator[tuple[Callable[[str], None], float]]:
    """How to show a line, and how often: over and over in a terminal, now and then in a file."""
    console = printing.errors()
    if not console.is_terminal:
        yield (lambda text: console.print(text, soft_wrap=True)), _QUIET_REFRESH
        return
    with Live(console=console, auto_refresh=False) as shown:
        yield (
            (lambda text: shown.update(Text(text, no_wrap=True, overflow="ellipsis"), refresh=True)),
            _REFRESH,
        )


async def _line(service: Service, sender: Sender) -> str:
    sent = sender.sent
    parts = [f"{printing.count(sent)} {noun(sent, 'event', 'events')} sent"]
    try:
        parts.append(f"lag {printing.count(await asyncio.to_thread(service.worker.lag))}")
    except EmcError:
        parts.append("lag unknown")
    waiting = service.worker.waiting()
    if waiting is not None:
        parts.append(f"waiting: {printing.spoken(waiting.sentence)}")
    totals = service.worker.progress.totals
    parts.append(
        f"{printing.count(totals['accepted'])} counted, {printing.count(totals['rejected'])} refused"
    )
    return " · ".join(map(printing.spoken, parts))
