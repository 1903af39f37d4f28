"""The ports that `emc up` and `emc demo` take when none is asked for: always the same, unless taken."""

import click
from click.core import ParameterSource

from cli import printing
from deploy.ports import PortInUse, require_free

USUAL = {"kafka_port": 9092, "port": 8000, "clickhouse_port": 8123}
_OF = {"kafka_port": "Kafka", "port": "the API", "clickhouse_port": "ClickHouse"}


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
