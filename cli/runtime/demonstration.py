"""The demonstration: a month played, its rates beside the published figures, then live events."""

import asyncio
from datetime import date

import msgspec
from rich.progress import Progress, TaskID

from cli import printing
from cli.runtime import comparison, live, logs, starting, stopping
from cli.runtime import simulated_month as playing
from cli.runtime.service import Service
from emc.translation import noun
from producers.client import Client
from producers.simulator import make_plan
from sinks.queries.rate_query import RateQuery

MONTH = date(2024, 3, 1)
SEED = 0


def demonstrate(service: Service, scale: float | None, once: bool, as_json: bool) -> int:
    """Runs a service that is not started yet through the demonstration; returns the exit code."""
    logs.set_up("WARNING")

    async def show(stop: stopping.Stop) -> int:
        try:
            await _start(service, stop)
            await _play_once(service, scale, stop)
            rates = await asyncio.to_thread(service.reader.rates, RateQuery(start=MONTH.isoformat()))
            if as_json:
                for rate in rates:
                    printing.line(rate)
            else:
                console = printing.console()
                console.print(comparison.table(rates))
            if not once:
                await live.go_on(service, stop)
        finally:
            await service.stop()
        return 0

    return stopping.run(show)


async def _start(service: Service, stop: stopping.Stop) -> None:
    """At a terminal under a sign that moves; in a file a line tells of it, and of what takes its time."""
    console, sentence = printing.errors(), printing.spoken("Starting broker, worker and API …")
    if console.is_terminal:
        with console.status(sentence):
            await stop.unless(service.start())
        return
    console.print(sentence)
    async with starting.told() as begins:
        await stop.unless(service.start(begins))


async def _play_once(service: Service, scale: float | None, stop: stopping.Stop) -> None:
    """Plays the month unless it was played; returns when all its rates are written."""
    path = service.directory.path
    month = playing.played(path, SEED, scale, MONTH)
    with playing.bar(is_staged=True) as progress:
        if not month.complete:
            playing.mark(path, month)
            await asyncio.to_thread(_play, service, month.scale, stop, progress)
            if stop.asked.is_set():
                raise stopping.Interrupted
            playing.mark(path, msgspec.structs.replace(month, complete=True))
        await stop.unless(_caught_up(service, progress))


def _play(service: Service, scale: float, stop: stopping.Stop, progress: Progress) -> None:
    plan = make_plan(service.registry, SEED, scale, MONTH)
    with Client(service.addresses.kafka, batch_events=100) as client:
        playing.play_month(plan, client, stop, progress)


async def _caught_up(service: Service, progress: Progress) -> None:
    """Returns when everything sent is committed: then every rate is written."""
    task: TaskID | None = None
    most = 0
    while (lag := await asyncio.to_thread(service.worker.lag)) > 0:
        most = max(most, lag)
        if task is None:
            task = progress.add_task(printing.spoken("Computing "), total=most, said="")
        waiting = service.worker.waiting()
        said = (
            waiting.sentence if waiting else f"{printing.count(lag)} {noun(lag, 'message', 'messages')} left"
        )
        progress.update(task, total=most, completed=most - lag, said=printing.spoken(said))
        await asyncio.sleep(0.25)
    if task is not None:
        progress.update(task, completed=most, said=printing.spoken("all rates written"))
