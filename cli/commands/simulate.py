"""`emc simulate`: sends simulated events to Kafka, of a month or of now."""

import asyncio
from datetime import date, datetime
from pathlib import Path

import click

from cli import options, printing
from cli.runtime import simulated_month as playing
from cli.runtime import stopping
from cli.runtime.data_directory import service_of
from emc import settings
from emc.registry import load_registry
from emc.translation import noun
from producers.client import Client
from producers.simulator import live as live_messages
from producers.simulator import make_plan, paced


@click.command()
@options.kafka
@options.data_dir
@click.option(
    "--scale",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Times 50 000 dossiers.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same events.")
@click.option(
    "--month",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m"]),
    default="2024-03-01",
    show_default=True,
    help="First day of the month to play.",
)
@click.option("--live", is_flag=True, help="Events dated now, until Ctrl-C, instead of a month.")
@click.option(
    "--rate",
    type=click.FloatRange(0, 100_000, min_open=True),
    default=50.0,
    show_default=True,
    help="Live events a second.",
)
def simulate(
    kafka: str | None, data_dir: Path, scale: float, seed: int, month: datetime, live: bool, rate: float
) -> int:
    """Send a simulated month of all agencies, or live events, to the service of a data directory or to Kafka.

    Sending a month again changes nothing: its events are the same.
    """
    bootstrap = kafka or service_of(data_dir, "simulate").kafka or ""
    security = settings.current().kafka.security()

    async def run(stop: stopping.Stop) -> int:
        with Client(bootstrap, kafka=playing.QUICK | security) as client:
            work = _live if live else _month
            sent = await asyncio.to_thread(work, client, stop, seed, rate if live else scale, month.date())
        printing.say(f"{printing.count(sent)} {noun(sent, 'message', 'messages')} sent")
        return 0

    return stopping.run(run)


def _month(client: Client, stop: stopping.Stop, seed: int, scale: float, month: date) -> int:
    try:
        plan = make_plan(load_registry(), seed, scale, month)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with playing.bar() as progress:
        return playing.play_month(plan, client, stop, progress)


def _live(client: Client, stop: stopping.Stop, seed: int, rate: float, month: date) -> int:
    messages = live_messages(load_registry(), seed, rate, month=month, with_catalogues=True)
    return playing.send(paced(messages, sleep=stop.asked.wait), client, stop, lambda sent, message: None)
