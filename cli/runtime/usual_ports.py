"""The ports that `emc up` and `emc demo` take when none is asked for: always the same, unless taken."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from cli import printing
from cli.runtime.data_directory import LOCK, hold
from deploy.ports import PortInUse, require_free

if TYPE_CHECKING:
    from cli.runtime.service import Listening

USUAL = {"kafka_port": 9092, "port": 8000, "clickhouse_port": 8123}
_OF = {"kafka_port": "Kafka", "port": "the API", "clickhouse_port": "ClickHouse"}


def listening(data_dir: Path, command: str, host: str, **ports: int) -> "Listening":
    """Where a service is to listen, by the options of its ports. DataDirectoryError first of all when another
    process has its directory: which ports that one has taken is of no interest then.
    """
    from cli.runtime.service import Listening  # loads stream and engine, which takes a while

    if (data_dir / LOCK).exists():
        hold(data_dir, command).release()
    return Listening(host, **{name: usual_port(name, given) for name, given in ports.items()})


def usual_port(name: str, given: int) -> int:
    """The port given; if none was, the usual one, or 0 (any) where that is taken, which is told."""
    if click.get_current_context().get_parameter_source(name) is not ParameterSource.DEFAULT:
        return given
    try:
        require_free(USUAL[name])
    except PortInUse:
        said = f"Port {USUAL[name]} is taken: {_OF[name]} gets another one, told below."
        printing.say(said, err=True)
        return 0
    return USUAL[name]
