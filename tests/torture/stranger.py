"""A consumer of others in the workers' group: `python -m tests.torture.stranger BOOTSTRAP TOPIC SECONDS`.

A process of its own: kafka-python's consumer can turn for ever within one poll where a batch holds no
record that it returns. Prints `assigned` once it was given partitions, reads and commits for the seconds,
and leaves.
"""

import sys
import time

from kafka import KafkaConsumer
from kafka.errors import KafkaError


def main() -> None:
    """Joins, reads, leaves."""
    bootstrap, topic, seconds = sys.argv[1:]
    stranger = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap.split(","),
        group_id=topic,
        session_timeout_ms=6_000,
        heartbeat_interval_ms=1_000,
        auto_commit_interval_ms=500,
        max_partition_fetch_bytes=8 << 20,
        isolation_level="read_committed",
    )
    until: float | None = None
    while until is None or time.monotonic() < until:
        try:
            stranger.poll(200)
        except (UnicodeDecodeError, KafkaError):
            time.sleep(0.2)  # a client of the usual kind goes no further there
        if until is None and stranger.assignment():
            print("assigned", flush=True)
            until = time.monotonic() + float(seconds)
    stranger.close()


if __name__ == "__main__":
    main()
