"""A place that receives Alertmanager's notifications."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.alerts.programs import until


class Notification(NamedTuple):
    """One message: to whom, when (seconds since 1970), and what."""

    path: str
    at: float
    content: dict[str, Any]

    def alerts(self, name: str, status: str) -> list[dict[str, Any]]:
        """Its alerts of that name and status (firing, resolved)."""
        return [
            alert
            for alert in self.content["alerts"]
            if alert["labels"]["alertname"] == name and alert["status"] == status
        ]


class Received:
    """All notifications until now."""

    def __init__(self, url: str) -> None:
        self.url, self.all = url, list[Notification]()

    def first(self, path: str, name: str, status: str = "firing") -> Notification:
        """Waits for the first one to that path that holds an alert of that name and status."""
        return until(lambda: next((each for each in self.of(path) if each.alerts(name, status)), None))

    def of(self, path: str) -> list[Notification]:
        """Those to a path."""
        return [each for each in list(self.all) if each.path == path]


@contextmanager
def receiver() -> Iterator[Received]:
    """Listens on loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.all.append(Notification(self.path, time.time(), content))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Received(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
