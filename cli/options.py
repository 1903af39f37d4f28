"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
PORT = click.IntRange(0, 65535)

data_dir = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    envvar="EMC_DATA_DIR",
    show_envvar=True,
    show_default=True,
    help="Directory of the embedded broker and engine.",
)
kafka = click.option(
    "--kafka",
    envvar="EMC_KAFKA",
    show_envvar=True,
    metavar="HOSTS",
    help="host:port of Kafka brokers, comma-separated.",
)
required_kafka = click.option(
    "--kafka",
    envvar="EMC_KAFKA",
    show_envvar=True,
    required=True,
    metavar="HOSTS",
    help="host:port of Kafka brokers, comma-separated.",
)
clickhouse = click.option(
    "--clickhouse",
    envvar="EMC_CLICKHOUSE",
    show_envvar=True,
    metavar="URL",
    help="ClickHouse server, http://user@host:8123/database.",
)
required_clickhouse = click.option(
    "--clickhouse",
    envvar="EMC_CLICKHOUSE",
    show_envvar=True,
    required=True,
    metavar="URL",
    help="ClickHouse server, http://user@host:8123/database.",
)
api = click.option(
    "--api", envvar="EMC_API", show_envvar=True, metavar="URL", help="API of a running service."
)
host = click.option(
    "--host",
    envvar="EMC_HOST",
    show_envvar=True,
    default="127.0.0.1",
    show_default=True,
    help="Address that the API listens on.",
)
port = click.option(
    "--port",
    envvar="EMC_PORT",
    show_envvar=True,
    type=PORT,
    default=0,
    show_default=True,
    help="Port of the API; 0: a free one.",
)
kafka_port = click.option(
    "--kafka-port",
    envvar="EMC_KAFKA_PORT",
    show_envvar=True,
    type=PORT,
    default=0,
    show_default=True,
    help="Port of the broker on 127.0.0.1; 0: a free one.",
)
clickhouse_port = click.option(
    "--clickhouse-port",
    envvar="EMC_CLICKHOUSE_PORT",
    show_envvar=True,
    type=PORT,
    default=0,
    show_default=True,
    help="Port of ClickHouse's HTTP interface, read-only, on 127.0.0.1; 0: a free one.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="For programs: JSON, one object a line.")
log_level = click.option(
    "--log-level",
    envvar="EMC_LOG_LEVEL",
    show_envvar=True,
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"]),
    default="INFO",
    show_default=True,
    help="What the log on stderr tells.",
)


def reading(command: F) -> F:
    """Where a reading command reads: a data directory, an API or a ClickHouse server."""
    return data_dir(api(clickhouse(command)))
