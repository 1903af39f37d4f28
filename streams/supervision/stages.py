"""The stages through which a batch goes, put together for one worker."""

from typing import NamedTuple

from emc.registry import Registry
from sinks.clickhouse.database import Database
from streams.agencies.owner import Owner
from streams.agencies.questions import Questions
from streams.agencies.store import Store
from streams.batch.batch import Durability
from streams.batch.erased import Erased
from streams.batch.gathering import Gatherer
from streams.batch.outbox import Outbox
from streams.batch.retrying import RetryUntilStopped
from streams.batch.rollback_detector import RollbackDetector
from streams.batch.writer import Writer


class Stages(NamedTuple):
    """Slices are gathered, what was gathered is folded by the owner, what was folded is made durable.

    `retry` is how the last two wait for ClickHouse and Kafka; stopped, it ends all their waiting.
    """

    gatherer: Gatherer
    owner: Owner
    durability: Durability
    retry: RetryUntilStopped


def build_stages(
    db: Database, local: Store, registry: Registry, topic: str, outbox: Outbox, retry: RetryUntilStopped
) -> Stages:
    """The stages over one database and one local store; `topic` is the one that is read."""
    detector = RollbackDetector(db)
    durability = Durability(local, outbox, Writer(db, retry), detector, retry)
    erased = Erased()
    owner = Owner(Questions(db, detector, retry, erased), local, registry, durability)
    return Stages(Gatherer(topic, registry, erased), owner, durability, retry)
