"""How far the rates are behind the topic: what is committed must be in ClickHouse too."""

from emc.errors import EmcError
from sinks.clickhouse.database import Database
from streams.batch.commits import positions
from streams.reading.topic import TopicReader


def read_lag(topic: TopicReader, db: Database) -> int:
    """Messages that are not committed, or not in the tables: a stranger may commit for the group.

    While ClickHouse does not answer, what Kafka says. ComponentError when Kafka does not either.
    """
    try:
        known = positions(db, topic.facts().topic_id)
    except EmcError:
        return topic.lag()
    return topic.lag(known)
