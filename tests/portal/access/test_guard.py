"""What each caller sees of two agencies' data, of which one is marked: through the real tables and routes."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emc.access import EVERY_SCOPE, Scope
from emc.instants import now_us
from emc.registry import Agency, Registry
from portal.access.entrance import Entrance
from portal.access.rules import Rules
from portal.api import create_app
from sinks.access.tokens import TokenStore
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.serving import TOKENS, served, token_of

HEALTH: dict[str, Any] = {"status": "ok", "lag": 0, "agencies": {"H25": {}, "H26": {}}, "broken_sources": []}
START = "2024-03-01"


def registry() -> Registry:
    """H25, which succeeded H24; and H26."""
    named = (("H24", "H25"), ("H25", None), ("H26", None))
    return Registry(
        Agency(code, f"Tỉnh {code}", "locality", successor, None, True, "") for code, successor in named
    )


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A rate, a rejection and a source of each of three agencies."""
    agencies = ["H24", "H25", "H26"]
    with embedded_database() as made:
        made.insert("rates", _columns(agencies) | {
            "metric": ["data_reuse"] * 3, "definition": ["received"] * 3, "period": ["month"] * 3,
            "start": [19783] * 3, "numerator": [1, 2, 4], "denominator": [10, 20, 40],
            "counted": [0] * 3, "declared": [0] * 3, "is_deleted": [0] * 3,
        })  # fmt: skip
        made.insert("rejections", _columns(agencies) | {
            "reason": ["invalid"] * 3, "path": ["$.time"] * 3, "detail": ["x"] * 3,
            "topic": ["emc.events"] * 3, "id": [f"id-{code}" for code in agencies],
            "partition": [0, 1, 2], "offset": [0] * 3,
            "index": [0] * 3, "rejected_at": [1_714_000_000_000] * 3,
        })  # fmt: skip
        made.insert("sources", _columns(agencies) | {
            "source": [f"/agencies/{code}/x" for code in agencies], "last_time": [1] * 3,
            "last_arrival": [1] * 3,
        })  # fmt: skip
        yield made


def _columns(agencies: list[str]) -> dict[str, list[Any]]:
    return {"agency": list(agencies), "version": [1] * len(agencies)}


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[httpx.Client]:
    """Asks the API, which wants tokens."""
    with served(_app(database, TOKENS)) as asking:
        yield asking


def _app(database: Database, rules: Rules) -> Any:
    return create_app(Entrance(Reader(database, registry()), rules), lambda: HEALTH, lambda: b"emc_up 1\n")


def ask(client: httpx.Client, token: str | None, path: str, **asked: str) -> httpx.Response:
    """An answer to a caller; None: without a token."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return client.get(path, params=asked or None, headers=headers)


def whose(answer: httpx.Response, name: str) -> set[str]:
    """The agencies and groups in a list."""
    return {found.get("agency") or found["group"] for found in answer.json()[name]}


def test_an_agency_sees_its_own_rates_and_those_it_succeeded_and_every_group(
    client: httpx.Client, database: Database
) -> None:
    token = token_of(database, "H25", Scope.RATES_READ)
    assert whose(ask(client, token, "/v1/rates", start=START), "rates") == {
        "H24", "H25", "national", "localities",
    }  # fmt: skip
    national = ask(client, token, "/v1/rates", start=START, group="national").json()["rates"][0]
    assert (national["numerator"], national["denominator"]) == (7, 70)
    both = ask(client, token, "/v1/rates", start=START, structure="current", agency="H25").json()["rates"]
    assert [rate["denominator"] for rate in both] == [30]


def test_one_that_was_succeeded_sees_nothing_of_its_successor(
    client: httpx.Client, database: Database
) -> None:
    token = token_of(database, "H24", Scope.RATES_READ)
    assert whose(ask(client, token, "/v1/rates", start=START), "rates") == {"H24", "national", "localities"}
    found = ask(client, token, "/v1/rates", start=START, structure="current")
    assert whose(found, "rates") == {"national", "localities"}
    assert ask(client, token, "/v1/rates", start=START, agency="H25").status_code == 403


def test_lists_hold_what_the_caller_may_see(client: httpx.Client, database: Database) -> None:
    token = token_of(database, "H25", Scope.DOSSIERS_READ)
    assert whose(ask(client, token, "/v1/rejections"), "rejections") == {"H24", "H25"}
    assert whose(ask(client, token, "/v1/sources"), "sources") == {"H24", "H25"}
    operator = token_of(database, None, Scope.DOSSIERS_READ)
    assert whose(ask(client, operator, "/v1/rejections"), "rejections") == {"H24", "H25", "H26"}


@pytest.mark.parametrize(
    "path",
    ["/v1/rates?agency=H26", "/v1/rejections?agency=H26",
     f"/v1/dossiers?metric=data_reuse&agency=H26&period=month&start={START}"],
)  # fmt: skip
def test_a_filter_for_another_agency_is_forbidden(
    client: httpx.Client, database: Database, path: str
) -> None:
    answer = ask(client, token_of(database, "H25", Scope.RATES_READ, Scope.DOSSIERS_READ), path)
    assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden")
    small = ask(client, token_of(database, "H25", Scope.RATES_READ), path.replace("H26", "h26"))
    assert small.status_code in (400, 403)


def test_another_agencys_dossier_is_answered_as_one_that_is_not_there(
    client: httpx.Client, database: Database
) -> None:
    database.insert("dossiers", {
        "agency": ["H26"], "dossier": ["H26-240305-0001"], "month": [202403], "registers": ["[]"],
        "version": [1],
    })  # fmt: skip
    token = token_of(database, "H25", Scope.DOSSIERS_READ)
    there = ask(client, token, "/v1/dossiers/H26-240305-0001/explanation")
    absent = ask(client, token, "/v1/dossiers/H26-240305-0002/explanation")
    assert there.status_code == absent.status_code == 404
    assert there.text.replace("0001", "0002") == absent.text


WANTED = {
    "/v1/rates": Scope.RATES_READ, "/v1/definitions": Scope.RATES_READ, "/v1/agencies": Scope.RATES_READ,
    "/v1/rejections": Scope.DOSSIERS_READ, "/v1/sources": Scope.DOSSIERS_READ, "/v1/audit": Scope.ADMIN,
}  # fmt: skip


@pytest.mark.parametrize(("path", "scope"), WANTED.items())
def test_without_its_scope_a_route_is_closed(
    client: httpx.Client, database: Database, path: str, scope: Scope
) -> None:
    others = EVERY_SCOPE - {scope}
    lacking = ask(client, token_of(database, None, *others), path)
    assert (lacking.status_code, lacking.json()["reason"]) == (403, "forbidden")
    assert ask(client, token_of(database, None, scope), path).status_code == 200
    nobody = ask(client, None, path)
    assert (nobody.status_code, nobody.json()["reason"]) == (401, "unauthenticated")
    assert nobody.headers["www-authenticate"] == "Bearer"


def test_wrong_expired_and_revoked_tokens_open_nothing(client: httpx.Client, database: Database) -> None:
    store, scopes = TokenStore(database), frozenset({Scope.RATES_READ})
    expired = store.create("old", None, scopes, now_us() // 1000 - 1)
    revoked = store.create("gone", None, scopes)
    store.revoke(revoked.token.id)
    for secret in ("emc_wrong", expired.secret, revoked.secret, expired.token.hash):
        assert ask(client, secret, "/v1/rates").status_code == 401


def test_a_revocation_holds_within_ten_seconds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.access.known_tokens.FRESH", 0.2)
    store = TokenStore(database)
    made = store.create("short", None, frozenset({Scope.RATES_READ}))
    with served(_app(database, TOKENS), made.secret) as client:
        assert client.get("/v1/rates").status_code == 200
        store.revoke(made.token.id)
        answered = [client.get("/v1/rates").status_code for _ in range(50)]
    assert answered[-1] == 401


def test_public_rates_open_the_rates_and_nothing_else(database: Database) -> None:
    token = token_of(database, "H25", Scope.RATES_READ, Scope.DOSSIERS_READ)
    with served(_app(database, Rules("tokens", public_rates=True)), token) as client:
        assert "H26" in whose(client.get("/v1/rates", params={"start": START}), "rates")
        assert client.get("/v1/rejections", params={"agency": "H26"}).status_code == 403
        assert whose(client.get("/v1/sources"), "sources") == {"H24", "H25"}


def test_health_shows_each_his_own(client: httpx.Client, database: Database) -> None:
    assert ask(client, None, "/v1/health").json() == {"status": "ok", "lag": 0}
    own = ask(client, token_of(database, "H25", Scope.EVENTS_WRITE), "/v1/health").json()
    assert own["agencies"] == {"H25": {}}
    every = ask(client, token_of(database, None, Scope.RATES_READ), "/v1/health").json()
    assert set(every["agencies"]) == {"H25", "H26"}


def test_metrics_are_for_this_machine_and_for_admins(client: httpx.Client, database: Database) -> None:
    assert client.get("/metrics").status_code == 200
    passed_on = {"X-Forwarded-For": "203.0.113.7"}
    assert client.get("/metrics", headers=passed_on).status_code == 401
    reader = {"Authorization": f"Bearer {token_of(database, None, Scope.RATES_READ)}"}
    assert client.get("/metrics", headers=passed_on | reader).status_code == 403
    admin = {"Authorization": f"Bearer {token_of(database, None, Scope.ADMIN)}"}
    assert client.get("/metrics", headers=passed_on | admin).status_code == 200


def test_the_engine_itself_knows_only_the_rows_that_may_be_seen(database: Database) -> None:
    seen = database.filtered({"rejections": "agency IN ('H25')"})
    assert seen.query("SELECT agency FROM rejections WHERE true") == [("H25",)]
    assert seen.query("SELECT count() FROM rejections WHERE agency = {a:String}", {"a": "H26"}) == [(0,)]
