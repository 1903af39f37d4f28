"""`emc erase` on a running service: no table or file tells of the dossier, and nothing brings it back."""

import io
import json
from pathlib import Path

import httpx
import pytest

from cli.commands import erase
from emc.errors import InputError
from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, lines

DOSSIER, OTHER = "H42.16-150305-0007", "H42.16-150305-0008"
TABLES = {"events": "subject", "dossiers": "dossier", "conflicts": "subject", "rejections": "subject"}


def event(dossier: str, hour: int = 8, **data: object) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{dossier}-{hour}",
            "source": "/agencies/H42/one-stop",
            "type": "vn.emc.dossier.v1",
            "subject": dossier,
            "time": f"2015-03-05T{hour:02}:31:07+07:00",
            "data": {"channel": "online", "received_at": "2015-03-05T08:30:00+07:00"} | data,
        }
    ).encode()


def send(service: Service, *events: bytes) -> None:
    for each in events:
        answer = httpx.post(
            f"{service.ready['api']}/v1/events",
            content=each,
            headers={"Content-Type": "application/cloudevents+json"},
            timeout=60,
        )
        assert answer.status_code == 202
    service.settle()


def submitted(service: Service) -> tuple[int, int]:
    asked = {"metric": "online_submission", "definition": "channel", "agency": "H42", "start": "2015-03-01"}
    rates = service.get("/v1/rates", **asked).json()["rates"]
    return (rates[0]["numerator"], rates[0]["denominator"]) if rates else (0, 0)


def files_with(folder: Path, text: str) -> list[Path]:
    """Files below a folder, Kafka's own apart, that hold a text as it is."""
    below = [path for path in folder.rglob("*") if "kafka" not in path.relative_to(folder).parts]
    return [path for path in below if path.is_file() and text.encode() in path.read_bytes()]


def test_an_erased_dossier_is_nowhere_and_stays_away(service: Service, tmp_path: Path) -> None:
    at = ("--data-dir", service.data_dir)
    told = [event(DOSSIER), event(DOSSIER, status=2), event(OTHER), event(DOSSIER, nickname="x")]
    send(service, *told)
    assert submitted(service) == (2, 2)
    assert files_with(service.data_dir, DOSSIER)
    done("backup", tmp_path / "backup", *at)
    (found,) = lines(done("erase", DOSSIER, "--yes", "--backup", tmp_path / "backup", "--json", *at))
    assert found["backups"] == [str(tmp_path / "backup")]
    assert found["rows"] == {
        **dict.fromkeys(("conflicts", "notices", "objections", "objection_messages"), 0),
        "events": 2,
        "dossiers": 1,
        "rejections": 1,
    }
    service.settle()
    send(service, *told)
    assert submitted(service) == (1, 1)
    for table, column in TABLES.items():
        assert service.clickhouse(f"SELECT count() FROM {table} WHERE {column} = '{DOSSIER}'") == "0", table
    assert files_with(service.data_dir, DOSSIER) == []
    (audited,) = lines(done("audit", "--json", *at))
    assert (audited["different"], audited["erased"], audited["traces"]) == (0, 1, 0)
    assert service.get(f"/v1/dossiers/{DOSSIER}/explain").status_code == 404


def test_where_nobody_can_be_asked_the_option_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(InputError, match="say --yes where nobody can be asked"):
        erase._confirm()


def test_what_is_no_dossier_is_not_erased(tmp_path: Path) -> None:
    assert "no dossier code" in complaint("erase", "everything", "--yes", "--data-dir", tmp_path, code=2)
