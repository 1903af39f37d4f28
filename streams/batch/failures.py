"""How a batch can end without having become durable, other than by a component that does not answer."""

from emc.errors import ComponentError
from emc.waiting import Component


class Stopped(Exception):
    """The worker is to end before ClickHouse took the batch; Kafka still has it."""


class RestoredBehindUs(ComponentError):
    """ClickHouse was put back to an earlier state, or emptied, while this worker wrote."""

    component = Component.CLICKHOUSE
