"""A token becomes a session: its cookie, its forms, its ends."""

from collections.abc import Iterator

import httpx
import pytest

from emc.access import Scope
from portal.access import known_sessions
from portal.access.entrance import Entrance
from portal.access.keeper import COOKIE
from portal.access.sign_in import local_path
from portal.api import create_app
from sinks.access import sessions
from sinks.access.sessions import SessionStore
from sinks.access.tokens import TokenStore, digest
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.portal.access.test_guard import registry
from tests.portal.serving import TOKENS, served


@pytest.fixture
def client(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A browser that keeps cookies; sessions are looked up for each of its requests."""
    monkeypatch.setattr(known_sessions, "REMEMBERED", 0.0)
    with served(create_app(Entrance(Reader(database, registry()), TOKENS), dict)) as browser:
        yield browser


def sign_in(client: httpx.Client, database: Database, **form: str) -> httpx.Response:
    """Signs in with a new token of H25."""
    made = TokenStore(database).create("H25", "H25", frozenset({Scope.RATES_READ}))
    return client.post("/sign-in", data={"token": made.secret, "next": "/v1/rates", **form})


def csrf(client: httpx.Client, database: Database) -> str:
    """What a form of this session's pages holds."""
    hashed = digest(client.cookies[COOKIE])
    session = SessionStore(database).find_all([hashed]).get(hashed)
    assert session is not None
    return session.csrf


def test_the_page_is_in_the_language_of_the_page_asked_for(client: httpx.Client, database: Database) -> None:
    leaving = client.get("/v1/rates?agency=H25&lang=en", headers={"accept": "text/html"})
    page = client.get(leaving.headers["location"])
    assert '<html lang="en">' in page.text
    assert "Access token" in page.text
    assert 'value="/v1/rates?agency=H25&amp;lang=en"' in page.text
    assert 'href="/sign-in?lang=vi&amp;next=%2Fv1%2Frates%3Fagency%3DH25"' in page.text
    wrong = client.post("/sign-in", data={"token": "no", "next": "/?lang=en"})
    assert (wrong.status_code, "The token is wrong" in wrong.text) == (401, True)
    assert "Mã truy cập" in client.get("/sign-in").text


def test_a_token_becomes_a_session(client: httpx.Client, database: Database) -> None:
    assert client.get("/v1/rates").status_code == 401
    answer = sign_in(client, database)
    assert (answer.status_code, answer.headers["location"]) == (303, "/v1/rates")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert client.get("/v1/rates").status_code == 200
    assert client.get("/v1/rejections").status_code == 403


def test_the_cookie_is_secure_under_tls(client: httpx.Client, database: Database) -> None:
    client.headers["X-Forwarded-Proto"] = "https"  # as a proxy on this machine says
    assert "Secure" in sign_in(client, database).headers["set-cookie"]


def test_a_wrong_token_is_told_on_the_page(client: httpx.Client, database: Database) -> None:
    answer = sign_in(client, database, token="emc_wrong")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert COOKIE not in client.cookies
    assert "script-src" not in answer.headers["content-security-policy"]


def test_signing_in_again_ends_the_session_before(client: httpx.Client, database: Database) -> None:
    sign_in(client, database)
    first = client.cookies[COOKIE]
    sign_in(client, database)
    assert client.cookies[COOKIE] != first
    old = client.get("/v1/rates", headers={"Cookie": f"{COOKIE}={first}"})
    assert old.status_code == 401


def test_signing_out_needs_the_forms_secret_and_ends_it_everywhere(
    client: httpx.Client, database: Database
) -> None:
    sign_in(client, database)
    secret = client.cookies[COOKIE]
    assert client.post("/sign-out", data={"csrf": "guessed"}).status_code == 403
    assert client.post("/sign-out", data={"csrf": csrf(client, database)}).status_code == 303
    assert client.get("/v1/rates", headers={"Cookie": f"{COOKIE}={secret}"}).status_code == 401


def test_revoking_the_token_ends_its_sessions(
    client: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.access.known_tokens.FRESH", 0.0)
    sign_in(client, database)
    for token in TokenStore(database).all():
        TokenStore(database).revoke(token.id)
    assert client.get("/v1/rates").status_code == 401


@pytest.mark.parametrize("limit", ["IDLE", "LONGEST"])
def test_a_session_ends_by_itself(
    client: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    sign_in(client, database)
    assert client.get("/v1/rates").status_code == 200
    monkeypatch.setattr(sessions, limit, 0)
    assert client.get("/v1/rates").status_code == 401


def test_an_old_secret_is_changed_and_opens_for_a_moment_only(
    client: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, database)
    first = client.cookies[COOKIE]
    monkeypatch.setattr(sessions, "ROTATED", 0)
    monkeypatch.setattr(sessions, "GRACE", 0)
    client.get("/v1/rates")
    assert client.cookies[COOKIE] != first
    assert client.get("/v1/rates").status_code == 200
    assert client.get("/v1/rates", headers={"Cookie": f"{COOKIE}={first}"}).status_code == 401


def test_what_the_table_holds_opens_nothing(client: httpx.Client, database: Database) -> None:
    sign_in(client, database)
    for (hashed,) in database.query("SELECT hash FROM sessions"):
        assert client.get("/v1/rates", headers={"Cookie": f"{COOKIE}={hashed}"}).status_code == 401


def test_a_person_without_a_session_is_led_to_sign_in(client: httpx.Client) -> None:
    answer = client.get("/v1/rates", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/v1/rates")
    assert client.get("/sign-in").status_code == 200


@pytest.mark.parametrize(
    "text", ["https://evil.example", "//evil.example", "/\\evil.example", "a", "/\n/x", "//[", "//e\u2100"]
)
def test_one_is_led_to_this_site_only(text: str) -> None:
    assert local_path(text) == "/"
    assert local_path("/agencies/H25?period=month") == "/agencies/H25?period=month"
