"""What is shown of refused events: ids as they came or as digests, names that are slips of the pen."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emc import identifiers
from emc.contract import judge
from emc.disclosure import (
    listed_file,
    listed_source,
    looks_personal,
    shown_dossier,
    shown_id,
    shown_name,
    shown_source,
)
from emc.registry import load_registry
from emc.verdicts import Rejected
from tests.contract.building import ARRIVED_US, dossier, raw
from tests.oracle.forms import distance, has_run, id_to_show

KNOWN = ("channel", "status", "received_at")


@pytest.mark.parametrize(
    "id_",
    [
        "a-1",
        "urn:x/1.2_3",
        "12345678",
        "1234567890",
        "12345678901",
        "1234567890123",
        "a123456789",
        "123456789b",
    ],
)
def test_a_plain_id_is_shown_as_it_came(id_: str) -> None:
    assert shown_id(id_) == id_


@pytest.mark.parametrize(
    "id_",
    ["123456789", "x-123456789", "012345678901", "a/012345678901/b", "Nguyễn", "a b", "a@b", "😀", "đ" * 128],
)
def test_any_other_id_is_shown_as_its_digest(id_: str) -> None:
    assert shown_id(id_) == "sha256:" + hashlib.sha256(id_.encode()).hexdigest()[:16]


@given(st.text(alphabet="0123456789ab-_ đ", min_size=1, max_size=30))
def test_ids_are_shown_as_the_independent_calculation_shows_them(text: str) -> None:
    assert shown_id(text) == id_to_show(text)
    assert looks_personal(text) == has_run(text)


@pytest.mark.parametrize("name", ["Channel", "chanel", "channels", "statsu", "received", "recieved_at"])
def test_a_slip_of_the_pen_is_shown(name: str) -> None:
    wanted = name if name != "received" else "*"
    assert shown_name(name, KNOWN) == wanted


@pytest.mark.parametrize("name", ["", "HoTen", "Nguyễn Văn A", "channel012", "x" * 1_000_000, "statu\n"])
def test_any_other_name_is_not_shown(name: str) -> None:
    assert shown_name(name, KNOWN) == "*"


@given(st.text(alphabet="abcd", max_size=6), st.text(alphabet="abcd", max_size=6))
def test_names_differ_by_letters_as_counted_one_by_one(one: str, other: str) -> None:
    assert shown_name(one, (other,)) == (one if distance(one, other) <= 2 else "*")


def test_refusals_after_the_form_show_ids_so_too() -> None:
    unknown = dossier(id="Nguyễn Văn A", source="/agencies/A99")
    found = judge(raw(unknown), b"H25", ARRIVED_US, load_registry())
    assert isinstance(found, Rejected)
    assert found.id == shown_id("Nguyễn Văn A") != "Nguyễn Văn A"


def test_no_long_text_stays_in_memory() -> None:
    """A sender of megabytes must not fill what is remembered of short codes."""
    caches = (
        identifiers._agency_before_number,
        identifiers._source_agency,
        identifiers._level1,
        identifiers._procedure_code,
    )
    judge(raw(dossier()), b"H25", ARRIVED_US, load_registry())
    remembered = [cache.cache_info().currsize for cache in caches]
    for letter in "abc":
        bad = dossier(subject=letter * 100_000, source=f"/agencies/H25/{letter * 100_000}")
        assert isinstance(judge(raw(bad), b"H25", ARRIVED_US, load_registry()), Rejected)
        for read in (identifiers.dossier_agency, identifiers.level1, identifiers.procedure_code):
            assert read(letter * 100_000) is None
        assert identifiers.dossier_agency(f"{letter * 100_000}-0001") is None
    assert remembered == [cache.cache_info().currsize for cache in caches]


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("000.00.16.H26-230504-0001", "000.00.16.H26-230504-0001"),
        ("H26.16-20260305-0000007", "H26.16-20260305-0000007"),
        ("000.00.16.H26-230504-123456789", ""),
        ("somebody", ""),
        (None, ""),
    ],
)
def test_a_dossier_code_alone_is_shown_of_a_refused_subject(subject: object, shown: str) -> None:
    assert shown_dossier(subject) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [("/agencies/H26/onestop", "/agencies/H26/onestop"), ("/agencies/H26/012345678", ""), ("x", ""), (7, "")],
)
def test_a_source_is_shown_unless_it_holds_a_number_of_a_person(source: object, shown: str) -> None:
    assert shown_source(source) == shown


def test_what_agencies_name_is_listed_without_a_persons_number() -> None:
    for plain in (
        "/agencies/H25",
        "/agencies/H25/one-stop.2",
        "/agencies/H25/12345678",
        "/agencies/H25/a123456789",
    ):
        assert listed_source(plain) == plain
    listed = {
        listed_source(f"/agencies/H25/{number}") for number in ("123456789", "123456780", "of_123456789012")
    }
    assert len(listed) == 3
    assert not any(looks_personal(each) or "123456" in each for each in listed)
    assert all(each.startswith("/agencies/H25/sha256:") for each in listed)
    assert listed_file("thang-3.csv") == "thang-3.csv"
    assert listed_file("CCCD 012345678901.csv").startswith("sha256:")
