"""`emc objections`, with a running service."""

import httpx

from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, lines


def test_an_objection_is_listed_answered_and_blotted_out(service: Service) -> None:
    at = ("--data-dir", service.data_dir)
    asked = {"agency": "H25", "text": "we received it on Monday", "dossier": "H25-240305-9999"}
    made = httpx.post(f"{service.ready['api']}/v1/objections", json=asked, timeout=60).json()
    id_ = made["id"]
    (listed,) = lines(done("objections", "list", "--agency", "H25", "--json", *at))
    assert (listed["id"], listed["status"]) == (id_, "open")
    said = done("objections", "answer", id_, "so it is", "--decision", "accepted", "--event", "e1", *at)
    assert said == f"Objection {id_} of H25 is accepted.\n"
    shown = done("objections", "show", id_, "--api", service.ready["api"])
    assert "we received it on Monday" in shown
    assert "so it is" in shown
    message = made["messages"][0]["id"]
    done("objections", "blot-out", id_, message, *at)
    (found,) = lines(done("objections", "show", id_, "--json", *at))
    assert [each["text"] for each in found["messages"]] == ["", "so it is"]
    assert "no objection of that id" in complaint("objections", "answer", "none", "x", *at, code=2)
