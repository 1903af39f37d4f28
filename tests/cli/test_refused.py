"""`emc rejections show` and `replay` against a running service."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kafka import KafkaProducer

from cli.commands import rejections
from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, emc, lines

DAY = "2023-05-04"


def event(number: int, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "vn.emc.dossier.v1",
        "id": f"{number}",
        "source": "/agencies/H26/onestop",
        "subject": f"000.00.16.H26-230504-{number:04}",
        "time": f"{DAY}T09:00:00+07:00",
        "data": {"received_at": f"{DAY}T08:00:00+07:00", **data},
    }


def sent(service: Service, *events: dict[str, Any]) -> list[str]:
    """Sends events and returns the places at which they were refused."""
    producer = KafkaProducer(bootstrap_servers=service.ready["kafka"])
    for each in events:
        producer.send("emc.events", json.dumps(each).encode(), b"H26")
    producer.flush(30)
    producer.close()
    service.settle()
    ids = {each["id"] for each in events}
    listed = lines(done("rejections", "list", "--agency", "H26", "--json", "--data-dir", service.data_dir))
    return [f"{each['partition']}:{each['offset']}:{each['index']}" for each in listed if each["id"] in ids][
        : len(events)
    ]


def received(service: Service) -> int:
    query = ("--metric", "identified", "--period", "day", "--start", DAY, "--agency", "H26")
    found = lines(done("rates", *query, "--json", "--data-dir", service.data_dir))
    return found[0]["denominator"] if found else 0


def test_a_refused_event_is_shown_corrected_and_replayed(service: Service, tmp_path: Path) -> None:
    (place,) = sent(service, event(901, channel="pigeon"))
    where = ("--data-dir", service.data_dir)
    (shown,) = lines(done("rejections", "show", place, "--json", *where))
    assert shown["reason"] == "invalid"
    assert shown["path"] == "$.data.channel"
    assert "pigeon" in shown["value"]
    assert shown["arrived_at"].endswith("+07:00")
    raw = done("rejections", "show", place, "--raw", *where)
    assert json.loads(raw) == event(901, channel="pigeon")

    (still,) = lines(emc("rejections", "replay", place, "--json", *where).stdout)
    assert still == {"sent": 0, "refused": {"invalid": 1}, "dry_run": False}
    file = tmp_path / "corrected.json"
    file.write_text(raw.replace("pigeon", "online"), encoding="utf-8")
    assert "1 event would be sent" in done("rejections", "replay", place, "--with", file, "--dry-run", *where)
    service.settle()
    assert received(service) == 0
    for _ in range(2):
        assert "1 event sent again" in done("rejections", "replay", place, "--with", file, *where)
        service.settle()
        assert received(service) == 1
    (told,) = lines(done("rejections", "show", place, "--json", *where))
    assert told["accepted_at"] > told["arrived_at"]
    assert f"accepted_at: {told['accepted_at']}" in done("rejections", "show", place, *where)
    assert shown["accepted_at"] is None
    listed = lines(done("rejections", "list", "--agency", "H26", "--json", *where))
    assert {each["place"]: each["accepted_at"] for each in listed}[place] == told["accepted_at"]


def test_a_file_that_would_be_refused_again_is_not_sent(service: Service, tmp_path: Path) -> None:
    (place,) = sent(service, event(902, status=99))
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(event(902, status=98)), encoding="utf-8")
    where = ("--data-dir", service.data_dir)
    sentence = complaint("rejections", "replay", place, "--with", file, *where, code=2)
    assert "would be refused as invalid: $.data.status" in sentence
    assert "98" not in sentence


def test_that_nothing_was_refused_is_said_as_far_as_was_read() -> None:
    def told(lag: int | None) -> str:
        reader: Any = SimpleNamespace(health=lambda: {"lag": lag})
        return rejections._nothing(reader)

    assert told(0) == told(None) == "Nothing was refused."
    assert told(5200) == "Nothing was refused so far; 5 200 messages still wait."
    assert told(1) == "Nothing was refused so far; 1 message still waits."


def test_refused_events_are_listed_with_dossier_source_and_one_id(service: Service) -> None:
    places = sent(service, *(event(number, channel="pigeon") for number in range(910, 914)))
    where = ("--agency", "H26", "--data-dir", service.data_dir)
    listed = done("rejections", "list", *where, "--columns", "place,subject,source,reason", "--no-header")
    rows = dict(line.split("\t", 1) for line in listed.splitlines())
    assert {rows[place] for place in places} == {
        f"000.00.16.H26-230504-{number:04}\t/agencies/H26/onestop\tinvalid" for number in range(910, 914)
    }
    causes = lines(done("rejections", "list", *where, "--group", "--json"))
    (cause,) = [each for each in causes if each["path"] == "$.data.channel"]
    assert (cause["events"] >= 4, len(cause["examples"])) == (True, 3)
    assert set(cause["examples"]) <= {each.split("\t")[0] for each in listed.splitlines()}
    done("rejections", "show", cause["examples"][0], "--data-dir", service.data_dir)
    explained = done("explain", "000.00.16.H26-230504-0910", "--data-dir", service.data_dir)
    assert "\tinvalid\t$.data.channel\texpected one of direct, online, postal\t" in explained
    assert "every event of it was refused. Mend them and send them again." in explained
    assert done("rejections", "list", *where, EMC_LANG="vi").startswith("Vị trí\t")


def test_a_replay_of_nothing_is_told(service: Service) -> None:
    where = ("--data-dir", service.data_dir)
    told = complaint("rejections", "replay", "0:999999999:0", *where, code=1)
    assert "no refused event at 0:999999999:0 matches" in told
    assert "no refused event matches" in complaint("rejections", "replay", "--reason", "none", *where, code=1)


def test_a_place_that_holds_nothing_is_told(service: Service) -> None:
    where = ("--data-dir", service.data_dir)
    assert "nothing of 0:999999999:0" in complaint("rejections", "show", "0:999999999", *where, code=2)
