"""`emc snapshots`, with a running service."""

from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, lines


def test_a_snapshot_is_frozen_listed_and_shown(service: Service) -> None:
    at = ("--data-dir", service.data_dir)
    said = done("snapshots", "create", "March", "--start", "2024-03-01", "--metric", "data_reuse", *at)
    (listed,) = lines(done("snapshots", "list", "--json", "--api", service.ready["api"]))
    assert said.startswith(f"Snapshot {listed['id']}: month of 2024-03-01, frozen ")
    rates = service.get("/v1/rates", metric="data_reuse", start="2024-03-01").json()["rates"]
    assert lines(done("snapshots", "show", listed["id"], "--json", *at)) == rates
    assert "H26" in done("snapshots", "show", listed["id"], "--agency", "H26", *at)
    assert "there is no snapshot" in complaint("snapshots", "show", "none", *at, code=2)
    assert "no rate of the month" in complaint(
        *("snapshots", "create", "x", "--start", "2001-01-01", *at), code=2
    )
