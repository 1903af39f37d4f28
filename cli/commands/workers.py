"""`emc worker`, `emc api`, `emc gateway`: the parts of a deployment, any number of each."""

from pathlib import Path

import click
import msgspec

from cli import options
from cli.runtime.several_workers import run_workers
from emc.settings.commands import Places


@click.command()
@options.required_kafka
@options.required_clickhouse
@options.data_dir
@options.port
@options.host
@options.log_level
@click.option(
    "--processes",
    type=click.IntRange(1, options.MOST_WORKERS),
    default=1,
    show_default=True,
    help="So many workers, on the port and those after it; one that ends by itself ends all.",
)
def worker(
    kafka: str, clickhouse: str, data_dir: Path, port: int, host: str, log_level: str, processes: int
) -> int:
    """Run one worker; health and metrics on the port. Makes the tables first.

    Workers share the partitions of the topic. The data directory holds only a cache, of which each worker
    on a machine takes a part of its own.
    """
    if processes > 1:
        if port + processes - 1 > options.LAST_PORT:
            raise click.UsageError(
                f"--port {port}: expected room for {processes} ports up to {options.LAST_PORT}"
            )
        places = Places(data_dir=str(data_dir), kafka=kafka, clickhouse=clickhouse, host=host, port=port)
        return run_workers(processes, msgspec.structs.replace(places, log_level=log_level))
    from cli.runtime.deployed import run_worker  # loads the stream, which takes a while

    return run_worker(kafka, clickhouse, data_dir, port, host, log_level)


@click.command()
@options.required_kafka
@options.required_clickhouse
@options.port
@options.host
@options.log_level
def api(kafka: str, clickhouse: str, port: int, host: str, log_level: str) -> int:
    """Serve the API over the tables of a ClickHouse server; Kafka is asked for the lag only."""
    from cli.runtime.deployed import run_api

    return run_api(kafka, clickhouse, port, host, log_level)


@click.command()
@options.required_kafka
@options.required_clickhouse
@options.port
@options.host
@options.log_level
def gateway(kafka: str, clickhouse: str, port: int, host: str, log_level: str) -> int:
    """Take events over HTTP and put them into Kafka; ClickHouse is asked for tokens only.

    `emc api` takes events as well: a gateway beside it keeps senders and readers apart. Any number may run
    behind a balancer.
    """
    from cli.runtime.deployed import run_gateway

    return run_gateway(kafka, clickhouse, port, host, log_level)
