"""`emc demo`: the whole monitor, the simulated month played through it, then live events."""

import asyncio
from datetime import date
from pathlib import Path

import click
import msgspec
from rich.progress import Progress, TaskID

from cli import comparison, live, logs, options, playing, printing, stopping
from cli.service import Service
from producers.client import Client
from producers.simulator import make_plan
from sinks.rate_query import RateQuery

MONTH = date(2024, 3, 1)
SEED = 0


@click.command()
@options.data_dir
@click.option(
    "--scale",
    type=click.FloatRange(0, min_open=True),
    help="Times 50 000 dossiers; default: 1, or as played before.",
)
@click.option("--once", is_flag=True, help="End after the table.")
@click.option("--json", "as_json", is_flag=True, help="Print the month's rates as JSON lines, no table.")
@options.kafka_port
@options.port
@options.host
@options.clickhouse_port
def demo(
    data_dir: Path,
    scale: float | None,
    once: bool,
    as_json: bool,
    kafka_port: int,
    port: int,
    host: str,
    clickhouse_port: int,
) -> int:
    """Run the monitor, play the simulated March 2024 through it and compare with what was published.

    Then simulated events of today follow, about 50 a second, until Ctrl-C. Started again in the same data
    directory it finds its data and goes on live.
    """
    logs.set_up("WARNING")

    async def show(stop: stopping.Stop) -> int:
        service = Service(data_dir, "demo", kafka_port, port, host, clickhouse_port)
        try:
            with printing.errors().status("Starting broker, worker and API …"):
                await stop.unless(service.start())
            await _play_once(service, scale, stop)
            rates = await asyncio.to_thread(service.reader.rates, RateQuery(start=MONTH.isoformat()))
            if as_json:
                for rate in rates:
                    printing.line(rate)
            else:
                console = printing.console()
                console.print(comparison.table(rates, console.width))
            if not once:
                await live.go_on(service, stop)
        finally:
            await service.stop()
        return 0

    return stopping.run(show)


async def _play_once(service: Service, scale: float | None, stop: stopping.Stop) -> None:
    """Plays the month unless it was played; returns when all its rates are written."""
    path = service.directory.path
    month = playing.played(path, SEED, scale, MONTH)
    with playing.bar() as progress:
        if not month.complete:
            playing.mark(path, month)
            await asyncio.to_thread(_play, service, month.scale, stop, progress)
            if stop.asked.is_set():
                raise stopping.Interrupted
            playing.mark(path, msgspec.structs.replace(month, complete=True))
        await stop.unless(_caught_up(service, progress))


def _play(service: Service, scale: float, stop: stopping.Stop, progress: Progress) -> None:
    plan = make_plan(service.registry, SEED, scale, MONTH)
    with Client(service.kafka, batch_events=100) as client:
        playing.play_month(plan, client, stop, progress)


async def _caught_up(service: Service, progress: Progress) -> None:
    """Returns when everything sent is committed: then every rate is written."""
    task: TaskID | None = None
    most = 0
    while (lag := await asyncio.to_thread(service.worker.topic.lag)) > 0:
        most = max(most, lag)
        if task is None:
            task = progress.add_task("Computing ", total=most, said="")
        said = service.worker.waiting_for() or f"{printing.count(lag)} messages left"
        progress.update(task, total=most, completed=most - lag, said=said)
        await asyncio.sleep(0.25)
    if task is not None:
        progress.update(task, completed=most, said="all rates written")
