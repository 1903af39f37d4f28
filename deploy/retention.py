"""How long the topics keep their messages, changed in place: `ensure_topics` never alters what is there."""

from collections.abc import Mapping

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from deploy.topics import DAY_MS, EVENTS, FOR_EVER, REJECTED_SUFFIX
from emc.errors import ComponentError


def set_retention(
    bootstrap: str,
    events_days: int | None,
    rejected_days: int | None,
    *,
    events: str = EVENTS,
    client: Mapping[str, object] | None = None,
) -> None:
    """Sets how many days the topic `events` and that of its rejected events keep messages (None: for ever).

    Kafka deletes what is older within minutes, by whole segments. Other settings stay. `client`: further
    settings of kafka-python. Raises ComponentError when Kafka does not answer or refuses.
    """
    wanted = {events: events_days, events + REJECTED_SUFFIX: rejected_days}
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": _milliseconds(days)})
        for name, days in wanted.items()
    ]
    try:
        with KafkaAdminClient(bootstrap_servers=bootstrap, **(client or {})) as admin:
            admin.alter_configs(resources)
    except (KafkaError, ValueError) as error:
        text = f"Kafka at {bootstrap} does not change the retention of {events} ({type(error).__name__})"
        raise ComponentError(text) from None


def _milliseconds(days: int | None) -> str:
    return FOR_EVER if days is None else str(days * DAY_MS)
