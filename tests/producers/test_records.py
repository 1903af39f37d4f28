"""Bodies as dossier systems send them over HTTP, into events: the eight shapes of senders among them."""

from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emc.contract import judge
from emc.errors import InputError
from emc.instants import now_us, parse_instant
from emc.registry import load_registry
from emc.verdicts import Accepted, Reason, Rejected
from producers.judging import Judged, Reporter
from producers.records import judge_dossier_sync, judge_tracking
from producers.said import Notice

REGISTRY = load_registry()
ARRIVED = parse_instant("2026-03-04T08:00:00+07:00")
REPORTER = Reporter("H21", "one-stop", REGISTRY)
SITES = {"999": SimpleNamespace(agency="H21", system="tracking")}
RECORD = {"MaHoSo": "H21.17-260302-4821", "TrangThaiHoSo": "2", "NgayTiepNhan": "20260302081500"}


def judged(body: bytes) -> list[Judged]:
    return list(judge_dossier_sync(body, REPORTER, ARRIVED))


def track(body: bytes, known: bool = False) -> Judged:
    return judge_tracking(body, None, SITES, ARRIVED, lambda _source, _dossier: not known, REGISTRY)


def encoded(value: object) -> bytes:
    return msgspec.json.encode(value)


ENVELOPE = {"service": "DongBoHoSoMC", "isUpdating": "False", "data": [RECORD, RECORD]}


@pytest.mark.parametrize(
    "body",
    [
        encoded([RECORD, RECORD]),
        encoded(RECORD) + b"\n" + encoded(RECORD),
        encoded(ENVELOPE),
        encoded({"data": [RECORD, RECORD], "service": "DongBoHoSoMC"}),
        encoded({"Data": [RECORD, RECORD]}),
        encoded({"session": {"id": 1}, "data": [RECORD, RECORD]}),
        encoded({"data": [RECORD]}) + b"\n" + encoded({"data": [RECORD]}),
        encoded({"data": [RECORD]}) + encoded(RECORD),
        b"\xef\xbb\xbf" + msgspec.json.format(encoded(ENVELOPE), indent=2),
    ],
)
def test_every_shape_holds_the_same_records(body: bytes) -> None:
    found = judged(body)
    assert [one.faults for one in found] == [[], []]
    for one in found:
        accepted = judge(one.event, one.agency.encode(), now_us(), REGISTRY)
        assert isinstance(accepted, Accepted)
        assert accepted == one.accepted
        assert (accepted.source, accepted.time) == ("/agencies/H21/one-stop", ARRIVED)
    assert [one.accepted.id[:12] for one in found if one.accepted] == ["000000000001", "000000000002"]


def test_a_record_with_a_field_of_the_name_data_is_no_envelope() -> None:
    assert len(judged(encoded(RECORD | {"data": [1, 2]}))) == 1


def test_a_broken_record_hides_no_other() -> None:
    found = judged(encoded([RECORD, 5, RECORD]))
    assert [[fault.reason for fault in one.faults] for one in found] == [[], [Reason.MALFORMED], []]


def test_a_refused_record_keeps_no_value_and_the_stream_would_refuse_it_likewise() -> None:
    wrong = {"MaHoSo": "XXX", "NgayTra": "XXX", "ChuHoSo": "XXX", "KenhThucHien": 9, "DonViXuLy": "H21.17"}
    (found,) = judged(encoded(wrong))
    assert {fault.path for fault in found.faults} == {"$.subject", "$.data.returned_at", "$.data.channel"}
    assert b"XXX" not in found.event
    assert "XXX" not in repr(found.faults)
    verdict = judge(found.event, found.agency.encode(), now_us(), REGISTRY)
    assert isinstance(verdict, Rejected)
    assert verdict.reason == Reason.INVALID


def test_a_dossier_of_another_agency_is_refused_once_with_its_reason() -> None:
    (found,) = judged(encoded(RECORD | {"MaHoSo": "H44.17-260302-4821"}))
    assert [fault.reason for fault in found.faults] == [Reason.AGENCY_MISMATCH]
    assert found.agency == "H44"


@pytest.mark.parametrize("body", [b"", b"  ", b"XXX", b"5"])
def test_what_holds_no_records_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(InputError) as caught:
        judged(body)
    assert "XXX" not in str(caught.value)


@given(st.binary(max_size=200), st.sampled_from([b"", b"[", b'{"data":[', encoded(ENVELOPE)[:-1]]))
def test_whatever_a_body_holds_every_record_is_judged(body: bytes, start: bytes) -> None:
    try:
        found = judged(start + body)
    except InputError:
        return
    assert all(one.accepted is not None or one.faults for one in found)


def test_a_tracking_message_is_of_its_site_and_of_the_moment_it_arrived() -> None:
    message = {"siteId": 999, "maHoSo": "H21.101-260304-0002", "status": 1, "user": "XXX", "data": "XXX"}
    found = track(encoded(message))
    assert found.accepted is not None
    assert (found.accepted.source, found.accepted.time) == ("/agencies/H21/tracking", ARRIVED)
    assert found.accepted.fields == {"status": 2, "received_at": ARRIVED}
    again = track(encoded(message), known=True)
    assert again.accepted is not None
    assert again.accepted.fields == {"status": 2}
    assert b"XXX" not in found.event


def test_a_refused_tracking_message_keeps_nothing_of_people() -> None:
    found = track(b"siteId=999&maHoSo=XXX&status=1&user=XXX&data=XXX&nameTTHC=XXX")
    assert found.faults
    assert b"XXX" not in found.event


@pytest.mark.parametrize(
    "body", [b"maHoSo=x&status=1", b'{"siteId": 5}', b'{"siteId": true}', b"siteId=0999"]
)
def test_a_site_that_is_not_listed_is_refused(body: bytes) -> None:
    with pytest.raises(InputError, match=r"siteId: expected a site of tracking_sites\.csv"):
        track(body)


def test_what_is_odd_is_noticed_beside_the_event() -> None:
    (found,) = judged(encoded(RECORD | {"DonViXuLy": "Sở Mẫu"}))
    assert (found.faults, found.notices) == ([], [Notice.UNKNOWN_UNIT])
