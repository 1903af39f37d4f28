"""A link that signs in once: on this machine, within an hour, for one agency."""

from collections.abc import Iterator

import httpx
import pytest

from portal.access import invitations
from portal.access.entrance import Entrance
from portal.api import create_app
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.portal.access.test_guard import registry
from tests.portal.serving import TOKENS, served


@pytest.fixture
def entrance(database: Database) -> Entrance:
    return Entrance(Reader(database, registry()), TOKENS)


@pytest.fixture
def client(entrance: Entrance) -> Iterator[httpx.Client]:
    """A browser that keeps cookies."""
    with served(create_app(entrance, dict)) as browser:
        yield browser


def enter(client: httpx.Client, code: str, **headers: str) -> httpx.Response:
    """Presses the button of the link's page."""
    return client.post("/sign-in/once", data={"code": code}, headers=headers)


def test_a_link_signs_its_agency_in_once(client: httpx.Client, entrance: Entrance) -> None:
    code = entrance.invitations.invite("H25")
    for _ in range(2):  # opening it uses nothing up
        page = client.get(f"/sign-in/once/{code}")
        assert (page.status_code, code in page.text) == (200, True)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    answer = enter(client, code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/agencies/H25")
    assert client.get("/v1/rates", params={"agency": "H25"}).status_code == 200
    assert client.get("/v1/rates", params={"agency": "H26"}).status_code == 403
    client.cookies.clear()
    assert enter(client, code).status_code == 401


def test_a_wrong_or_old_code_opens_nothing(
    client: httpx.Client, entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "HOLDS", 0.0)
    for code in ("", "wrong", entrance.invitations.invite("H25")):
        answer = enter(client, code)
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert "đã hết hạn" in answer.text


@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded", "via"])
def test_it_works_on_this_machine_only(client: httpx.Client, entrance: Entrance, name: str) -> None:
    code = entrance.invitations.invite("H25")
    assert client.get(f"/sign-in/once/{code}", headers={name: "192.0.2.1"}).status_code == 403
    assert enter(client, code, **{name: "192.0.2.1"}).status_code == 403
    assert enter(client, code, origin="http://elsewhere.example").status_code == 403
    assert enter(client, code).status_code == 303
