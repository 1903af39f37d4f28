"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from emc.settings.commands import Places
from emc.settings.setting import settings_of

F = TypeVar("F", bound=Callable[..., Any])
LAST_PORT = 65535
PORT = click.IntRange(0, LAST_PORT)
MOST_WORKERS = 64
"""Workers that one data directory has room for."""
_CHOSEN = "0: a free one. Where the usual one is taken, another is chosen and told."


def of(
    group: type[msgspec.Struct], field: str, type_: Any = None, *, name: str | None = None, **more: Any
) -> Callable[[F], F]:
    """The option of a setting: its variable, meaning and default; `name` where the field's is not it."""
    (setting,) = (setting for setting in settings_of(group) if setting.field == field)
    more = {"default": setting.default, "show_default": True, "help": setting.meaning, **more}
    return click.option(
        name or f"--{field.replace('_', '-')}",
        type=type_ or (click.Choice(setting.choices) if setting.choices else None),
        envvar=setting.variable,
        show_envvar=True,
        **more,
    )


data_dir = of(Places, "data_dir", click.Path(file_okay=False, path_type=Path))
kafka = of(Places, "kafka", metavar="HOSTS")
required_kafka = of(Places, "kafka", metavar="HOSTS", required=True)
clickhouse = of(Places, "clickhouse", metavar="URL")
required_clickhouse = of(Places, "clickhouse", metavar="URL", required=True)
api = of(Places, "api", metavar="URL")
host = of(Places, "host")
port = of(Places, "port", PORT, help="Port that it listens on; 0: a free one.")
usual_port = of(Places, "port", PORT, show_default="8000", help=f"Port of the API; {_CHOSEN}")
kafka_port = of(
    Places, "kafka_port", PORT, show_default="9092", help=f"Port of the broker on 127.0.0.1; {_CHOSEN}"
)
clickhouse_port = of(
    Places, "clickhouse_port", PORT, show_default="8123",
    help=f"Port of ClickHouse's interface, read-only, on 127.0.0.1; {_CHOSEN}",
)  # fmt: skip
log_level = of(Places, "log_level")
as_json = click.option("--json", "as_json", is_flag=True, help="For programs: JSON, one object a line.")


def reading(command: F) -> F:
    """Where a reading command reads: a data directory, an API or a ClickHouse server."""
    return data_dir(api(clickhouse(command)))
