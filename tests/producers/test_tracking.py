"""Tracking messages into what they say."""

from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emc.instants import parse_instant
from producers.said import Notice, Said
from producers.tracking import FORM, parse_message, read_message, site_of

ARRIVED = parse_instant("2026-03-04T08:00:00+07:00")
AT = "2026-03-04T08:00:00.000000+07:00"
CODE = "H21.101-260304-0002"
FULL = {
    "siteId": 999,
    "codeProfile": CODE,
    "maHoSo": CODE,
    "codeTTHC": "1.000004",
    "nameTTHC": "Mẫu",
    "status": "3",
    "formsReception": "1",
    "formsPayments": "0",
    "level": "4",
    "isFromDVCQG": "0",
    "isDVCBC": "1",
    "data": "XXX",
    "user": '{"ID_local":"XXX"}',
}


def said(is_first: bool = True, **fields: object) -> Said:
    return read_message({"maHoSo": CODE, **fields}, ARRIVED, lambda _: is_first)


def test_a_message_in_json() -> None:
    message = parse_message(_json(FULL))
    assert "XXX" not in repr(message)
    found = read_message(message, ARRIVED, lambda _: True)
    assert site_of(message) == "999"
    assert found.subject == CODE
    assert found.data == {
        "status": 10,
        "resolved_at": AT,
        "returned_at": AT,
        "procedure": "1.000004",
        "channel": "online",
        "claimed_level": "full",
    }


def _json(fields: dict[str, object]) -> bytes:
    return msgspec.json.encode(fields)


def test_names_in_any_case_and_a_byte_order_mark() -> None:
    upper = {name[0].upper() + name[1:]: value for name, value in FULL.items()}
    assert parse_message(b"\xef\xbb\xbf" + _json(upper)) == parse_message(_json(FULL))


def test_a_form_says_the_same() -> None:
    body = urlencode(FULL).encode()
    read = read_message(parse_message(body, FORM), ARRIVED, lambda _: True)
    assert read == read_message(parse_message(_json(FULL)), ARRIVED, lambda _: True)
    assert parse_message(body, f"{FORM}; charset=UTF-8") == parse_message(body)


@pytest.mark.parametrize("name", ["Mẫu A & B", "Mẫu A=B", "A & level=B=1 & C", "&", "=&="])
def test_an_unescaped_name_does_not_break_the_form(name: str) -> None:
    first = f"codeProfile={CODE}&siteId=999&codeTTHC=1.000004&nameTTHC={name}"
    body = f"{first}&status=0&formsReception=2&level=3&data="
    found = read_message(parse_message(body.encode(), FORM), ARRIVED, lambda _: True)
    assert (found.subject, found.faults) == (CODE, [])
    assert found.data == {"procedure": "1.000004", "channel": "direct", "claimed_level": "partial"}


@given(st.text(max_size=40).filter(lambda name: "status" not in name.lower() and "%" not in name))
def test_whatever_the_unescaped_name_is_code_and_status_are_read(name: str) -> None:
    body = f"codeProfile={CODE}&nameTTHC={name}&status=2".encode("utf-8", "replace")
    found = read_message(parse_message(body, FORM), ARRIVED, lambda _: True)
    assert (found.subject, found.data.get("status")) == (CODE, 4)


@pytest.mark.parametrize(
    ("status", "is_first", "data"),
    [
        (1, True, {"status": 2, "received_at": AT}),
        ("1", False, {"status": 2}),
        (2, True, {"status": 4}),
        (4, True, {"status": 4}),
        (3, False, {"status": 10, "resolved_at": AT, "returned_at": AT}),
        (0, True, {}),
        ("", True, {}),
    ],
)
def test_statuses(status: object, is_first: bool, data: dict[str, object]) -> None:
    assert said(is_first, status=status).data == data


def test_an_unknown_status_says_nothing_and_is_noticed() -> None:
    assert (said(status=7).data, said(status=7).notices) == ({}, [Notice.UNKNOWN_STATUS])


@pytest.mark.parametrize(
    ("reception", "post", "channel"),
    [
        *((1, 0, "online"), (2, 0, "direct"), (1, 1, "online"), (2, 1, "postal"), (2, 2, "direct")),
        *((0, 1, None), ("", "", None), (None, 1, None)),
    ],
)
def test_channels(reception: object, post: object, channel: str | None) -> None:
    assert said(formsReception=reception, isDVCBC=post).data.get("channel") == channel


@pytest.mark.parametrize(("payments", "paid"), [(0, None), (1, True), (2, False), (None, None)])
def test_payments(payments: object, paid: bool | None) -> None:
    assert said(formsPayments=payments).data.get("paid_online") is paid


@pytest.mark.parametrize(
    ("level", "claimed"), [(4, "full"), (1, "full"), (3, "partial"), (0, "partial"), (2, None), ("", None)]
)
def test_levels(level: object, claimed: str | None) -> None:
    assert said(level=level).data.get("claimed_level") == claimed


def test_the_code_is_that_of_the_sender_else_the_profiles() -> None:
    message = {"maHoSo": "", "codeProfile": CODE}
    assert read_message(message, ARRIVED, lambda _: True).subject == CODE
    (fault,) = read_message({}, ARRIVED, lambda _: True).faults
    assert (fault.column, fault.path) == ("maHoSo", "$.subject")


def test_every_fault_is_told_and_no_value_quoted() -> None:
    found = said(formsReception="XXX", level=9, formsPayments=[1])
    assert {fault.column for fault in found.faults} == {"formsReception", "level", "formsPayments"}
    assert "XXX" not in repr(found)


@pytest.mark.parametrize("body", [b"", b"XXX", b"[1]", b"5", b"{", b"a=b&c=d"])
def test_what_is_no_message_is_refused_without_quoting_it(body: bytes) -> None:
    with pytest.raises(ValueError, match="expected one message") as caught:
        parse_message(body)
    assert "XXX" not in str(caught.value)


@given(st.binary(max_size=200))
def test_whatever_a_body_holds_it_is_read_or_refused(body: bytes) -> None:
    try:
        message = parse_message(body)
    except ValueError:
        return
    found = read_message(message, ARRIVED, lambda _: True)
    assert all(fault.detail.startswith("expected") for fault in found.faults)
