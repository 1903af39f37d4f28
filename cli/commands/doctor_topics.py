"""What `emc doctor` says of a topic: is it there, are its copies, are its settings right."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from cli.commands.findings import Finding, broken, doubtful, told_differences, well
from deploy.topics import FOR_EVER
from emc.translation import noun

# What gives wrong results when it is otherwise.
NEEDED_SETTINGS = {"cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime"}


def examine_topic(
    admin: KafkaAdminClient,
    topic: Mapping[str, Any],
    least_message: int,
    of_events: bool,
    least_copies: int = 2,
) -> Iterator[Finding]:
    """Whether it is there, has its copies, and the settings that the contract wants."""
    name = topic["name"]
    if topic["error_code"]:
        hidden = topic["error_code"] == 29  # TOPIC_AUTHORIZATION_FAILED
        said = "this user may not see it" if hidden else "there is none"
        advice = (
            "Give the user its permissions: `python -m deploy.access`." if hidden else "Run `emc topics`."
        )
        yield broken(f"topic {name}", said, advice)
        return
    yield _copies(name, topic["partitions"], least_copies)
    copies = len(topic["partitions"][0]["replica_nodes"])
    yield from _settings(admin, name, copies, least_message, of_events)


def _copies(name: str, partitions: Sequence[Mapping[str, Any]], least: int) -> Finding:
    copies = min(len(partition["replica_nodes"]) for partition in partitions)
    whole = f"{len(partitions)} {noun(len(partitions), 'partition', 'partitions')}"
    said = f"{whole}, {copies} {noun(copies, 'copy', 'copies')} of each"
    check = f"topic {name}"
    dead = [p["partition_index"] for p in partitions if p["leader_id"] < 0]
    behind = [p["partition_index"] for p in partitions if len(p["isr_nodes"]) < len(p["replica_nodes"])]
    if dead:
        return broken(
            check, f"{said}; no leader for {_listed(dead)}", "Bring the brokers of those partitions back."
        )
    if behind:
        advice = "Bring the absent brokers back; until then one more loss may stop writing."
        return doubtful(check, f"{said}; a copy is behind for {_listed(behind)}", advice)
    if copies < least:
        return doubtful(
            check, said, "One lost disk loses events: use three brokers and `emc topics --replication 3`."
        )
    return well(check, said)


def _settings(
    admin: KafkaAdminClient, name: str, copies: int, least_message: int, of_events: bool
) -> Iterator[Finding]:
    resource = ConfigResource(ConfigResourceType.TOPIC, name, None)
    told = admin.describe_configs([resource], config_filter="all")["topic"][name]
    check = f"settings of {name}"
    if not told:
        yield doubtful(
            check, "this user may not see them", "Give it DESCRIBE_CONFIGS, or ask as an administrator."
        )
        return
    config = {key: str(setting["value"]) for key, setting in told.items()}
    wrong = told_differences(NEEDED_SETTINGS, config)
    if int(config["max.message.bytes"]) < least_message:
        wrong.append(f"max.message.bytes is {config['max.message.bytes']}, less than {least_message}")
    if wrong:
        yield broken(
            check, "; ".join(wrong), "Set them with kafka-configs.sh --alter; `emc topics` tells all."
        )
    odd = []
    if of_events and config["retention.ms"] != FOR_EVER:
        days = int(config["retention.ms"]) // 86_400_000
        odd.append(f"events are dropped after {days} {noun(days, 'day', 'days')}")
    if copies > 1 and int(config["min.insync.replicas"]) < 2:
        odd.append("a write counts with one copy")
    if odd:
        advice = "Without them a lost ClickHouse comes back from a backup only; see deploy/README.md."
        yield doubtful(check, "; ".join(odd), advice if of_events else "Set min.insync.replicas to 2.")
    if not wrong and not odd:
        yield well(check, "as the contract wants them")


def _listed(partitions: Sequence[int]) -> str:
    shown = ", ".join(map(str, sorted(partitions)[:6]))
    return f"partition {shown}" + (" …" if len(partitions) > 6 else "")
