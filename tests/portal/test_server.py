"""Serving from a thread."""

import httpx
import pytest

from emc.errors import ComponentError
from portal.api import bare_app
from portal.health import health_routes
from portal.server import Server


def test_it_answers_until_it_is_stopped() -> None:
    app = bare_app()
    app.include_router(health_routes(lambda: {"status": "ok"}))
    server = Server()
    server.start(app)
    assert httpx.get(f"{server.url}/v1/health").json() == {"status": "ok"}
    server.stop()
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/v1/health")


def test_a_port_in_use_is_told_before_anything_starts() -> None:
    first = Server()
    port = int(first.url.rpartition(":")[2])
    with pytest.raises(ComponentError, match=rf"^the API cannot listen on 127\.0\.0\.1:{port} "):
        Server(port=port)
    first.stop()
    Server(port=port).stop()
