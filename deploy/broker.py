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

from deploy import jars, java_archive
from deploy.kafka_log import PORT_TAKEN, Log
from deploy.kafka_process import Child, end_left_behind, java_command
from deploy.kafka_properties import Node, answers, render, server_properties
from deploy.kafka_storage import format_once, hold, new_cluster_id
from deploy.ports import PortInUse, free_ports, require_free
from emc.errors import ComponentError

PATIENCE = 90.0  # seconds for a start: reading back a large log after a crash takes its time
ATTEMPTS = 3  # of a start on free ports: another process may be faster to take one

# Half the work of a start, at the price of slower code later: for tools, and brokers that live for seconds.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# Variables that would change how Java starts.
JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")


@dataclass(frozen=True)
class Options:
    """What a broker may have beyond the defaults.

    properties: server.properties that override ours. users: SCRAM-SHA-512 name -> password, made when
    formatting. client: what a kafka-python client needs to be let in (`sasl_mechanism` …). heap: Java's -Xmx.
    java: further options of Java, such as SHORT_LIVED.
    """

    properties: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    client: Mapping[str, object] = field(default_factory=dict)
    heap: str = "512m"
    java: Sequence[str] = ()


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
        self.log = Log(self.directory / "log")
        self._nodes = tuple(nodes) or (Node(node_id, port, 0),)
        self._node = next(node for node in self._nodes if node.id == node_id)
        self._cluster_id = cluster_id
        self._lock: IO[str] | None = None
        self._child: Child | None = None

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
        asked = self._node
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                self.launch()
                self.wait_ready(patience)
                return
            except BaseException as error:
                self.stop()
                if not (isinstance(error, PortInUse) and asked.port == 0 and attempts_left):
                    raise
                self._node = asked

    def launch(self) -> None:
        """Start the Java process only: a node of a cluster is ready no sooner than the others."""
        if self.running:
            raise RuntimeError("the broker is running already")
        class_path = jars.class_path()
        self._lock = self._lock or hold(self.directory)
        end_left_behind(self.directory)
        self._take_ports()
        self._clear_temporary()
        environment = {name: value for name, value in os.environ.items() if name not in JAVA_VARIABLES}
        environment["LC_ALL"] = "C.UTF-8"  # else Java cannot open a path with other than ASCII letters
        self._format(class_path, environment)
        self.log.begin()
        properties = self._write_properties("server.properties", "data")
        heap = (f"-Xmx{self.options.heap}", "-XX:+ExitOnOutOfMemoryError")
        command = self._java(class_path, *heap, *self.options.java)
        self._child = Child([*command, "kafka.Kafka", str(properties)], self.log.console, environment)
        self._child.start()

    def wait_ready(self, patience: float = PATIENCE) -> None:
        """Return once the broker answers; ComponentError when it ends or is too slow."""
        deadline = time.monotonic() + patience
        while not answers(self._node, self.options.client):
            if not self.running:
                kind = PortInUse if PORT_TAKEN in self.log.text() else ComponentError
                raise kind(f"The broker on {self.bootstrap} ended before it was ready: {self.log.reason()}.")
            if time.monotonic() > deadline:
                late = f"The broker on {self.bootstrap} was not ready after {patience:.0f} s"
                raise ComponentError(f"{late}; see {self.log.server}.")
            time.sleep(0.1)

    def stop(self, patience: float = 30.0) -> None:
        """End the broker, by force after `patience` seconds, and release the directory. May be repeated."""
        if self._child:
            self._child.end(patience)
        self._child = None
        if self._lock:
            self._lock.close()
        self._lock = None

    def ask_to_end(self) -> None:
        """Ask the broker to end, without waiting."""
        if self._child:
            self._child.process.terminate()

    def kill(self) -> None:
        """End the broker as a failure would (SIGKILL): for tests of failures."""
        if self._child:
            self._child.process.kill()
        self.stop()

    def _take_ports(self) -> None:
        """Choose the ports left to us: a single node's quorum follows it to any port, each start anew."""
        if len(self._nodes) == 1:
            port, controller_port = free_ports(2)
            self._node = replace(self._node, port=self._node.port or port, controller_port=controller_port)
            self._nodes = (self._node,)
        require_free(self._node.port)
        require_free(self._node.controller_port)

    def _clear_temporary(self) -> None:
        """Native libraries are unpacked here, and left by a kill."""
        shutil.rmtree(self.directory / "tmp", ignore_errors=True)
        (self.directory / "tmp").mkdir()

    def _format(self, class_path: Sequence[Path], environment: Mapping[str, str]) -> None:
        properties = self._write_properties("format.properties", "data.new")
        arguments = ["-t", self._cluster_id or new_cluster_id()]
        if len(self._nodes) == 1:
            arguments.append("--standalone")
        for name, password in self.options.users.items():
            arguments += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        tool = self._java(class_path, "-Xmx128m", *SHORT_LIVED, *self.options.java)
        format_once(self.directory / "data", tool, properties, arguments, environment)
        properties.unlink()

    def _write_properties(self, name: str, data: str) -> Path:
        """Write them for `data` as Kafka's folder; only we may read the file, it may hold passwords."""
        text = render(
            server_properties(self._node, self._nodes, self.directory / data, self.options.properties)
        )
        path = self.directory / name
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        return path

    def _java(self, class_path: Sequence[Path], *options: str) -> list[str]:
        place = (f"-Djava.io.tmpdir={self.directory / 'tmp'}", *self.log.java_options())
        return java_command(self.directory, class_path, (*place, *java_archive.options(class_path), *options))
