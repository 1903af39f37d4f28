"""Asking the broker: what is left of an attempt when nobody answers."""

import socket
import threading

import pytest
from kafka.errors import KafkaError

from streams.reading.topic import Admin


def test_where_no_broker_answers_no_thread_is_left() -> None:
    """One that takes connections and says nothing, as a frozen one does."""
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        for _ in range(2):
            with pytest.raises(KafkaError):
                Admin(bootstrap_servers=address, bootstrap_timeout_ms=300, request_timeout_ms=300)
    assert threading.active_count() == before
