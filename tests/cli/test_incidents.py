"""`emc incidents`, with a running service and without one; and what `emc rates` says of them."""

import json
from pathlib import Path

from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, emc, lines

RATES = ("rates", "--metric", "data_reuse", "--agency", "H26", "--start", "2024-03-01")


def test_an_incident_is_marked_until_it_is_taken_back(service: Service) -> None:
    at = ("--data-dir", service.data_dir)
    added = done("incidents", "add", "the line was cut", "--agency", "H26", "--from", "2024-03-05", *at)
    (listed,) = lines(done("incidents", "list", "--json", *at))
    assert added == f"Incident {listed['id']} of H26 is marked.\n"
    assert service.get("/v1/rates", agency="H26", start="2024-03-01").json()["incidents"] == [listed]
    told = emc(*RATES, "--json", *at)
    assert [json.loads(line)["metric"] for line in told.stdout.splitlines()] == ["data_reuse"]
    assert "incident of H26, from 2024-03-05 00:00:00 on: the line was cut" in told.stderr
    done("incidents", "end", listed["id"], "--at", "2024-03-05", *at)
    assert "the line was cut" in done("incidents", "list", "--agency", "H26", "--api", service.ready["api"])
    assert "There are no" in emc("incidents", "list", "--agency", "H25", *at).stderr
    done("incidents", "remove", listed["id"], *at)
    assert "incident" not in emc(*RATES, *at).stderr
    assert "incidents" not in service.get("/v1/rates", agency="H26", start="2024-03-01").json()


def test_incidents_are_kept_where_no_service_runs(tmp_path: Path) -> None:
    at = ("--data-dir", tmp_path)
    (made,) = lines(done("incidents", "add", "x", "--agency", "all", "--from", "2024-03-05", "--json", *at))
    assert made["agency"] is None
    assert lines(done("incidents", "list", "--json", *at)) == [made]
    assert "to is before from" in complaint("incidents", "end", made["id"], "--at", "2024-03-04", *at, code=2)
