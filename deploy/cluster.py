"""Several embedded brokers as one cluster: for tests of replication, failures and access rules."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.broker import PATIENCE, Broker, Options
from deploy.kafka_properties import Node
from deploy.kafka_storage import new_cluster_id
from deploy.ports import free_ports


class Cluster:
    """`size` brokers, each a controller too, in `data_dir/1` …; ports are kept while this object lives.

    Three brokers keep three copies of each topic by default, and take writes while two are there.
    One `Options` for all, or one for each broker. A cluster's directory cannot be started with another size.
    """

    def __init__(
        self, data_dir: Path, size: int = 3, options: Options | Sequence[Options] | None = None
    ) -> None:
        each = list(options) if isinstance(options, Sequence) else [options] * size
        ports = iter(free_ports(2 * size))
        nodes = [Node(number, next(ports), next(ports)) for number in range(1, size + 1)]
        cluster_id = new_cluster_id()
        self.brokers = [
            Broker(data_dir / str(node.id), options=own, nodes=nodes, node_id=node.id, cluster_id=cluster_id)
            for node, own in zip(nodes, each, strict=True)
        ]

    @property
    def bootstrap(self) -> str:
        """`host:port,host:port …` of all brokers."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    def start(self, patience: float = PATIENCE) -> None:
        """Start all brokers and return once each answers; errors as of Broker.start, all stopped."""
        try:
            for broker in self.brokers:
                broker.launch()
            for broker in self.brokers:
                broker.wait_ready(patience)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all brokers; may be repeated. The last have no quorum to take leave of: patience is short."""
        for broker in self.brokers:
            broker.ask_to_end()
        for broker in self.brokers:
            broker.stop(patience=5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
