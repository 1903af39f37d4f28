"""The embedded broker: a real Kafka in a Java process of its own, on loopback, data in the data directory.

data_dir/kafka/lock                 held while a Broker uses the directory
data_dir/kafka/server.properties    written at every start
data_dir/kafka/data/                Kafka's own: formatted once
data_dir/kafka/log/                 server.log, and console.log for what Java itself prints
"""

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from deploy import jars
from deploy.kafka_process import Child, end_left_behind, java_command
from deploy.kafka_properties import Node, answers, free_ports, render, require_free, server_properties
from deploy.kafka_storage import format_once, hold, new_cluster_id
from emc.errors import ComponentError

LOGGING = Path(__file__).with_name("log4j2.properties")
PATIENCE = 90.0  # seconds for a start: reading back a large log after a crash takes its time
ATTEMPTS = 3  # of a start on free ports: another process may be faster to take one

PORT_TAKEN = "Address already in use"
# What Kafka's log says -> what we say; the first that occurs.
REASONS = {
    "No space left on device": "there is no space left on its disk",
    PORT_TAKEN: "one of its ports is in use",
    "Failed to acquire lock on file": "another broker uses its data",
    "OutOfMemoryError": "Java had not enough memory",
    "Could not reserve enough space": "Java had not enough memory",
}
# Variables that would change how Java starts.
JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")


@dataclass(frozen=True)
class Options:
    """What a broker may have beyond the defaults.

    properties: server.properties that override ours. users: SCRAM-SHA-512 name -> password, made when
    formatting. client: what a kafka-python client needs to be let in (`sasl_mechanism` …). heap: Java's -Xmx.
    """

    properties: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    client: Mapping[str, object] = field(default_factory=dict)
    heap: str = "512m"


class Broker:
    """One Kafka broker with its controller; `port` 0 takes a free one, kept while this object lives.

    A start ends what a killed process left behind in the same directory. Nothing outlives this process.
    `nodes` and `cluster_id` are for deploy.cluster: all nodes, of which this one is the one with `node_id`.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        options: Options | None = None,
        *,
        nodes: Sequence[Node] = (),
        node_id: int = 1,
        cluster_id: str = "",
    ) -> None:
        self.directory = data_dir.resolve() / "kafka"
        self.options = options or Options()
        self._nodes = tuple(nodes) or (Node(1, port, 0),)
        self._node = next(node for node in self._nodes if node.id == node_id)
        self._cluster_id = cluster_id
        self._lock: IO[str] | None = None
        self._child: Child | None = None
        self._log_start = 0

    @property
    def bootstrap(self) -> str:
        """`127.0.0.1:port` for clients; the port is known once started."""
        return self._node.address

    @property
    def running(self) -> bool:
        """Whether the Java process is there."""
        return self._child is not None and self._child.process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the Java process; RuntimeError when not started."""
        if self._child is None:
            raise RuntimeError("the broker is not started")
        return self._child.process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, patience: float = PATIENCE) -> None:
        """Start and return once the broker answers, within `patience` seconds.

        Raises ComponentError (port, Java, jars, time) or DataDirectoryError (held, no room).
        """
        any_port = self._node.port == 0
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self.launch()
                self.wait_ready(patience)
                return
            except BaseException:
                taken = PORT_TAKEN in self._log()
                self.stop()
                if not (any_port and taken) or attempt == ATTEMPTS:
                    raise
                self._nodes = (self._node,) = (Node(self._node.id, 0, 0),)

    def launch(self) -> None:
        """Start the Java process only: a node of a cluster is ready no sooner than the others."""
        if self.running:
            raise RuntimeError("the broker is running already")
        class_path = jars.class_path()
        self._lock = self._lock or hold(self.directory)
        end_left_behind(self.directory)
        self._take_ports()
        environment = {name: value for name, value in os.environ.items() if name not in JAVA_VARIABLES}
        shutil.rmtree(self.directory / "tmp", ignore_errors=True)  # native libraries that a kill left there
        (self.directory / "tmp").mkdir()
        self._format(
            java_command(self.directory, class_path, ["-Xmx128m", *self._java_options()]), environment
        )
        self._log_start = self._log_size()
        heap = ["-Xms128m", f"-Xmx{self.options.heap}", "-XX:+ExitOnOutOfMemoryError", *self._java_options()]
        properties = self._write_properties("server.properties", self.directory / "data")
        command = [*java_command(self.directory, class_path, heap), "kafka.Kafka", str(properties)]
        self._child = Child(command, self.directory / "log" / "console.log", environment)
        self._child.start()

    def wait_ready(self, patience: float = PATIENCE) -> None:
        """Return once the broker answers; ComponentError when it ends or is too slow."""
        deadline = time.monotonic() + patience
        while not answers(self._node, self.options.client):
            if not self.running:
                raise ComponentError(
                    f"The broker on {self.bootstrap} ended before it was ready: {self._reason()}."
                )
            if time.monotonic() > deadline:
                late = f"was not ready after {patience:.0f} s; see {self._log_file}."
                raise ComponentError(f"The broker on {self.bootstrap} {late}")
            time.sleep(0.1)

    def stop(self, patience: float = 30.0) -> None:
        """End the broker, by force after `patience` seconds, and release the directory. May be repeated."""
        if self._child:
            self._child.end(patience)
        self._child = None
        if self._lock:
            self._lock.close()
        self._lock = None

    def kill(self) -> None:
        """End the broker as a failure would (SIGKILL): for tests of failures."""
        if self._child:
            self._child.process.kill()
        self.stop()

    def _take_ports(self) -> None:
        if self._node.port == 0 or self._node.controller_port == 0:
            port, controller_port = free_ports(2)
            self._node = replace(self._node, port=self._node.port or port, controller_port=controller_port)
            self._nodes = (self._node,)
        require_free(self._node.port)
        require_free(self._node.controller_port)

    def _format(self, tool: Sequence[str], environment: Mapping[str, str]) -> None:
        data = self.directory / "data"
        properties = self._write_properties("format.properties", self.directory / "data.new")
        arguments = ["-t", self._cluster_id or new_cluster_id()]
        if "controller.quorum.voters" not in properties.read_text("utf-8"):
            arguments.append("--standalone")
        for name, password in self.options.users.items():
            arguments += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        format_once(data, tool, properties, arguments, environment)
        properties.unlink()

    def _write_properties(self, name: str, data: Path) -> Path:
        path = self.directory / name
        path.write_text(
            render(server_properties(self._node, self._nodes, data, self.options.properties)), "utf-8"
        )
        path.chmod(0o600)  # `properties` may hold passwords
        return path

    def _java_options(self) -> list[str]:
        return [
            f"-Djava.io.tmpdir={self.directory / 'tmp'}",
            f"-Dlog4j2.configurationFile={LOGGING}",
            f"-Demc.log={self.directory / 'log'}",
            f"-XX:ErrorFile={self.directory / 'log' / 'crash-%p.log'}",
        ]

    @property
    def _log_file(self) -> Path:
        return self.directory / "log" / "server.log"

    def _log_size(self) -> int:
        return self._log_file.stat().st_size if self._log_file.exists() else 0

    def _log(self) -> str:
        """What the broker and Java said since the last start."""
        texts = []
        for path, offset in ((self._log_file, self._log_start), (self.directory / "log" / "console.log", 0)):
            if path.exists():
                with path.open("rb") as stream:
                    stream.seek(offset)
                    texts.append(stream.read(1 << 20).decode("utf-8", "replace"))
        return "".join(texts)

    def _reason(self) -> str:
        log = self._log()
        known = (said for sign, said in REASONS.items() if sign in log)
        return next(known, f"see {self._log_file}")
