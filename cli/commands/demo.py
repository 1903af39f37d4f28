"""`emc demo`: the whole monitor, the simulated month played through it, then live events."""

from pathlib import Path

import click

from cli import options


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
@options.usual_port
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
    from cli.runtime.demonstration import demonstrate
    from cli.runtime.service import Service  # loads stream and engine, which takes a while
    from cli.runtime.usual_ports import listening

    place = listening(
        data_dir, "demo", host, port=port, kafka_port=kafka_port, clickhouse_port=clickhouse_port
    )
    return demonstrate(Service(data_dir, "demo", place), scale, once, as_json)
