"""Settings from the environment: how to reach Kafka and ClickHouse with secrets kept in files.

Addresses, ports and directories are options of the commands, with EMC_* variables beside them. What is read
here applies to every command alike: names and secrets that must not stand on a command line.

    EMC_KAFKA_SECURITY_PROTOCOL   PLAINTEXT (default), SSL, SASL_PLAINTEXT or SASL_SSL
    EMC_KAFKA_SASL_MECHANISM      PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512
    EMC_KAFKA_USERNAME            the user for SASL
    EMC_KAFKA_PASSWORD_FILE       a file that holds the user's password
    EMC_KAFKA_CAFILE              a file of the certificates to trust, PEM
    EMC_CLICKHOUSE_PASSWORD_FILE  a file that holds the password of the user in the ClickHouse URL
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from emc.errors import SettingError

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_PROTOCOL = "EMC_KAFKA_SECURITY_PROTOCOL"
_MECHANISM = "EMC_KAFKA_SASL_MECHANISM"
_USERNAME = "EMC_KAFKA_USERNAME"
_PASSWORD_FILE = "EMC_KAFKA_PASSWORD_FILE"
_CAFILE = "EMC_KAFKA_CAFILE"
_CLICKHOUSE_PASSWORD_FILE = "EMC_CLICKHOUSE_PASSWORD_FILE"


def kafka_security(environment: Mapping[str, str]) -> dict[str, Any]:
    """Kafka's security settings in kafka-python's names, empty for none; SettingError names a wrong one."""
    protocol = _one_of(environment, _PROTOCOL, PROTOCOLS) or "PLAINTEXT"
    sasl, tls = protocol.startswith("SASL_"), protocol.endswith("SSL")
    for name, wanted in ((_MECHANISM, sasl), (_USERNAME, sasl), (_PASSWORD_FILE, sasl), (_CAFILE, tls)):
        if environment.get(name) and not wanted:
            raise SettingError(f"{name} is set, but {_PROTOCOL} is {protocol!r}, which does not use it")
    security: dict[str, Any] = {} if protocol == "PLAINTEXT" else {"security_protocol": protocol}
    if sasl:
        security["sasl_mechanism"] = _required(
            _one_of(environment, _MECHANISM, MECHANISMS), _MECHANISM, protocol
        )
        security["sasl_plain_username"] = _required(environment.get(_USERNAME), _USERNAME, protocol)
        path = _required(environment.get(_PASSWORD_FILE), _PASSWORD_FILE, protocol)
        security["sasl_plain_password"] = _secret(_PASSWORD_FILE, path)
    if tls and environment.get(_CAFILE):
        _text(_CAFILE, environment[_CAFILE])
        security["ssl_cafile"] = environment[_CAFILE]
    return security


def clickhouse_url(url: str, environment: Mapping[str, str]) -> str:
    """The URL with the password of EMC_CLICKHOUSE_PASSWORD_FILE put in, if that is set.

    SettingError when the file is of no use, or the URL has a password of its own.
    """
    path = environment.get(_CLICKHOUSE_PASSWORD_FILE)
    if not path:
        return url
    parts = urlsplit(url)
    if parts.password is not None:
        raise SettingError(f"the ClickHouse URL holds a password, but {_CLICKHOUSE_PASSWORD_FILE} is set too")
    user, _, place = parts.netloc.rpartition("@")
    secret = quote(_secret(_CLICKHOUSE_PASSWORD_FILE, path), safe="")
    return parts._replace(netloc=f"{user or 'default'}:{secret}@{place}").geturl()


def _one_of(environment: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    value = environment.get(name) or None
    if value is not None and value not in allowed:
        raise SettingError(f"{name} is {value!r}, expected one of {', '.join(allowed)}")
    return value


def _required(value: str | None, name: str, protocol: str) -> str:
    if not value:
        raise SettingError(f"{name} is not set, but {_PROTOCOL} is {protocol!r}, which needs it")
    return value


def _secret(name: str, path: str) -> str:
    secret = _text(name, path).rstrip("\r\n")
    if not secret:
        raise SettingError(f"{name} is {path!r}, expected a file that is not empty")
    return secret


def _text(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"{name} is {path!r}, expected a readable text file ({type(error).__name__})"
        ) from None
