"""`emc token`: with a running service, without one, and what the service then lets in."""

import stat
from pathlib import Path

import httpx

from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, emc, lines


def test_a_token_is_shown_once_and_opens_what_it_says(service: Service) -> None:
    (made,) = lines(
        done("token", "create", "--name", "Hà Nội", "--agency", "H26", "--scope", "rates:read",
             "--expires", "90d", "--json", "--data-dir", service.data_dir)
    )  # fmt: skip
    assert made["token"].startswith("emc_")
    assert (made["agency"], made["scopes"], made["state"]) == ("H26", ["rates:read"], "holds")
    bearer = {"Authorization": f"Bearer {made['token']}"}

    def status(agency: str) -> int:
        asked = {"agency": agency, "start": "2024-03-01"}
        return httpx.get(service.ready["api"] + "/v1/rates", params=asked, headers=bearer).status_code

    assert (status("H26"), status("H25")) == (200, 403)
    listed = done("token", "list", "--json", "--data-dir", service.data_dir)
    assert made["token"] not in listed
    assert made["id"] in [token["id"] for token in lines(listed)]
    done("token", "revoke", made["id"], "--data-dir", service.data_dir)
    (revoked,) = [
        token for token in lines(done("token", "list", "--json", "--data-dir", service.data_dir))
        if token["id"] == made["id"]
    ]  # fmt: skip
    assert revoked["state"] == "revoked"


def test_tokens_are_made_where_no_service_runs_yet(tmp_path: Path) -> None:
    asked = ("--name", "first", "--operator", "--scope", "admin,rates:read", "--json", "--data-dir", tmp_path)
    (made,) = lines(done("token", "create", *asked))
    assert made["agency"] is None
    assert [token["id"] for token in lines(done("token", "list", "--json", "--data-dir", tmp_path))] == [
        made["id"]
    ]
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert made["token"].encode() not in stored


def test_what_is_asked_wrongly_is_told(tmp_path: Path) -> None:
    def said(*asked: str) -> str:
        return complaint("token", "create", "--name", "x", *asked, "--data-dir", tmp_path, code=2)

    assert "either --agency CODE or --operator" in said("--scope", "rates:read")
    assert "operators only" in said("--agency", "H25", "--scope", "admin")
    assert "scope is 'all'" in said("--operator", "--scope", "all")
    assert "expires is '90'" in said("--operator", "--scope", "admin", "--expires", "90")
    assert "agency is 'H99'" in said("--agency", "H99", "--scope", "rates:read")
    missing = complaint("token", "revoke", "nothing", "--data-dir", tmp_path, code=2)
    assert "no token of that id" in missing


def test_the_token_of_the_machine_is_its_owners(service: Service) -> None:
    path = service.data_dir / "local.token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_open_service_listens_on_this_machine_only(tmp_path: Path) -> None:
    result = emc("up", "--host", "0.0.0.0", "--data-dir", tmp_path)
    assert result.returncode == 2
    assert "EMC_ACCESS is 'open', expected 'tokens' to listen on 0.0.0.0" in result.stderr
