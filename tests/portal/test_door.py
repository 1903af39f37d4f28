"""What no request gets past: the name in Host, a foreign Origin, repeated parameters; and the access log."""

import json
import logging
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emc.errors import SettingError
from emc.settings.door import Door
from emc.settings.setting import read_group
from portal.access.entrance import Entrance
from portal.access.rules import Rules, access_rules, is_ours
from portal.api import create_app
from sinks.queries.reader import Reader
from tests.cli.processes import wait_until
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.serving import served


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Asks an open service that is reached as monitor.example, too."""
    with embedded_database() as database:
        entrance = Entrance(Reader(database, registry()), Rules("open", frozenset({"monitor.example"})))
        with served(create_app(entrance, lambda: {"status": "ok", "lag": 0})) as asking:
            yield asking


@pytest.fixture(scope="module")
def guarded() -> Iterator[httpx.Client]:
    """Asks a service that wants tokens."""
    with embedded_database() as database:
        entrance = Entrance(Reader(database, registry()), Rules("tokens"))
        with served(create_app(entrance, lambda: {"status": "ok", "lag": 0})) as asking:
            yield asking


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "10.0.0.1"]
)
def test_another_name_is_misdirected(client: httpx.Client, host: str) -> None:
    for path in ("/v1/health", "/v1/rates", "/nothing"):
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code, answer.json()["reason"]) == (421, "wrong_host")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:80", "Monitor.Example:443"])
def test_this_machine_and_listed_names_are_answered(client: httpx.Client, host: str) -> None:
    assert client.get("/v1/rates", headers={"Host": host}).status_code == 200


def test_hosts_are_names_and_networks() -> None:
    door = read_group(Door, {"EMC_HOSTS": " Monitor.example, 172.16.0.0/12,"})
    rules = access_rules(door, "tokens", "0.0.0.0")
    ours = ("monitor.example", "172.18.0.5", "127.0.0.9", "::1")
    assert all(is_ours(name, rules) for name in ours)
    wrong = ("monitor.example.evil", "172.32.0.1", "evil.example", "localhost.evil", "")
    assert not any(is_ours(name, rules) for name in wrong)
    with pytest.raises(SettingError, match=r"EMC_HOSTS is '10.0.0.1/8', expected names and networks"):
        access_rules(Door(hosts=("10.0.0.1/8",)), "tokens", "127.0.0.1")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "file://"])
def test_a_write_from_another_site_is_refused(client: httpx.Client, origin: str) -> None:
    answer = client.post("/v1/rates", headers={"Origin": origin})
    assert (answer.status_code, answer.json()["reason"]) == (403, "foreign_origin")
    assert client.get("/v1/rates", headers={"Origin": origin}).status_code == 200


def test_a_write_of_its_own_page_is_let_in(client: httpx.Client) -> None:
    answer = client.post("/v1/rates", headers={"Origin": str(client.base_url).rstrip("/")})
    assert answer.status_code == 405
    crossing = client.post("/v1/rates", headers={"Sec-Fetch-Site": "cross-site"})
    assert crossing.status_code == 403


@pytest.mark.parametrize(
    "path", ["/v1/health", "/v1/rates?format=csv", "/v1/rates?metric=none", "/v1/nothing"]
)
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert whole.content
    for name in ("content-type", "content-length", "etag", "x-content-type-options"):
        assert head.headers.get(name) == whole.headers.get(name)


def test_head_opens_no_door(guarded: httpx.Client, client: httpx.Client) -> None:
    assert guarded.head("/v1/rates").status_code == 401
    assert client.head("/v1/rates", headers={"Host": "evil.example"}).status_code == 421
    assert client.head("/v1/rates/stream").status_code == 405  # it does not end
    assert client.head("/v1/events").status_code in (404, 405)


def test_what_is_no_request_is_told_as_every_error_is(client: httpx.Client) -> None:
    place = client.base_url.host, client.base_url.port or 80
    for sent in (b"GET /v1/health HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n"):
        with socket.create_connection(place, 20) as stranger:
            stranger.sendall(sent)
            answer = b"".join(iter(lambda: stranger.recv(4096), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert json.loads(body)["reason"] == "invalid_request"


def test_repeated_parameters_are_refused(client: httpx.Client) -> None:
    for asked in ("agency=H25&agency=H26", "agency=&agency=H25", "start=2024-03-01&start=2024-03-01"):
        answer = client.get(f"/v1/rates?{asked}")
        assert (answer.status_code, answer.json()["reason"]) == (400, "invalid_request")


def test_a_body_whose_length_is_told_twice_hides_no_request(client: httpx.Client) -> None:
    place = client.base_url.host, client.base_url.port or 80
    hidden = b"0\r\n\r\nGET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    told = b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n" % len(hidden)
    with socket.create_connection(place, 20) as stranger:
        stranger.sendall(b"POST /v1/rates HTTP/1.1\r\nHost: localhost\r\n" + told + hidden)
        answers = b""
        while piece := stranger.recv(65536):
            answers += piece
    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "path",
    [
        "//v1/rates", "/v1//rates", "/v1/rates/", "/V1/RATES", "/v1/./rates", "/x/../v1/rates", "/v1/rates;x",
        "/v1/%72ates", "/v1%2frates", "/v1/rates%00", "/v1/rates%20", "/v1/rates.json", "\\v1\\rates",
        "http://localhost/v1/rates", "/v1/rates#x",
    ],
)  # fmt: skip
def test_no_other_way_of_writing_a_path_goes_round_the_guard(guarded: httpx.Client, path: str) -> None:
    place = guarded.base_url.host, guarded.base_url.port or 80
    with socket.create_connection(place, 20) as stranger:
        stranger.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := stranger.recv(65536):
            answer += piece
    assert int(answer.split(b" ", 2)[1]) in (307, 400, 401, 404), answer
    assert b"location: http://localhost/" in answer or b"\r\nlocation:" not in answer


def test_every_answer_bears_the_headers_of_security(client: httpx.Client) -> None:
    for path in ("/v1/health", "/nothing", "/v1/rates?x=1"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "private, no-store"


def test_the_access_log_has_no_values(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    def told() -> list[dict[str, Any]]:
        """The lines of the one request: those of requests before it can come after their answers."""
        lines = [vars(record) for record in caplog.records if record.getMessage() == "request"]
        return [line for line in lines if line["route"] == "/v1/dossiers/{dossier}/explanation"]

    with caplog.at_level(logging.INFO, "emc.access"):
        client.get("/v1/dossiers/H25-240305-987654321/explanation?secret=marker")
        wait_until(lambda: bool(told()))
    (said,) = told()
    assert (said["status"], said["who"]) == (400, "open")
    assert "987654321" not in repr(said)
    assert "marker" not in repr(said)
