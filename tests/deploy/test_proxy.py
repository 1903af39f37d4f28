"""The proxy's file in a real Caddy before the real application: TLS, headers, who answers what."""

import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.ports import free_ports
from emc.access import Scope
from emc.errors import SettingError
from emc.registry import load_registry
from emc.settings.door import Door
from portal.access.entrance import Entrance
from portal.access.rules import Rules
from portal.api import create_app, create_gateway
from portal.pages.routes import add_pages
from portal.sending.limits import SendLimits
from portal.sending.routes import Sending
from portal.server import Server
from producers.courier import Courier
from sinks.queries.reader import Reader
from tests.cli.processes import wait_until
from tests.engine import embedded_database
from tests.portal.serving import token_of
from tests.tools.wanted import path_of

FILE = Path(__file__).parents[2] / "deploy" / "caddy" / "Caddyfile"
HOST = {"Host": "localhost"}
TOKENS = Rules("tokens")

pytestmark = pytest.mark.needs("caddy")


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, str, str]]:
    """A client that comes through the proxy, its address without TLS, and a token of an agency."""
    with embedded_database() as database:
        entrance = Entrance(Reader(database, load_registry()), TOKENS)
        sending = Sending(entrance.guard, Courier("127.0.0.1:1"), SendLimits())
        api = create_app(entrance, lambda: {"status": "ok", "lag": 1})
        add_pages(api, entrance.guard, lambda: {"status": "ok", "lag": 1}, None)
        gateway = create_gateway(entrance, lambda: {"status": "ok", "lag": 2}, sending)
        servers = Server(), Server()
        for server, app in zip(servers, (api, gateway), strict=True):
            server.start(app)
        http, https, health = free_ports(3)
        home = tmp_path_factory.mktemp("caddy")
        environment = {
            **os.environ, "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home), "HOME": str(home),
            "HTTP_PORT": str(http), "HTTPS_PORT": str(https), "HEALTH_PORT": str(health),
            "API": servers[0].url.removeprefix("http://"),
            "GATEWAY": servers[1].url.removeprefix("http://"),
        }  # fmt: skip
        command = [str(path_of("caddy")), "run", "--config", str(FILE), "--adapter", "caddyfile"]
        log = (home / "log").open("w")
        caddy = subprocess.Popen(command, env=environment, stderr=log)
        try:
            root = home / "caddy" / "pki" / "authorities" / "local" / "root.crt"
            wait_until(root.exists, 60)
            trust = ssl.create_default_context(cafile=str(root))
            with httpx.Client(base_url=f"https://localhost:{https}", verify=trust, timeout=30) as client:
                wait_until(lambda: answers(client), 60)
                token = token_of(database, "H25", Scope.RATES_READ, Scope.EVENTS_WRITE)
                yield client, f"http://localhost:{http}", token
        finally:
            caddy.terminate()
            caddy.wait(30)
            log.close()
            for server in servers:
                server.stop()


def answers(client: httpx.Client) -> bool:
    """Whether the proxy speaks TLS already."""
    try:
        return client.get("/v1/health").status_code == 200
    except httpx.HTTPError:
        return False


def test_the_file_is_written_as_caddy_writes_it() -> None:
    done = subprocess.run([str(path_of("caddy")), "fmt", str(FILE)], capture_output=True, check=True)
    assert done.stdout == FILE.read_bytes()


def test_a_sites_own_certificate_is_two_files() -> None:
    named = {**os.environ, "SITE": "emc.example", "TLS": "/c/x.pem /c/x.key"}
    command = [str(path_of("caddy")), "adapt", "--config", str(FILE), "--adapter", "caddyfile"]
    made = subprocess.run(command, env=named, capture_output=True, check=True).stdout
    tls = json.loads(made)["apps"]["tls"]
    assert tls["certificates"]["load_files"][0] | {"tags": None} == {
        "certificate": "/c/x.pem", "key": "/c/x.key", "tags": None,
    }  # fmt: skip
    assert "internal" not in json.dumps(tls)


def test_pages_and_answers_bear_the_headers_of_security(proxy: tuple[httpx.Client, str, str]) -> None:
    client, _, token = proxy
    for path in ("/sign-in", "/v1/health", "/v1/rates", "/static/x/pages.css"):
        answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
        headers = answer.headers
        assert headers["strict-transport-security"] == "max-age=31536000", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["referrer-policy"] == "same-origin", path
        assert "unsafe" not in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "uvicorn" not in headers.get("server", ""), path
    assert client.get("/sign-in").headers["content-security-policy"].startswith("default-src 'self'")


def test_plain_http_leads_to_tls(proxy: tuple[httpx.Client, str, str]) -> None:
    answer = httpx.get(f"{proxy[1]}/agencies/H25?lang=en", follow_redirects=False)
    assert answer.status_code == 308
    assert answer.headers["location"] == "https://localhost/agencies/H25?lang=en"


def test_a_session_under_tls_is_for_tls_alone(proxy: tuple[httpx.Client, str, str]) -> None:
    client, _, token = proxy
    answer = client.post(
        "/sign-in", data={"token": token, "next": "/"}, headers={"Origin": str(client.base_url)}
    )
    assert answer.status_code == 303
    assert "Secure" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    foreign = client.post("/sign-in", data={"token": token}, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403


def test_what_is_sent_goes_to_the_gateway_and_all_else_to_the_api(
    proxy: tuple[httpx.Client, str, str],
) -> None:
    client, _, token = proxy
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/v1/health").json()["lag"] == 1
    sent = client.post("/v1/events", headers={**bearer, "Content-Type": "text/plain"}, content=b"x")
    assert (sent.status_code, sent.json()["reason"]) == (415, "unsupported_media_type")
    assert client.get("/v1/events", headers=bearer).status_code == 405
    assert client.get("/metrics").status_code == 404


def test_who_says_that_he_is_here_is_not_believed(proxy: tuple[httpx.Client, str, str]) -> None:
    client, here = proxy[0], {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"}
    for path in ("/metrics", "/metrics/", "/%6Detrics", "/v1/../metrics"):
        answer = client.get(path, headers=here)
        assert answer.status_code in (401, 404), path
        assert "emc_" not in answer.text


def test_a_large_body_is_refused_with_its_reason(proxy: tuple[httpx.Client, str, str]) -> None:
    client, _, token = proxy
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents+json"}
    for size in (1_100_000, 3_000_000):
        assert client.post("/v1/events", headers=headers, content=b"x" * size).status_code == 413


def test_changes_come_through_at_once(proxy: tuple[httpx.Client, str, str]) -> None:
    client, _, token = proxy
    bearer = {"Authorization": f"Bearer {token}"}
    with client.stream("GET", "/v1/rates/stream", headers=bearer) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")


def test_proxies_are_addresses() -> None:
    assert Door(proxies=("10.213.7.2", "10.0.0.0/8")).believed() == ("10.213.7.2", "10.0.0.0/8")
    for wrong in ("proxy", "10.0.0.1/8", "*"):
        with pytest.raises(SettingError, match="EMC_PROXIES: expected addresses and networks"):
            Door(proxies=(wrong,)).believed()
