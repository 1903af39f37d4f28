"""The two topics of the contract: made when absent, described and compared with the contract when present."""

from collections.abc import Mapping
from dataclasses import dataclass

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError

from emc.errors import ComponentError

EVENTS = "emc.events"
REJECTED_SUFFIX = ".rejected"
MIB = 1024 * 1024
DAY_MS = 24 * 60 * 60 * 1000
FOR_EVER = "-1"

# A value over 1 MiB is rejected by us, with reason and trace; the broker would only refuse it to the sender.
EVENTS_MESSAGE = 8 * MIB
REJECTED_MESSAGE = 17 * MIB  # 16 MiB of value, and headers


@dataclass(frozen=True)
class Topic:
    """A topic as it is now. `config`: all settings by name; `differences`: a sentence for each departure."""

    name: str
    id: str
    partitions: int
    replication: int
    config: Mapping[str, str]
    differences: tuple[str, ...]
    created: bool


@dataclass(frozen=True)
class _Wanted:
    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


def ensure_topics(
    bootstrap: str,
    partitions: int = 12,
    replication: int = 1,
    rejected_retention_days: int = 90,
    *,
    events: str = EVENTS,
    events_retention_days: int | None = None,
    client: Mapping[str, object] | None = None,
) -> list[Topic]:
    """Create the topic `events` and one for rejected events unless they exist; return both, in this order.

    Existing topics are never altered: `Topic.differences` tells what departs from what was asked. Retention
    None is unlimited. `client`: further settings of kafka-python, such as `sasl_mechanism`.
    Raises ComponentError when Kafka does not answer or refuses.
    """
    wanted = [
        _wanted(events, partitions, replication, events_retention_days, EVENTS_MESSAGE),
        _wanted(events + REJECTED_SUFFIX, partitions, replication, rejected_retention_days, REJECTED_MESSAGE),
    ]
    try:
        with KafkaAdminClient(bootstrap_servers=bootstrap, **(client or {})) as admin:
            created = [_create(admin, topic) for topic in wanted]
            return [_describe(admin, topic, new) for topic, new in zip(wanted, created, strict=True)]
    except KafkaError as error:
        raise ComponentError(
            f"Kafka at {bootstrap} does not answer as it should ({type(error).__name__})."
        ) from error


def _wanted(name: str, partitions: int, replication: int, days: int | None, message: int) -> _Wanted:
    config = {
        "cleanup.policy": "delete",
        "message.timestamp.type": "LogAppendTime",
        "retention.ms": FOR_EVER if days is None else str(days * DAY_MS),
        "retention.bytes": FOR_EVER,
        "max.message.bytes": str(message),
        "min.insync.replicas": str(max(1, replication - 1)),
    }
    return _Wanted(name, partitions, replication, config)


def _create(admin: KafkaAdminClient, wanted: _Wanted) -> bool:
    """Create the topic; False when it was there already, also when another process was faster."""
    if not _metadata(admin, wanted.name)["error_code"]:
        return False
    request = {
        "num_partitions": wanted.partitions,
        "replication_factor": wanted.replication,
        "configs": dict(wanted.config),
    }
    answer = admin.create_topics({wanted.name: request}, raise_errors=False)["topics"][0]
    created = answer["error_code"] == 0
    if not created and answer["error_code"] != TopicAlreadyExistsError.errno:
        raise ComponentError(f"Kafka refused to make the topic {wanted.name}: {answer['error_message']}")
    admin.wait_for_topics([wanted.name])
    return bool(created)


def _metadata(admin: KafkaAdminClient, name: str) -> dict[str, object]:
    found: list[dict[str, object]] = admin.describe_topics([name])
    return found[0]


def _describe(admin: KafkaAdminClient, wanted: _Wanted, created: bool) -> Topic:
    metadata = _metadata(admin, wanted.name)
    partitions = metadata["partitions"]
    assert isinstance(partitions, list)
    resource = ConfigResource(ConfigResourceType.TOPIC, wanted.name, None)
    settings = admin.describe_configs([resource], config_filter="all")["topic"][wanted.name]
    config = {name: str(setting["value"]) for name, setting in settings.items()}
    replication = min((len(partition["replica_nodes"]) for partition in partitions), default=0)
    facts = {"partitions": len(partitions), "replication": replication, **config}
    asked = {"partitions": wanted.partitions, "replication": wanted.replication, **wanted.config}
    differences = tuple(
        f"{wanted.name}: {name} is {facts.get(name)}, not {value}"
        for name, value in asked.items()
        if facts.get(name) != value
    )
    return Topic(
        wanted.name, str(metadata["topic_id"]), len(partitions), replication, config, differences, created
    )
