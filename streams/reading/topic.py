"""What the broker says of the topic of events: its identity, its partitions, and how far they are read."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import KafkaError
from kafka.protocol.consumer.offsets import IsolationLevel

from emc.errors import BrokerUnavailable

T = TypeVar("T")
_PROTOCOL = "faust"
"""By which workers share out partitions: members of another kind and they keep each other out."""
_TIMESTAMP = "message.timestamp.type"


class Admin(KafkaAdminClient):  # type: ignore[misc]  # kafka-python has no annotations
    """Ends its thread also where no broker answers: kafka-python leaves one behind for each attempt."""

    def __init__(self, **settings: Any) -> None:
        try:
            super().__init__(**settings)
        except KafkaError:
            if hasattr(self, "_net"):
                self._closed = False
                self.close()
            raise


class TopicFacts(msgspec.Struct, frozen=True):
    """A topic's id (a new one when it is created anew) and its number of partitions."""

    topic_id: str
    partitions: int


class Backlog(NamedTuple):
    """What the group has to do yet.

    `lag`: decided messages that are not committed. `undecided`: partitions that an open transaction holds up,
    each with the offset at which the first such begins; what lies there and behind it is not in the lag.
    """

    lag: int
    undecided: Mapping[int, int]


class TopicReader:
    """Asks the broker, over a connection of its own that is renewed when it breaks. For any thread."""

    def __init__(self, bootstrap: str, topic: str, group: str, **security: Any) -> None:
        self.bootstrap, self.topic, self.group = bootstrap, topic, group
        self._security = security
        self._admin: KafkaAdminClient | None = None
        self._lock = threading.Lock()

    def facts(self) -> TopicFacts:
        """The topic's id and partitions; BrokerUnavailable when it is absent, unusable, or silent."""
        resource = ConfigResource(ConfigResourceType.TOPIC, self.topic, None)

        def ask(admin: KafkaAdminClient) -> tuple[Any, str]:
            found = admin.describe_topics([self.topic])[0]
            if found["error_code"]:
                return found, ""
            settings = admin.describe_configs([resource], config_filter="all")["topic"][self.topic]
            return found, str(settings[_TIMESTAMP]["value"]) if settings else ""

        found, kind = self._ask(ask)
        if found["error_code"]:
            raise BrokerUnavailable(
                f"Kafka at {self.bootstrap} has no topic {self.topic}: create it with `emc topics`"
            )
        if not kind:
            raise BrokerUnavailable(
                f"topic {self.topic}: this user may not see its settings, which takes DESCRIBE_CONFIGS"
            )
        if kind != "LogAppendTime":
            # otherwise the sender would decide when its events arrived
            raise BrokerUnavailable(f"topic {self.topic}: {_TIMESTAMP} is {kind}, expected LogAppendTime")
        return TopicFacts(str(found["topic_id"]), len(found["partitions"]))

    def lag(self, positions: Mapping[int, int] | None = None) -> int:
        """The lag of `backlog`."""
        return self.backlog(positions).lag

    def backlog(self, positions: Mapping[int, int] | None = None) -> Backlog:
        """How far the group is behind what is decided; retention may have taken some of that.

        `positions`: where the tables are, by partition; what is not in them counts as not committed either.
        """
        partitions = self._partitions()

        def ask(admin: KafkaAdminClient) -> Backlog:
            committed = admin.list_group_offsets({self.group: partitions}).get(self.group, {})
            ends = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
            stable = _stable_ends(admin, partitions)  # asked later: what others send meanwhile is decided
            starts = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
            lag = 0
            for partition in partitions:
                done = committed[partition].offset if partition in committed else -1
                if positions is not None:
                    done = min(done, positions.get(partition.partition, 0))
                lag += max(0, stable[partition] - max(done, starts[partition].offset))
            held = {at.partition: end for at, end in stable.items() if ends[at].offset > end}
            return Backlog(lag, held)

        return self._ask(ask)

    def starts(self) -> dict[int, int]:
        """The first offset that each partition still holds."""
        partitions = self._partitions()
        asked = dict.fromkeys(partitions, OffsetSpec.EARLIEST)
        found = self._ask(lambda admin: admin.list_partition_offsets(asked))
        return {partition.partition: found[partition].offset for partition in partitions}

    def ends(self) -> dict[int, int]:
        """The offset behind what each partition holds that is decided: no open transaction's messages."""
        partitions = self._partitions()
        found = self._ask(lambda admin: _stable_ends(admin, partitions))
        return {partition.partition: end for partition, end in found.items()}

    def _partitions(self) -> list[TopicPartition]:
        return [TopicPartition(self.topic, n) for n in range(self.facts().partitions)]

    def members(self) -> int:
        """How many consumers the group has now; 0 when there is no such group."""
        found = self._ask(lambda admin: admin.describe_groups([self.group])).get(self.group, {})
        return len(found.get("members", ()))

    def held_by_others(self) -> str | None:
        """Who keeps workers out of the group, as a sentence; None when nobody does, or Kafka does not say."""
        try:
            group = self._ask(lambda admin: admin.describe_groups([self.group])).get(self.group, {})
        except BrokerUnavailable:
            return None
        members = group.get("members") or ()
        if not members or group.get("protocol_data") in ("", _PROTOCOL):
            return None
        held = sorted({number for member in members for number in _partitions(member, self.topic)})
        which = f"partitions {', '.join(map(str, held))}" if held else "a place"
        return (
            f"another member holds {which} of the group {self.group} at {self.bootstrap}:"
            " end it, or give it a group of its own"
        )

    def forget_group(self) -> None:
        """Deletes the group and its committed offsets, if Kafka lets us."""
        with contextlib.suppress(BrokerUnavailable):
            self._ask(lambda admin: admin.delete_groups([self.group]))

    def _ask(self, question: Callable[[Any], T]) -> T:
        with self._lock:
            try:
                if self._admin is None:
                    self._admin = Admin(
                        bootstrap_servers=self.bootstrap,
                        bootstrap_timeout_ms=8_000,
                        request_timeout_ms=10_000,
                        **self._security,
                    )
                return question(self._admin)
            except (KafkaError, OSError) as error:
                self._drop()
                text = f"Kafka at {self.bootstrap} does not answer ({type(error).__name__})"
                raise BrokerUnavailable(text) from None

    def _drop(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            with contextlib.suppress(KafkaError, OSError):
                admin.close()

    def close(self) -> None:
        """Ends the connection."""
        with self._lock:
            self._drop()


def _stable_ends(admin: Any, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """The last stable offset of each partition."""
    asked = dict.fromkeys(partitions, OffsetSpec.LATEST)
    found = admin.list_partition_offsets(asked, isolation_level=IsolationLevel.READ_COMMITTED)
    return {partition: found[partition].offset for partition in partitions}


def _partitions(member: Mapping[str, Any], topic: str) -> Iterable[int]:
    """What a member was given of the topic, as far as it is told in the usual way."""
    assignment = member.get("member_assignment")
    if not isinstance(assignment, Mapping):
        return []
    given = assignment.get("assigned_partitions") or ()
    return [number for each in given if each["topic"] == topic for number in each["partitions"]]
