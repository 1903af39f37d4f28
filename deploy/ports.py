"""Ports on loopback: finding free ones, and saying clearly that one is in use."""

import socket
from contextlib import ExitStack

from emc.errors import ComponentError

HOST = "127.0.0.1"


class PortInUse(ComponentError):
    """Something else listens there."""


def free_ports(count: int) -> list[int]:
    """That many different ports, free at this moment; another process may still be faster to take one."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def require_free(port: int) -> None:
    """Raise PortInUse when something listens on the port already, or the system keeps it from us."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "ports are 0 to 65535"
            raise PortInUse(
                f"The broker cannot listen on {HOST}:{port} ({reason}); "
                "stop what uses that port, or choose another, 0 for any free one."
            ) from error
