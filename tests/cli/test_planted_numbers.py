"""A number like a person's in everything that a sender names: no log and no metric holds it."""

from pathlib import Path
from typing import Any

import httpx

from tests.cli.conftest import Service
from tests.cli.processes import Running, done, lines

NUMBER = "012345678901"
DOSSIER = f"H25.16-240305-{NUMBER}"
SOURCE = f"/agencies/H25/of-{NUMBER}"
NAMED = {
    "channel": "online",
    "unit": f"H25.{NUMBER}",
    "components": [{"code": NUMBER, "reused": True, "reuse_source": f"a-{NUMBER}"}],
}


def event(place: str, subject: str = DOSSIER, **changes: Any) -> dict[str, Any]:
    """An event whose id, source and dossier hold the number."""
    return {
        "specversion": "1.0", "id": f"{place} {NUMBER}", "source": SOURCE, "type": "vn.emc.dossier.v1",
        "subject": subject, "time": "2024-03-05T08:31:07+07:00", "data": NAMED,
    } | changes  # fmt: skip


COUNTED = (
    event("named"),
    event("lives", f"of-{NUMBER}", type="vn.emc.heartbeat.v1", data={}),
)
REFUSED = (
    event("field", data={f"cccd{NUMBER}": 1}),
    event("value", data={"status": NUMBER}),
    event("subject", f"{NUMBER}-x"),
    event("type", type=f"vn.{NUMBER}"),
    event("agency", source=f"/agencies/{NUMBER}"),
    event("future", time="2099-03-05T08:31:07+07:00"),
)


def test_no_log_and_no_metric_holds_a_number_like_a_persons(service: Service) -> None:
    api, media = service.ready["api"], {"Content-Type": "application/cloudevents-batch+json"}
    sent = httpx.post(f"{api}/v1/events", json=[*COUNTED, *REFUSED], headers=media, timeout=60).json()
    assert (sent["accepted"], sent["rejected"]) == (len(COUNTED), len(REFUSED)), sent
    broken = httpx.post(f"{api}/v1/events", content=f'[{{"id": "{NUMBER}"', headers=media, timeout=60)
    assert broken.status_code == 400
    service.settle()
    explained = service.get(f"/v1/dossiers/{DOSSIER}/explanation")
    assert NUMBER in explained.text, "it was counted, and whoever asks for it sees it"
    asked = {"agency": NUMBER, "metric": NUMBER, NUMBER: NUMBER}
    assert all(service.get("/v1/rates", **{name: value}).status_code == 400 for name, value in asked.items())
    assert service.get(f"/{NUMBER}").status_code == 404
    metrics = service.get("/metrics")
    assert metrics.status_code == 200
    assert "emc_" in metrics.text
    assert NUMBER not in metrics.text
    log = service.log.read_text(encoding="utf-8")
    assert "/v1/dossiers/{dossier}/explanation" in log, "the access log is in it"
    assert NUMBER not in log


def test_no_log_of_a_gateway_holds_one(service: Service, tmp_path: Path) -> None:
    made = ("--name", "planted", "--agency", "H25", "--scope", "events:write", "--json")
    token = lines(done("token", "create", *made, "--data-dir", service.data_dir))[0]["token"]
    log, media = tmp_path / "gateway.log", "application/cloudevents-batch+json"
    components = ("--kafka", service.ready["kafka"], "--clickhouse", service.ready["clickhouse"])
    gateway = Running("gateway", *components, log=log)
    try:
        url = f"{gateway.ready['gateway']}/v1/events"
        bearer = {"Authorization": f"Bearer {token}", "Content-Type": media}
        foreign = event("foreign", source=f"/agencies/H26/of-{NUMBER}")
        sent = httpx.post(url, json=[*COUNTED, *REFUSED, foreign], headers=bearer, timeout=60).json()
        assert (sent["accepted"], sent["rejected"]) == (len(COUNTED), len(REFUSED) + 1), sent
        broken = (
            {"content": f'[{{"id": "{NUMBER}"'},
            {"json": [], "params": {NUMBER: NUMBER}},
            {"json": [], "params": {"agency": NUMBER}},
        )
        assert all(
            httpx.post(url, headers=bearer, timeout=60, **wrong).status_code == 400 for wrong in broken
        )
        wrong = {"Authorization": f"Bearer emc_{NUMBER}", "Content-Type": media}
        assert httpx.post(url, json=[], headers=wrong, timeout=60).status_code == 401
    finally:
        assert gateway.stop() == 0
    told = log.read_text(encoding="utf-8")
    assert "/v1/events" in told, "the access log is in it"
    assert NUMBER not in told
