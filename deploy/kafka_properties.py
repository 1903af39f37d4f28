"""The server.properties of embedded brokers, and the ports they listen on."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.ports import HOST

MIB = 1024 * 1024

# What every embedded broker has; the reason stands beside what is not obvious.
COMMON = {
    "process.roles": "broker,controller",
    "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "CLIENTS",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",  # a mistyped topic is an error, not a new topic
    "message.max.bytes": str(17 * MIB),  # rejected events: 16 MiB and their headers
    "socket.request.max.bytes": str(100 * MIB),
    "replica.fetch.max.bytes": str(17 * MIB),
    "offsets.topic.num.partitions": "8",  # 50 by default: many files for a handful of groups
    "transaction.state.log.num.partitions": "8",
    "transaction.max.timeout.ms": "60000",  # 15 minutes by default; a lost sender holds up its partition
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "share.coordinator.state.topic.num.partitions": "8",
    "offsets.retention.minutes": str(365 * 24 * 60),  # a worker that was off for a month goes on where it was
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": str(16 * MIB),  # 128 MiB of a 512 MiB heap by default
    "num.network.threads": "2",
    "num.io.threads": "4",
    # After a kill, a node's former registration keeps the new one out until its session ends.
    "broker.heartbeat.interval.ms": "1000",
    "broker.session.timeout.ms": "5000",
}


@dataclass(frozen=True)
class Node:
    """One broker that is a controller too: its id and the ports of its clients and of the quorum."""

    id: int
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self.port}"


def server_properties(
    node: Node, nodes: Sequence[Node], data: Path, extra: Mapping[str, str]
) -> dict[str, str]:
    """Properties of `node` in a cluster of `nodes` (itself included); `extra` overrides any of them.

    A single node keeps its quorum in its own log, which follows it to other ports; several are listed.
    """
    copies = str(min(3, len(nodes)))
    in_sync = str(max(1, len(nodes) - 1))
    quorum = (
        {"controller.quorum.bootstrap.servers": f"{HOST}:{node.controller_port}"}
        if len(nodes) == 1
        else {"controller.quorum.voters": ",".join(f"{n.id}@{HOST}:{n.controller_port}" for n in nodes)}
    )
    return {
        **COMMON,
        **quorum,
        "node.id": str(node.id),
        "listeners": f"CLIENTS://{node.address},CONTROLLER://{HOST}:{node.controller_port}",
        "log.dirs": str(data),
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        **extra,
    }


def render(properties: Mapping[str, str]) -> str:
    """The text of a Java properties file, in ASCII: Java reads it as Latin-1, all else as `\\uXXXX`."""
    return "".join(f"{name}={_escaped(value)}\n" for name, value in properties.items())


def _escaped(value: str) -> str:
    plain = value.replace("\\", "\\\\").replace("\n", "\\n")
    units = memoryview(plain.encode("utf-16-le")).cast("H")
    return "".join(chr(unit) if unit < 128 else f"\\u{unit:04x}" for unit in units)


def answers(node: Node, client: Mapping[str, object]) -> bool:
    """Whether the node is a member of its cluster and takes requests: asked for brokers, it names itself."""
    try:
        socket.create_connection((HOST, node.port), timeout=1).close()
        with KafkaAdminClient(
            bootstrap_servers=node.address, bootstrap_timeout_ms=2000, request_timeout_ms=5000, **client
        ) as admin:
            brokers = admin.describe_cluster()["brokers"]
            return any(broker["broker_id"] == node.id and not broker.get("is_fenced") for broker in brokers)
    except (OSError, KafkaError):
        return False
