"""The server.properties that brokers are given."""

from pathlib import Path

import pytest

from deploy.kafka_properties import COMMON, Node, render, server_properties

DEPLOYED = Path(__file__).parents[2] / "deploy/kafka"


def test_other_than_ascii_letters_are_escaped_as_java_reads_them() -> None:
    text = render({"log.dirs": "/srv/dữ liệu", "path": "C:\\data", "sign": "\N{GRINNING FACE}"})
    assert text == "log.dirs=/srv/d\\u1eef li\\u1ec7u\npath=C:\\\\data\nsign=\\ud83d\\ude00\n"


def test_one_node_has_one_copy_and_a_quorum_of_its_own() -> None:
    node = Node(1, 9092, 9093)
    properties = server_properties(node, [node], Path("/data"), {})
    assert properties["listeners"] == "CLIENTS://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"
    assert properties["controller.quorum.bootstrap.servers"] == "127.0.0.1:9093"
    assert properties["offsets.topic.replication.factor"] == properties["min.insync.replicas"] == "1"


def test_three_nodes_keep_three_copies_and_write_with_two() -> None:
    nodes = [Node(number, 9090 + number, 9190 + number) for number in (1, 2, 3)]
    properties = server_properties(nodes[1], nodes, Path("/data"), {"min.insync.replicas": "3"})
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:9191,2@127.0.0.1:9192,3@127.0.0.1:9193"
    assert properties["node.id"] == "2"
    assert properties["offsets.topic.replication.factor"] == "3"
    assert properties["transaction.state.log.min.isr"] == "2"
    assert properties["min.insync.replicas"] == "3"


@pytest.mark.parametrize("profile", ["single", "production"])
@pytest.mark.parametrize(
    "name",
    [
        "auto.create.topics.enable",
        "message.max.bytes",
        "replica.fetch.max.bytes",
        "offsets.retention.minutes",
        "transaction.max.timeout.ms",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    ],
)
def test_what_senders_meet_is_the_same_in_every_deployment(profile: str, name: str) -> None:
    lines = (DEPLOYED / f"{profile}.properties").read_text().splitlines()
    assert f"{name}={COMMON[name]}" in lines
