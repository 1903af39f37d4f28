"""Three Kafka nodes from the production files, on loopback: deploy/kafka/start over the pinned jars."""

import os
import shlex
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy import jars, java_archive
from deploy.access import wait_for
from deploy.broker import JAVA_VARIABLES, SHORT_LIVED
from deploy.kafka_process import Child, java
from deploy.kafka_storage import new_cluster_id
from deploy.ports import free_ports

FOLDER = Path(__file__).parents[2] / "deploy" / "kafka"
USERS = ("broker", "admin", "gateway", "worker", "api", "agency")
TOOLS = {
    "kafka-storage.sh": "kafka.tools.StorageTool",
    "kafka-server-start.sh": "kafka.Kafka",
    "kafka-configs.sh": "kafka.admin.ConfigCommand",
}


def password(user: str) -> str:
    """The password of a user of the tests."""
    return f"{user}-password"


def login(user: str) -> dict[str, object]:
    """What a kafka-python client needs to be this user."""
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": password(user),
    }


def write_secrets(folder: Path) -> Path:
    """A directory of secrets as deploy/make-secrets makes one."""
    folder.mkdir()
    for user in USERS:
        (folder / f"kafka_{user}_password").write_text(password(user) + "\n", "utf-8")
    return folder


class Nodes:
    """The three nodes in `directory`, started when the block begins."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.secrets = write_secrets(directory / "secrets")
        self._bin = self._write_tools(directory / "bin")
        ports = free_ports(9)
        self._ports = [ports[n : n + 3] for n in (0, 3, 6)]
        voters = ",".join(f"{node}@127.0.0.1:{own[2]}" for node, own in enumerate(self._ports, 1))
        cluster_id = new_cluster_id()
        self._children = [
            Child(
                [str(FOLDER / "start")],
                directory / f"console-{node}.log",
                self.environment(node) | {"KAFKA_VOTERS": voters, "KAFKA_CLUSTER_ID": cluster_id},
            )
            for node in (1, 2, 3)
        ]

    @property
    def bootstrap(self) -> str:
        """`host:port` of all nodes, for clients."""
        return ",".join(f"127.0.0.1:{own[0]}" for own in self._ports)

    def environment(self, node: int) -> dict[str, str]:
        """What `start` and `tool` of this node find in the environment, beside quorum and cluster id."""
        clean = {name: value for name, value in os.environ.items() if name not in JAVA_VARIABLES}
        clients, brokers, controller = self._ports[node - 1]
        return clean | {
            "KAFKA_PROFILE": "production",
            "KAFKA_NODE": str(node),
            "KAFKA_HOST": "127.0.0.1",
            "KAFKA_BIND": "127.0.0.1",
            "KAFKA_CLIENTS_PORT": str(clients),
            "KAFKA_BROKERS_PORT": str(brokers),
            "KAFKA_CONTROLLER_PORT": str(controller),
            "KAFKA_DATA": str(self._directory / f"data-{node}"),
            "KAFKA_SECRETS": str(self.secrets),
            "KAFKA_BIN": str(self._bin),
            "KAFKA_HEAP_OPTS": "-Xmx256m",
        }

    def _write_tools(self, folder: Path) -> Path:
        """Stand-ins for the scripts of Kafka's image: the same classes of the same version."""
        folder.mkdir()
        class_path = jars.class_path()
        path, kept = os.pathsep.join(map(str, class_path)), java_archive.options(class_path)
        for name, main in TOOLS.items():
            place = ("-XX:-UsePerfData", f"-Djava.io.tmpdir={folder}")
            options = [*SHORT_LIVED, *kept, *place, "-cp", path, main]
            command = f"{shlex.quote(str(java()))} $KAFKA_HEAP_OPTS $KAFKA_LOG4J_OPTS {shlex.join(options)}"
            text = f'#!/bin/bash\nexec {command} "$@"\n'
            (folder / name).write_text(text, "utf-8")
            (folder / name).chmod(0o755)
        return folder

    def log(self, node: int) -> str:
        """What the node has said so far."""
        return (self._directory / f"console-{node}.log").read_text("utf-8", "replace")

    def __enter__(self) -> Self:
        try:
            for child in self._children:
                child.start()
            wait_for(self.bootstrap, 3, login("admin"), 90)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends the nodes; the last have no quorum to take leave of."""
        for child in self._children:
            child.process.terminate()
        for child in self._children:
            child.end(3)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
