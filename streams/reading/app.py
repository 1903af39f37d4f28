"""The Faust application: a topic, an agent that passes slices on, the consumer group and its rebalances."""

import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import faust
import msgspec

from streams.reading import (
    transport,  # noqa: F401 – registers the driver that the broker address names
    weight,
)
from streams.reading.slices import Slice

SESSION_TIMEOUT = 20.0
"""Seconds without a heartbeat after which the broker gives a member's partitions to others."""


class KafkaSettings(msgspec.Struct, frozen=True):
    """How to reach Kafka. `bootstrap`: host:port, comma-separated; `security`: settings as kafka-python's."""

    bootstrap: str
    topic: str = "emc.events"
    group: str = "emc"
    session_timeout: float = SESSION_TIMEOUT
    security: Mapping[str, Any] = {}


def build_app(kafka: KafkaSettings, directory: Path, put: Callable[[Slice], Awaitable[None]]) -> faust.App:
    """An app whose single agent hands every slice over and leaves acknowledging to the worker."""
    app = faust.App(
        kafka.group,
        broker=[f"emc://{address.strip()}" for address in kafka.bootstrap.split(",")],
        broker_credentials=_credentials(kafka.security),
        broker_session_timeout=kafka.session_timeout,
        broker_heartbeat_interval=kafka.session_timeout / 4,
        broker_max_poll_interval=3600.0,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=weight.POLL_RECORDS,
        consumer_max_fetch_size=weight.FETCH,
        stream_buffer_maxsize=weight.QUEUE,
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=str(directory / "faust"),
        origin="streams",
        loghandlers=[],
        logging_config=None,
    )
    topic = app.topic(kafka.topic, value_type=bytes, value_serializer="raw", key_serializer="raw")

    async def pass_on(stream: Any) -> None:
        async for event in stream.noack().events():
            await put(event.message.value)

    app.agent(topic, concurrency=1, name="pass_on")(pass_on)
    logging.getLogger("faust").setLevel(logging.WARNING)
    return app


def _credentials(security: Mapping[str, Any]) -> Any:
    """Faust's credentials out of kafka-python's names; None without security."""
    tls = None
    if str(security.get("security_protocol", "")).endswith("SSL"):
        tls = ssl.create_default_context(cafile=security.get("ssl_cafile"))
    if "sasl_mechanism" in security:
        return faust.SASLCredentials(
            username=security["sasl_plain_username"],
            password=security["sasl_plain_password"],
            mechanism=security["sasl_mechanism"],
            ssl_context=tls,
        )
    return faust.SSLCredentials(tls) if tls else None
