"""Events over HTTP, through the service to rates and rejections."""

import httpx

from tests.cli.conftest import Service
from tests.cli.processes import done, lines

BATCH = "application/cloudevents-batch+json"


def test_what_is_sent_over_http_counts_and_what_is_refused_is_listed(service: Service) -> None:
    def event(number: int, **data: object) -> dict[str, object]:
        return {
            "specversion": "1.0", "id": f"http-{number}", "source": "/agencies/H30/http",
            "type": "vn.emc.dossier.v1", "subject": f"H30.16-270305-{number:04}",
            "time": "2026-03-05T08:31:07+07:00", "data": data,
        }  # fmt: skip

    (made,) = lines(
        done("token", "create", "--name", "http", "--agency", "H30", "--scope", "events:write,rates:read",
             "--scope", "dossiers:read", "--json", "--data-dir", service.data_dir)
    )  # fmt: skip
    bearer = {"Authorization": f"Bearer {made['token']}"}
    with httpx.Client(base_url=service.ready["api"], headers=bearer, timeout=30) as client:
        sent = [event(1, channel="online", received_at="2026-03-05T08:30:00+07:00"), event(2, surname="x")]
        answer = client.post("/v1/events", json=sent, headers={"Content-Type": BATCH})
        assert answer.status_code == 202
        told = answer.json()
        assert (told["accepted"], told["rejected"]) == (1, 1)
        assert told["results"][1]["path"] == "$.data.*"
        service.settle()
        asked = {"metric": "online_submission", "definition": "channel", "start": "2026-03-01"}
        (rate,) = client.get("/v1/rates", params=asked | {"agency": "H30"}).json()["rates"]
        assert (rate["numerator"], rate["denominator"]) == (1, 1)
        (refused,) = client.get("/v1/rejections").json()["rejections"]
        assert {name: refused[name] for name in ("id", "reason", "path", "agency")} == {
            "id": "http-2", "reason": "unknown_field", "path": "$.data.*", "agency": "H30",
        }  # fmt: skip
