"""Transactions that hang: after a broker was killed, their coordinator holds them ended, a partition open.

Kafka never ends such a one, whatever its time-out: operators do, with `kafka-transactions.sh abort`.
"""

import json
import time
from collections.abc import Iterable

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import AbortTransactionSpec

from cli.commands.doctor_transactions import open_transactions
from tests.torture.odd_senders import OPEN_SECONDS

_HANGS_MS = (OPEN_SECONDS + 15) * 1000
"""Brokers of the torture end what is open for longer than its sender's time-out within a second."""


def end_hanging(bootstrap: str, topic: str, partitions: Iterable[int]) -> None:
    """Ends the transactions in these partitions that are older than any that the brokers still end."""
    places = [TopicPartition(topic, number) for number in partitions]
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","), request_timeout_ms=5000)
    try:
        for place, producer in open_transactions(admin, places):
            if time.time_ns() // 10**6 - producer.last_timestamp > _HANGS_MS:
                ended = (producer.producer_id, producer.producer_epoch)
                admin.abort_transaction(AbortTransactionSpec(place, *ended))
                print(json.dumps({"hanging transaction ended": place.partition}), flush=True)
    finally:
        admin.close()
