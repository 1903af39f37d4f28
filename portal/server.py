"""An application served over HTTP from a thread of this process."""

import socket
import threading
import time
from collections.abc import Sequence

import uvicorn
from fastapi import FastAPI

from emc.errors import ComponentError
from portal.connections import bounded_connections

_PATIENCE = 10.0
_LOOPBACK = ("127.0.0.1", "::1")


class Server:
    """Listens from its making on, so that a port in use is known before anything else is started.

    `port` 0 takes a free one; `url` tells which. ComponentError when the address cannot be had. `proxies`:
    addresses and networks, besides loopback ones, whose X-Forwarded-For and -Proto are believed.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, proxies: Sequence[str] = ()) -> None:
        self._socket = _listen(host, port)
        self._proxies = [*_LOOPBACK, *proxies]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"

    def start(self, app: FastAPI) -> None:
        """Begins to answer; returns once it does."""
        config = uvicorn.Config(
            app,
            loop="asyncio",
            log_config=None,
            access_log=False,
            lifespan="off",
            http=bounded_connections(),
            ws="none",
            server_header=False,
            forwarded_allow_ips=self._proxies,
            timeout_graceful_shutdown=3,
        )
        self._server = server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [self._socket]}, name="api", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + _PATIENCE
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise ComponentError(f"the API at {self.url} did not start; the log says why")
            time.sleep(0.01)

    def stop(self) -> None:
        """Lets requests under way end, for a moment, and closes the port. May be repeated."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_PATIENCE)
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP: else asyncio leaves Nagle on, and the body of an answer waits 40 ms behind its head.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ComponentError(
            f"the API cannot listen on {host}:{port} ({reason}); stop what uses that port, or choose another,"
            " 0 for any free one"
        ) from None
    return listening
