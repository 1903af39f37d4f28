"""The settings of the front door, from the environment.

EMC_ACCESS              open or tokens; open is for loopback addresses only
EMC_HOSTS               names under which the service is reached besides loopback ones, comma-separated;
                            addresses by network: 10.0.0.0/8
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
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PUBLIC = "EMC_PUBLIC_RATES"


@dataclass(frozen=True)
class Rules:
    """How the door is kept. `hosts`: names in small letters, without ports; `networks`: addresses."""

    mode: Mode = "tokens"
    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
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
    hosts, networks = _hosts(environment.get("EMC_HOSTS", ""))
    return Rules(mode, hosts, networks, public is not None, _metrics_token(environment))


def is_ours(name: str, rules: Rules) -> bool:
    """Whether a host name in small letters means this machine, or is one of those listed."""
    if is_loopback(name) or name in rules.hosts:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return any(address in network for network in rules.networks)


def _hosts(text: str) -> tuple[frozenset[str], tuple[Network, ...]]:
    names = {name.strip().lower() for name in text.split(",") if name.strip()}
    ranges = {name for name in names if "/" in name}
    try:
        return frozenset(names - ranges), tuple(ipaddress.ip_network(name) for name in sorted(ranges))
    except ValueError as error:
        raise SettingError(f"EMC_HOSTS is {text!r}, expected names and networks: {error}") from None


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
