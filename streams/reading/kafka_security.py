"""A connection to Kafka in kafka-python's settings, for libraries that name them otherwise."""

import ssl
from collections.abc import Mapping
from typing import Any


def tls_context(security: Mapping[str, Any]) -> ssl.SSLContext | None:
    """None without TLS."""
    if not str(security.get("security_protocol", "")).endswith("SSL"):
        return None
    return ssl.create_default_context(cafile=security.get("ssl_cafile"))


def for_aiokafka(security: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings for a client of aiokafka."""
    settings = {name: value for name, value in security.items() if name != "ssl_cafile"}
    tls = tls_context(security)
    return settings if tls is None else settings | {"ssl_context": tls}
