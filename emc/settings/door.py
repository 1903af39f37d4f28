"""The front door of a service, and what a command brings to one."""

import ipaddress
from typing import Annotated, Literal

import msgspec

from emc.errors import SettingError
from emc.settings.files import secret
from emc.settings.setting import FileName, means, named

_LEAST = 32
Rate = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class Door(msgspec.Struct, frozen=True):
    """Who may ask a service, and under which names it is reached."""

    access: Annotated[
        Literal["open", "tokens"] | None,
        means("`open` is for loopback addresses only; not set: `open` for `emc up`, else `tokens`."),
    ] = named("EMC_ACCESS")
    hosts: Annotated[
        tuple[str, ...],
        means("Names under which the service is reached besides loopback ones, and networks: 10.0.0.0/8."),
    ] = named("EMC_HOSTS", ())
    proxies: Annotated[
        tuple[str, ...],
        means(
            "Addresses and networks of proxies, besides loopback ones: they are believed for whom they ask."
        ),
    ] = named("EMC_PROXIES", ())
    public_rates: Annotated[
        Literal["agencies"] | None, means("Whoever may read rates reads those of all agencies.")
    ] = named("EMC_PUBLIC_RATES")
    metrics_token_file: Annotated[
        FileName | None, means("File that holds a token for /metrics alone, for Prometheus.")
    ] = named("EMC_METRICS_TOKEN_FILE")

    send_events: Annotated[Rate, means("Events that one token may send in a minute, to one process.")] = (
        named("EMC_SEND_EVENTS", 600_000)
    )
    send_requests: Annotated[Rate, means("Requests to send, of one token in a minute, to one process.")] = (
        named("EMC_SEND_REQUESTS", 60_000)
    )

    def believed(self) -> tuple[str, ...]:
        """The proxies; SettingError for what is no address and no network."""
        for proxy in self.proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError as error:
                raise SettingError(f"EMC_PROXIES: expected addresses and networks: {error}") from None
        return self.proxies

    def metrics_token(self) -> str | None:
        """The token for /metrics; None when none is named. SettingError when it is none."""
        if not self.metrics_token_file:
            return None
        token = secret("EMC_METRICS_TOKEN_FILE", self.metrics_token_file).strip()
        if len(token) < _LEAST:
            raise SettingError(f"EMC_METRICS_TOKEN_FILE: expected a token of at least {_LEAST} characters")
        return token


class ApiAccess(msgspec.Struct, frozen=True):
    """What a command that asks an API shows it."""

    token_file: Annotated[FileName | None, means("File that holds the token for the API.")] = named(
        "EMC_TOKEN_FILE"
    )
    token_itself: Annotated[str | None, means("The token, where it can stand in no file.")] = named(
        "EMC_TOKEN"
    )

    def token(self) -> str | None:
        """The token; None when none is set. SettingError when its file cannot be read."""
        if not self.token_file:
            return self.token_itself
        return secret("EMC_TOKEN_FILE", self.token_file).strip()
