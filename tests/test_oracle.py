"""The oracle itself: against the contract's vectors, and against cases worked out by hand."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.contract.all_vectors import VECTORS
from tests.contract.building import ARRIVED_US, TIME, Fault, Taken, declaration, dossier, procedure, raw
from tests.oracle import Accepted, Oracle, Record, Refused, Registry, judge, partition_of, read_agencies
from tests.oracle.forms import instant_text
from tests.oracle.messages import Malformed, split

AGENCIES = read_agencies(Path(__file__).parents[1] / "emc" / "data" / "agencies.csv")
TODAY = date(2024, 6, 1)
EVENING, MIDNIGHT = "2024-03-31T23:59:59+07:00", "2024-04-01T00:00:00+07:00"


def fed(*events: dict[str, Any], key: bytes = b"H25") -> Oracle:
    """An oracle that has read one batch of these."""
    oracle = Oracle(AGENCIES)
    oracle.feed(Record(key, raw(list(events)), (), ARRIVED_US // 1000, 0, 0))
    assert not oracle.rejections
    return oracle


def rate(
    oracle: Oracle, metric: str, definition: str, period: str, start: str, **who: str
) -> dict[str, Any] | None:
    """The one rate asked for, by default of H25."""
    who = who or {"agency": "H25"}
    asked = {"metric": metric, "definition": definition, "period": period, "start": start} | who
    found = [row for row in oracle.rates(TODAY) if asked.items() <= row.items()]
    assert len(found) <= 1
    return found[0] if found else None


def numbers(row: dict[str, Any] | None) -> tuple[int, int]:
    assert row is not None
    return row["numerator"], row["denominator"]


@pytest.mark.parametrize("name", VECTORS)
def test_oracle_judges_as_the_vectors_say(name: str) -> None:
    vector = VECTORS[name]
    rows = [{"source": source, "agency": agency} for source, agency in vector.delegations]
    registry = Registry(AGENCIES, rows)
    try:
        events = split(vector.value, vector.headers)
    except Malformed:
        expected = vector.expected if isinstance(vector.expected, Fault) else vector.expected[0]
        assert isinstance(expected, Fault)
        assert "malformed" in {expected.reason, *dict(expected.others)}
        return
    assert not isinstance(vector.expected, Fault)
    for event, expected in zip(events, vector.expected, strict=True):
        check(judge(event, vector.key, ARRIVED_US, registry), expected)


def check(verdict: Accepted | Refused, expected: Taken | Fault) -> None:
    if isinstance(expected, Fault):
        assert isinstance(verdict, Refused)
        assert (expected.reason, expected.path) in verdict.faults
        assert verdict.faults <= {(expected.reason, expected.path), *expected.others}
        return
    assert isinstance(verdict, Accepted)
    assert expected.fields is None or verdict.fields == expected.fields
    assert expected.subject is None or verdict.subject == expected.subject
    assert expected.agency is None or verdict.agency == expected.agency
    assert expected.valid_from is None or verdict.valid_from == expected.valid_from
    assert expected.time is None or instant_text(verdict.time) == expected.time


def test_day_and_month_change_at_midnight_in_hanoi() -> None:
    oracle = fed(
        dossier({"received_at": EVENING, "channel": "online"}, "H25-240331-0001"),
        dossier({"received_at": MIDNIGHT}, "H25-240401-0001"),
    )
    assert numbers(rate(oracle, "online_submission", "channel", "month", "2024-03-01")) == (1, 1)
    assert numbers(rate(oracle, "online_submission", "channel", "month", "2024-04-01")) == (0, 1)
    assert numbers(rate(oracle, "online_submission", "channel", "quarter", "2024-01-01")) == (1, 1)
    assert numbers(rate(oracle, "online_submission", "channel", "year", "2024-01-01")) == (1, 2)


def test_the_last_writer_wins_whatever_the_order() -> None:
    first = dossier({"channel": "online", "status": 2}, id="a", time="2024-03-05T08:00:00Z")
    later = dossier({"channel": None}, id="a", time="2024-03-05T08:00:01Z")
    same_time = dossier({"status": 4}, id="b", time="2024-03-05T08:00:00Z")
    for events in ((first, later, same_time), (same_time, later, first, first)):
        states = fed(*events).states("H25", "dossier")
        assert states == {("H25-240305-0007", ""): {"status": 4}}


@pytest.mark.parametrize(
    ("field", "one", "other", "wins"),
    [
        ("status", 9, 10, 9),
        ("identified", True, False, True),
        ("identified", True, None, True),
        ("identified", False, None, None),
        ("channel", "online", None, None),
        ("status", 9, None, None),
        ("components", [], None, None),
        ("components", [{"code": "a"}], [{"code": "a!"}], [{"code": "a"}]),
        ("due_at", "2024-01-01T00:00:00+07:00", "2023-12-31T23:00:00Z", "2023-12-31T23:00:00.000000Z"),
        ("procedure", "1.000001.000.00.00.H56", "1.000002", "1.000002"),
    ],
)
def test_a_full_tie_falls_to_the_greater_canonical_json(field: str, one: Any, other: Any, wins: Any) -> None:
    for values in ((one, other), (other, one)):
        oracle = fed(*(dossier({field: value}) for value in values))
        assert oracle.states("H25", "dossier")["H25-240305-0007", ""].get(field) == wins
        assert [(each.field, each.winning) for each in oracle.conflicts()] == [(field, True)]


def test_equal_values_in_normal_form_are_no_conflict() -> None:
    oracle = fed(
        dossier({"due_at": "2024-01-01T07:00:00+07:00", "procedure": "1.000001"}),
        dossier({"due_at": "2024-01-01T00:00:00.0000001Z", "procedure": "1.000001.000.00.00.H56"}),
    )
    assert oracle.conflicts() == []


def test_removed_and_unresolved_dossiers() -> None:
    dates = {"received_at": EVENING, "resolved_at": MIDNIGHT, "due_at": MIDNIGHT}
    oracle = fed(
        dossier(dates | {"removed": True}, "H25-240331-0001"),
        dossier(dates | {"removed": False, "status": 9}, "H25-240331-0002"),
        dossier(dates | {"status": 7}, "H25-240331-0003"),
        dossier({"resolved_at": MIDNIGHT, "status": 9}, "H25-240331-0004"),
        dossier(dates | {"due_at": EVENING}, "H25-240331-0005"),
    )
    assert numbers(rate(oracle, "online_submission", "channel", "month", "2024-03-01")) == (0, 3)
    assert numbers(rate(oracle, "on_time", "resolved", "month", "2024-04-01")) == (1, 2)
    assert rate(oracle, "on_time", "resolved", "month", "2024-03-01") is None
    assert oracle.tallies("H25") == {
        ("", "receipt", date(2024, 3, 31), 0): 3,
        ("", "resolution", date(2024, 4, 1), 0b110000000): 1,
        ("", "resolution", date(2024, 4, 1), 0b010000000): 1,
    }


def test_the_catalogue_of_the_day_decides() -> None:
    day = "2024-03-05T08:00:00+07:00"
    oracle = fed(
        procedure({"service_level": "full", "eligible_full_online": True, "valid_from": "2024-03-06"}),
        procedure({"service_level": "partial", "result_required": False}),
        dossier({"received_at": day, "channel": "online", "procedure": "1.010708"}, "H25-240305-0001"),
        dossier(
            {"received_at": "2024-03-06T00:00:00+07:00", "channel": "online", "procedure": "1.010708"},
            "H25-240306-0001",
        ),
        dossier({"received_at": day, "channel": "online", "procedure": "1.999999"}, "H25-240305-0003"),
    )
    march = ("month", "2024-03-01")
    assert numbers(rate(oracle, "full_online_use", "all", *march)) == (1, 3)
    assert numbers(rate(oracle, "full_online_use", "eligible", *march)) == (1, 1)
    assert numbers(rate(oracle, "online_submission", "with-result", *march)) == (1, 3)
    assert numbers(rate(oracle, "electronic_result", "received", *march)) == (0, 2)
    assert numbers(rate(oracle, "electronic_result", "all", *march)) == (0, 3)
    assert numbers(rate(oracle, "full_online_supply", "eligible", *march)) == (1, 1)
    assert numbers(rate(oracle, "online_supply", "eligible", "day", "2024-03-05")) == (0, 0)
    assert numbers(rate(oracle, "online_supply", "eligible", "day", TODAY.isoformat())) == (1, 1)


def test_components_fees_and_identification() -> None:
    def received(number: int, **data: object) -> dict[str, Any]:
        return dossier({"received_at": EVENING} | data, f"H25-240331-000{number}")

    both = [{"code": "a", "digitised": True, "reused": True}, {"code": "b", "digitised": True}]
    half = [{"code": "a", "digitised": True}, {"code": "b", "digitised": False}]
    oracle = fed(
        received(1, components=both, fee_due=True, paid_online=True),
        received(2, components=half, fee_due=True, identified=True),
        received(3, components=[], paid_online=True),
        received(4, components=None),
    )
    march = ("month", "2024-03-01")
    assert numbers(rate(oracle, "data_reuse", "received", *march)) == (1, 4)
    assert numbers(rate(oracle, "digitised", "received", *march)) == (1, 4)
    assert numbers(rate(oracle, "identified", "received", *march)) == (1, 4)
    assert numbers(rate(oracle, "online_payment", "received", *march)) == (1, 2)


def test_coverage_counts_only_declared_days() -> None:
    oracle = fed(
        dossier({"received_at": EVENING}, "H25-240331-0001"),
        dossier({"received_at": "2024-03-05T08:00:00Z"}, "H25-240305-0001"),
        declaration({"received": 4}, "2024-03-31"),
        declaration({"received": 0}, "2024-03-30"),
        declaration({"received": 9}, "2024-03-29"),
        declaration({"received": None, "resolved": 5}, "2024-03-29", time="2024-03-30T00:00:00Z"),
    )
    row = rate(oracle, "identified", "received", "month", "2024-03-01")
    assert row is not None
    assert (row["denominator"], row["coverage"], row["rate"]) == (2, 0.25, 0.0)
    declared_only = rate(oracle, "on_time", "resolved", "day", "2024-03-29")
    assert declared_only is not None
    assert (declared_only["denominator"], declared_only["rate"], declared_only["coverage"]) == (0, None, 0.0)
    nothing = rate(oracle, "identified", "received", "day", "2024-03-30")
    assert nothing is not None
    assert nothing["coverage"] is None
    assert rate(oracle, "identified", "received", "day", "2024-03-29") is None
    assert rate(oracle, "online_supply", "eligible", "day", "2024-03-29") is None


def test_groups_sum_and_successors_take_over() -> None:
    oracle = fed(dossier({"received_at": EVENING, "channel": "online"}, "H25-240331-0001"))
    late = "2024-05-05T05:05:05Z"
    other = raw(dossier({"received_at": EVENING}, "H42-240331-0001", source="/agencies/H42", time=late))
    oracle.feed(Record(b"H42", other, (), ARRIVED_US // 1000, 0, 1))
    asked = ("online_submission", "channel", "month", "2024-03-01")
    assert numbers(rate(oracle, *asked, group="localities")) == (1, 2)
    assert numbers(rate(oracle, *asked, group="national")) == (1, 2)
    assert rate(oracle, *asked, group="ministries") is None
    national = rate(oracle, *asked, group="national")
    assert national is not None
    assert national["as_of"] == "2024-05-05T12:05:05.000000+07:00"
    merged = [row for row in oracle.rates(TODAY, "current") if row.get("agency")]
    assert {row["agency"] for row in merged} == {"H42"}
    first = next(row for row in merged if (row["metric"], row["period"]) == ("online_submission", "month"))
    assert (first["numerator"], first["denominator"]) == (1, 2)


def test_rejections_say_where_and_whose() -> None:
    oracle = Oracle(AGENCIES)
    events = [dossier(), dossier({"x": 1}), 5, dossier(source="/agencies/A99")]
    oracle.feed(Record(b"H25", json.dumps(events).encode(), (), 1_717_200_000_000, 3, 7))
    oracle.feed(Record(None, b"[", (), 1_717_200_000_001, 3, 8))
    found = [
        (sorted(each.faults), each.agency, each.id, each.offset, each.place) for each in oracle.rejections
    ]
    assert found == [
        ([("unknown_field", "$.data.*")], "H25", "a-1", 7, 1),
        ([("malformed", "$")], "H25", None, 7, 2),
        ([("unknown_agency", "$.source")], "H25", "a-1", 7, 3),
        ([("malformed", "$")], None, None, 8, -1),
    ]


def test_warnings_of_the_present_state() -> None:
    oracle = fed(
        dossier({"received_at": EVENING, "resolved_at": TIME, "procedure": "1.999999"}, "H25-240330-0001"),
        dossier({"submitted_at": MIDNIGHT, "received_at": EVENING}, "H25-240331-0002"),
        dossier({"status": 4}, "H25-240331-0003"),
        dossier({"received_at": "2099-01-01T00:00:00Z"}, "H25-990101-0004"),
    )
    assert oracle.warnings("H25", ARRIVED_US) == {
        ("H25-240330-0001", "resolved_before_received"),
        ("H25-240330-0001", "code_date_differs"),
        ("H25-240330-0001", "not_in_catalogue"),
        ("H25-240331-0002", "received_before_submitted"),
        ("H25-240331-0003", "status_without_date"),
        ("H25-990101-0004", "date_in_future"),
    }


def test_partitions_as_kafka_chooses_them() -> None:
    """The values of Apache Kafka's own UtilsTest.testMurmur2, with the sign bit off."""
    hashes = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    for key, expected in hashes.items():
        assert partition_of(key, 1 << 31) == expected & 0x7FFFFFFF


def test_a_record_in_a_wrong_partition_is_only_counted() -> None:
    oracle = Oracle(AGENCIES, partitions=12)
    right = partition_of(b"H25", 12)
    oracle.feed(Record(b"H25", raw(dossier()), (), ARRIVED_US // 1000, (right + 1) % 12, 0))
    assert (oracle.accepted, oracle.misplaced) == (0, 1)
    oracle.feed(Record(b"H25", raw(dossier()), (), ARRIVED_US // 1000, right, 0))
    assert oracle.accepted == 1
