"""How the front door is kept: the rules that follow from the settings and from where a service listens."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from emc.errors import SettingError
from emc.settings.door import Door

Mode = Literal["open", "tokens"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Rules:
    """How the door is kept. `hosts`: names in small letters, without ports; `networks`: addresses."""

    mode: Mode = "tokens"
    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    public_rates: bool = False
    metrics_token: str | None = None


def access_rules(door: Door, default: Mode, address: str) -> Rules:
    """The rules for a service that listens on an address; SettingError names what is wrong."""
    mode = door.access or default
    if mode == "open" and not is_loopback(address):
        raise SettingError(
            f"EMC_ACCESS is 'open', expected 'tokens' to listen on {address}: whoever reaches an open service"
            " is its operator, so it listens on loopback addresses only"
        )
    hosts, networks = _hosts(door.hosts)
    return Rules(mode, hosts, networks, door.public_rates is not None, door.metrics_token())


def is_ours(name: str, rules: Rules) -> bool:
    """Whether a host name in small letters means this machine, or is one of those listed."""
    if is_loopback(name) or name in rules.hosts:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return any(address in network for network in rules.networks)


def _hosts(listed: Sequence[str]) -> tuple[frozenset[str], tuple[Network, ...]]:
    names = {name.strip().lower() for name in listed if name.strip()}
    ranges = {name for name in names if "/" in name}
    try:
        return frozenset(names - ranges), tuple(ipaddress.ip_network(name) for name in sorted(ranges))
    except ValueError as error:
        raise SettingError(
            f"EMC_HOSTS is {','.join(listed)!r}, expected names and networks: {error}"
        ) from None


@lru_cache(maxsize=1024)  # asked of each request's Host
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
