"""`emc worker`, `emc api`, `emc gateway`: the parts of a deployment, any number of each."""

from pathlib import Path

import click

from cli import options


@click.command()
@options.required_kafka
@options.required_clickhouse
@options.data_dir
@options.port
@options.host
@options.log_level
def worker(kafka: str, clickhouse: str, data_dir: Path, port: int, host: str, log_level: str) -> int:
    """Run one worker; health and metrics on the port. Makes the tables first.

    Workers share the partitions of the topic. The data directory holds only a cache, of which each worker
    on a machine takes a part of its own.
    """
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
