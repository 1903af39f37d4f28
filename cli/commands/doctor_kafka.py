"""Examines Kafka: brokers, the two topics, permissions, the clock, and how far the workers are."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from cli.commands.doctor_topics import examine_topic
from cli.commands.doctor_transactions import examine_transactions
from cli.commands.findings import Finding, broken, by_limits, clock, doubtful, well
from deploy.topics import EVENTS, EVENTS_MESSAGE, REJECTED_MESSAGE, REJECTED_SUFFIX
from emc.errors import ComponentError
from emc.registry import load_registry
from emc.translation import noun
from sinks.clickhouse.database import Database
from streams.reading.topic import TopicReader
from streams.supervision.lag import read_lag

OLDEST, TESTED = (2, 8), (4, 0)  # topics have ids since 2.8
LAG_WARN = 100_000
# What a part of the monitor must be allowed to do: on the topic of events, on that of rejected ones.
NEEDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "worker": (frozenset({"READ", "WRITE"}), frozenset({"WRITE"})),
    "api": (frozenset({"DESCRIBE"}), frozenset()),
    "gateway": (frozenset({"WRITE"}), frozenset()),
    "admin": (frozenset(), frozenset()),
}


class Kafka:
    """One examination. `role`: the part of the monitor whose user is used; `group`: the workers'.

    `tables`: opens ClickHouse, whose positions the lag then heeds.

    `is_embedded`: the one broker of `emc up`, which has one copy of everything by its nature.

    `topic_id` is known after `examine`, None when the topic of events is not there.
    """

    def __init__(
        self,
        bootstrap: str,
        security: Mapping[str, Any],
        role: str,
        *,
        events: str = EVENTS,
        group: str = "emc",
        is_embedded: bool = False,
        tables: Callable[[], Database] | None = None,
    ) -> None:
        self._is_embedded = is_embedded
        self._bootstrap, self._security, self._role, self._group = bootstrap, dict(security), role, group
        self._events = events
        rejected = events + REJECTED_SUFFIX
        self._needs = dict(zip((events, rejected), NEEDS[role], strict=True))
        self._least_message = {events: EVENTS_MESSAGE, rejected: REJECTED_MESSAGE}
        self._tables = tables
        self.topic_id: str | None = None

    def examine(self) -> Iterator[Finding]:
        """Every check in turn; ComponentError when Kafka does not answer."""
        with self._asking() as admin:
            yield from self._brokers(admin)
            topics = {topic["name"]: topic for topic in admin.describe_topics(list(self._needs))}
            for name in self._needs:
                if self._may_see(name, topics[name]):
                    least, of_events = self._least_message[name], name == self._events
                    copies = 1 if self._is_embedded else 2
                    yield from examine_topic(admin, topics[name], least, of_events, copies)
            yield from self._permissions(topics)
            if not topics[self._events]["error_code"]:
                self.topic_id = str(topics[self._events]["topic_id"])
                partitions = len(topics[self._events]["partitions"])
                yield from self._newest(admin, partitions)
                yield from examine_transactions(admin, self._events, partitions)
                if self._role in ("worker", "api", "admin"):
                    yield from self._workers(admin)

    def send(self) -> Iterator[Finding]:
        """Sends an empty batch, which counts nowhere: the right to write, and the brokers' clock exactly."""
        key = min(load_registry().agencies).encode()
        try:
            with KafkaProducer(
                bootstrap_servers=self._bootstrap,
                max_block_ms=5_000,
                delivery_timeout_ms=20_000,
                request_timeout_ms=10_000,
                **self._security,
            ) as producer:
                begin = time.time()
                stored = producer.send(self._events, b"[]", key).get(20)
        except KafkaError as error:
            said = f"an empty batch is not taken ({type(error).__name__})"
            yield broken(
                "kafka write", said, "Give this user WRITE on the topic, or look at the brokers' logs."
            )
            return
        took = time.time() - begin
        yield well("kafka write", f"an empty batch was stored by all copies in {took:.2f} s")
        yield clock("kafka clock", stored.timestamp / 1000 - (begin + took / 2), took / 2)

    @contextmanager
    def _asking(self) -> Iterator[KafkaAdminClient]:
        try:
            with KafkaAdminClient(
                bootstrap_servers=self._bootstrap,
                bootstrap_timeout_ms=5_000,
                request_timeout_ms=10_000,
                **self._security,
            ) as admin:
                yield admin
        except (KafkaError, OSError) as error:
            said = f"Kafka at {self._bootstrap} does not answer ({type(error).__name__})"
            raise ComponentError(said) from error

    def _brokers(self, admin: KafkaAdminClient) -> Iterator[Finding]:
        brokers = admin.describe_cluster()["brokers"]
        fenced = [str(broker["broker_id"]) for broker in brokers if broker.get("is_fenced")]
        alive = [broker["broker_id"] for broker in brokers if not broker.get("is_fenced")]
        if fenced:
            yield doubtful(
                "kafka brokers",
                f"{len(alive)} of {len(brokers)} take requests",
                f"Look at broker {', '.join(fenced)}: it is away, or its disk is full.",
            )
        else:
            yield well("kafka brokers", f"all {len(brokers)} take requests")
        version = tuple(admin.get_broker_version_data(alive[0]).broker_version)
        said = ".".join(map(str, version))
        if version < OLDEST:
            yield broken("kafka version", said, "Upgrade to 4: topics need ids, which came with 2.8.")
        elif version < TESTED:
            yield doubtful("kafka version", said, "The monitor is tested with Kafka 4; upgrade when you can.")
        else:
            yield well("kafka version", said)

    def _may_see(self, name: str, topic: Mapping[str, Any]) -> bool:
        """A user who has no business with a topic need not see it."""
        return not topic["error_code"] or name == self._events or bool(self._needs[name])

    def _permissions(self, topics: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
        absent = [
            f"{operation} ({name})"
            for name, operations in self._needs.items()
            if not topics[name]["error_code"]
            for operation in sorted(operations - set(topics[name]["authorized_operations"] or ()))
        ]
        check = "kafka permissions"
        if absent:
            advice = "Run `python -m deploy.access`, or look whose password this is."
            yield broken(check, f"as {self._role}: no {', no '.join(absent)}", advice)
        elif self._role == "gateway" and "READ" in (topics[self._events].get("authorized_operations") or ()):
            open_to_all = "the gateway may read events too"
            yield doubtful(
                check, open_to_all, "Without SASL and permissions anybody may; see the production profile."
            )
        else:
            yield well(check, f"as {self._role}: all that it needs")

    def _newest(self, admin: KafkaAdminClient, partitions: int) -> Iterator[Finding]:
        """A message from the future tells of a clock; one from the past only that nothing has come since."""
        asked = {TopicPartition(self._events, n): OffsetSpec.MAX_TIMESTAMP for n in range(partitions)}
        newest = max(found.timestamp for found in admin.list_partition_offsets(asked).values())
        if newest < 0:
            yield well("newest event", "none has arrived yet")
            return
        ahead = newest / 1000 - time.time()
        if ahead > 2:
            yield clock("kafka clock", ahead, 0)
        else:
            yield well("newest event", f"arrived {_ago(-ahead)} ago")

    def _workers(self, admin: KafkaAdminClient) -> Iterator[Finding]:
        reader = TopicReader(self._bootstrap, self._events, self._group, **self._security)
        try:
            group = admin.describe_groups([self._group])[self._group]
            members, lag = len(group.get("members") or ()), self._lag(reader)
        except (KafkaError, ComponentError) as error:
            reason = str(error) if isinstance(error, ComponentError) else type(error).__name__
            said = f"the group {self._group} cannot be asked: {reason}"
            yield doubtful(
                "workers", said, "Start a worker, `emc worker`; until the first there is no group."
            )
            return
        finally:
            reader.close()
        if not members:
            yield broken("workers", "none is in the group", "Start one: `emc worker`.")
        else:
            yield well("workers", f"{members} in the group")
        advice = "Wait, if it shrinks; else see what the workers' health says, or start more of them."
        said = (
            f"{lag} {noun(lag, 'message', 'messages')} not yet "
            f"{'in the rates' if self._tables else 'committed by the workers'}"
        )
        yield by_limits("lag", lag, said, LAG_WARN, float("inf"), advice)

    def _lag(self, reader: TopicReader) -> int:
        """As health tells it, where the tables are known too."""
        return read_lag(reader, self._tables()) if self._tables else reader.lag()


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
