"""The settings of the front door, from the environment.

EMC_ACCESS              open or tokens; open is for loopback addresses only
EMC_HOSTS               names under which the service is reached besides loopback ones, comma-separated
EMC_PUBLIC_RATES        agencies: whoever may read rates reads those of all agencies
EMC_METRICS_TOKEN_FILE  a file that holds a token for /metrics alone, for Prometheus
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emc.errors import SettingError

Mode = Literal["open", "tokens"]
_PUBLIC = "EMC_PUBLIC_RATES"


@dataclass(frozen=True)
class Rules:
    """How the door is kept. `hosts`: names in small letters, without ports."""

    mode: Mode = "tokens"
    hosts: frozenset[str] = frozenset()
    public_rates: bool = False
    metrics_token: str | None = None


def access_rules(environment: Mapping[str, str], default: Mode, address: str) -> Rules:
    """The rules for a service that listens on an address; SettingError names what is wrong."""
    mode = _mode(environment.get("EMC_ACCESS") or default)
    if mode == "open" and not is_loopback(address):
        raise SettingError(
            f"EMC_ACCESS is 'open', expected 'tokens' to listen on {address}: whoever reaches an open service"
            " is its operator, so it listens on loopback addresses only"
        )
    public = environment.get(_PUBLIC) or None
    if public not in (None, "agencies"):
        raise SettingError(f"{_PUBLIC} is {public!r}, expected agencies, or not to be set")
    listed = environment.get("EMC_HOSTS", "").split(",")
    hosts = frozenset(name.strip().lower() for name in listed if name.strip())
    return Rules(mode, hosts, public is not None, _metrics_token(environment))


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine."""
    if name.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _mode(text: str) -> Mode:
    if text == "open":
        return "open"
    if text == "tokens":
        return "tokens"
    raise SettingError(f"EMC_ACCESS is {text!r}, expected open or tokens")


def _metrics_token(environment: Mapping[str, str]) -> str | None:
    path = environment.get("EMC_METRICS_TOKEN_FILE")
    if not path:
        return None
    try:
        token = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = type(error).__name__
        raise SettingError(
            f"EMC_METRICS_TOKEN_FILE is {path!r}, expected a readable text file ({reason})"
        ) from None
    if len(token) < 32:
        raise SettingError(f"EMC_METRICS_TOKEN_FILE is {path!r}, expected a token of at least 32 characters")
    return token
