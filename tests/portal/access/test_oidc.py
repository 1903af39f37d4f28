"""Signing in with a real OpenID provider, which runs beside the test."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from oidc_provider_mock import run_server_in_thread

from emc.access import Scope
from emc.settings.oidc import OpenId
from portal.access.entrance import Entrance
from portal.access.keeper import COOKIE
from portal.access.oidc import HTTP, caller_of
from portal.api import create_app
from portal.errors import Forbidden
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.serving import TOKENS, served

# the provider's own, which it does not mind; ours would be told all the same by the other tests
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[OpenId]:
    """A provider that knows an officer of H25 and somebody without an agency."""
    secret = tmp_path / "secret"
    secret.write_text("of-the-client\n")
    with run_server_in_thread() as running:
        url = f"http://127.0.0.1:{running.server_port}"
        officer: dict[str, object] = {"emc_agency": "H25", "emc_scopes": ["rates:read"]}
        claims: dict[str, object]
        for sub, claims in (("officer", officer), ("stranger", {})):
            httpx.put(f"{url}/users/{sub}", json=claims).raise_for_status()
        yield OpenId(issuer=url, client_secret_file=str(secret), name="VNeID")


@pytest.fixture
def client(provider: OpenId) -> Iterator[httpx.Client]:
    """A browser before the application."""
    with embedded_database() as database:
        entrance = Entrance(Reader(database, registry()), TOKENS, None, provider)
        with served(create_app(entrance, dict)) as browser:
            yield browser


def arrive(client: httpx.Client, sub: str) -> httpx.Response:
    """Signs in at the provider as somebody and comes back."""
    leaving = client.get("/sign-in/oidc?next=/v1/rates")
    assert leaving.status_code == 302
    assert "code_challenge=" in leaving.headers["location"]
    back = httpx.post(leaving.headers["location"], data={"sub": sub})
    return client.get(back.headers["location"])


def test_an_officer_of_an_agency_signs_in(client: httpx.Client) -> None:
    assert "VNeID" in client.get("/sign-in").text
    answer = arrive(client, "officer")
    assert (answer.status_code, answer.headers["location"]) == (303, "/v1/rates")
    assert client.get("/v1/rates").status_code == 200
    assert client.get("/v1/rates?agency=H26").status_code == 403
    assert client.get("/v1/rejections").status_code == 403


def test_who_has_no_agency_there_does_not_get_in(client: httpx.Client) -> None:
    answer = arrive(client, "stranger")
    assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden")
    assert COOKIE not in client.cookies


def test_an_answer_that_nobody_asked_for_is_refused(client: httpx.Client) -> None:
    for asked in ("code=stolen&state=guessed", "code=stolen", "error=%3Cscript%3E&state=x", ""):
        assert client.get(f"/sign-in/oidc/back?{asked}").status_code == 403, asked


def test_an_answer_is_taken_once(client: httpx.Client) -> None:
    leaving = client.get("/sign-in/oidc")
    back = httpx.post(leaving.headers["location"], data={"sub": "officer"}).headers["location"]
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 403


def test_what_the_provider_breaks_is_told_in_a_sentence(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {
        "token": lambda request: HTTP.Response(200, json={"access_token": "x", "id_token": "a.b.c"}),
        "text": lambda request: HTTP.Response(200, text="<html>"),
    }
    for status, broken in ((403, wrong["token"]), (403, wrong["text"]), (503, _away)):
        leaving = client.get("/sign-in/oidc")
        back = httpx.post(leaving.headers["location"], data={"sub": "officer"}).headers["location"]
        with monkeypatch.context() as patched:
            patched.setattr(HTTP.AsyncHTTPTransport, "handle_async_request", _answering(broken))
            answer = client.get(back)
        assert answer.status_code == status
        assert "OpenID provider" in answer.json()["error"]
        assert COOKIE not in client.cookies


def _away(request: Any) -> Any:
    raise HTTP.ConnectError("away", request=request)


def _answering(answer: Callable[[Any], Any]) -> Callable[..., Awaitable[Any]]:
    async def handle(_: object, request: Any) -> Any:
        return answer(request)

    return handle


def test_claims_say_who_and_what_for() -> None:
    provider = OpenId(issuer="http://127.0.0.1:1")
    claims = {"sub": "a person", "emc_agency": "operator", "emc_scopes": "admin rates:read"}
    caller = caller_of(claims, provider, registry())
    assert caller.agency is None
    assert caller.scopes == {Scope.ADMIN, Scope.RATES_READ}
    assert "a person" not in caller.name
    for wrong in (
        {"emc_agency": "H99", "emc_scopes": ["rates:read"]},
        {"emc_agency": "H25", "emc_scopes": ["admin"]},
        {"emc_agency": "H25", "emc_scopes": [1]},
        {"emc_agency": "H25"},
        {"emc_scopes": ["rates:read"]},
    ):
        with pytest.raises(Forbidden):
            caller_of(wrong, provider, registry())
