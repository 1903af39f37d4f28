"""Mappings: their keys, and what they make of rows."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from emc.errors import InputError
from producers.importing.mapping import FileMapping, load_mapping, read_mapping
from producers.importing.table_reader import TableReader
from producers.said import Fault

EXAMPLE = """
zone = "+07:00"
dates = ["%d/%m/%Y %H:%M:%S"]
trim = true
dossier = "{agency}-{received_at:%y%m%d}-{case_id}"
[columns]
received_at = "open_dt"
channel = "source"
[values.channel]
"Self Service" = "online"
"*" = "direct"
[constants]
procedure = "1.000001"
"""


def reader(**keys: object) -> TableReader:
    return TableReader(read_mapping(keys), "H25")


def field(value: object, name: str = "received_at", **keys: object) -> object:
    """What a single cell becomes."""
    said = reader(dossier="code", columns={name: "cell"}, **keys).read({"code": "X", "cell": value})
    assert said.faults == []
    return said.data.get(name, "absent")


def fault(value: object, name: str = "received_at") -> Fault:
    """What is wrong with a single cell."""
    said = reader(dossier="code", columns={name: "cell"}).read({"code": "X", "cell": value})
    (found,) = said.faults
    assert name not in said.data
    return found


def test_the_documented_example(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    mapped = TableReader(load_mapping(path), "H25").read(
        {"case_id": " 000123 ", "open_dt": "05/03/2024 23:30:00", "source": " Self Service"}
    )
    assert mapped.subject == "H25-240305-000123"
    assert mapped.data == {
        "received_at": "2024-03-05T23:30:00+07:00",
        "channel": "online",
        "procedure": "1.000001",
    }


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"colums": {}}, "unknown key 'colums', expected one of zone, dates"),
        (
            {"columns": {"recieved_at": "x"}},
            "unknown field in [columns] 'recieved_at', expected one of procedure",
        ),
        ({"columns": {"received_at": 5}}, "columns.received_at is 5, expected a column's name"),
        ({"columns": {"received_at": ""}}, "columns.received_at is '', expected a column's name"),
        ({"columns": "x"}, "columns is 'x', expected a table"),
        ({"zone": "7"}, "zone is '7', expected an offset as +07:00"),
        ({"zone": 7}, "zone is 7, expected a text"),
        ({"dates": "%d"}, "dates is '%d', expected a list"),
        ({"dates": [5]}, "dates is [5], expected a list of texts"),
        ({"trim": "yes"}, "trim is 'yes', expected true or false"),
        ({"empty": "zero"}, "empty is 'zero' for *, expected null or absent"),
        ({"empty": {"unit": "zero"}}, "empty is 'zero' for unit, expected null or absent"),
        ({"empty": {"units": "null"}}, "unknown field in [empty] 'units'"),
        ({"values": {"chanel": {}}}, "unknown field in [values] 'chanel'"),
        ({"values": {"components": {}}}, "unknown field in [values] 'components'"),
        ({"values": {"channel": "x"}}, "values.channel is 'x', expected a table"),
        ({"values": {"status": {"Open": "four"}}}, "values.status.'Open' is 'four': expected a status"),
        ({"columns": {}, "values": {"channel": {}}}, "[values.channel] has no column"),
        ({"constants": {"identified": "maybe"}}, "constants.identified is 'maybe': expected true or false"),
        ({"constants": {"x": 1}}, "unknown field in [constants] 'x'"),
        (
            {"constants": {"unit": "H25"}, "columns": {"unit": "u"}},
            "unit is in [columns] and in [constants], expected one of them",
        ),
        ({"dossier": ""}, "dossier is empty"),
        ({"dossier": "{a"}, "is no template"),
        ({"dossier": "{}-{a}"}, "is no template"),
        ({"dossier": "{a!r}"}, "is no template"),
        ({"dossier": "{a:{b}}"}, "is no template"),
    ],
)
def test_a_wrong_key_is_told_with_what_is_expected(keys: dict[str, object], told: str) -> None:
    with pytest.raises(InputError) as caught:
        read_mapping(keys)
    assert told in str(caught.value)


def test_a_mapping_that_is_no_toml_or_not_there_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    with pytest.raises(InputError, match="cannot be read: No such file"):
        load_mapping(path)
    path.write_text("zone = ", encoding="utf-8")
    with pytest.raises(InputError, match="is not TOML"):
        load_mapping(path)
    path.write_bytes(b'zone = "\xff"')
    with pytest.raises(InputError, match="is not TOML"):
        load_mapping(path)
    path.write_text('zone = "x"', encoding="utf-8")
    with pytest.raises(InputError, match=r"mapping\.toml: zone is 'x'"):
        load_mapping(path)


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2024-03-05T08:09:10Z", "2024-03-05T08:09:10+00:00"),
        ("2024-03-05T08:09:10.1234567+02:00", "2024-03-05T08:09:10.123456+02:00"),
        ("2024-03-05 08:09", "2024-03-05T08:09:00+07:00"),
        ("2024-03-05 08:09:10 +0200", "2024-03-05T08:09:10+02:00"),
        ("2024-03-05", "2024-03-05T00:00:00+07:00"),
        ("05/03/2024 08:09:10", "2024-03-05T08:09:10+07:00"),
        ("03-2024-05", "2024-03-05T00:00:00+07:00"),
        (datetime(2024, 3, 5, 8, 9, 10, tzinfo=UTC), "2024-03-05T08:09:10+00:00"),
        (datetime(2024, 3, 5, 8, 9, 10), "2024-03-05T08:09:10+07:00"),  # noqa: DTZ001
        (date(2024, 3, 5), "2024-03-05T00:00:00+07:00"),
    ],
)
def test_times_are_tried_as_iso_8601_then_as_the_mapping_says(value: object, instant: str) -> None:
    assert field(value, dates=["%d/%m/%Y %H:%M:%S", "%m-%Y-%d"]) == instant


@pytest.mark.parametrize("value", ["XXX", "20240305", "2024-03-05T24:00", "05/03/2024", 5, True, []])
def test_a_time_in_no_known_form_is_refused(value: object) -> None:
    assert (fault(value).column, fault(value).detail) == ("cell", "expected a time: ISO 8601")


def test_the_zone_is_for_times_without_offset() -> None:
    assert field("2024-03-05T08:00:00", zone="-03:30") == "2024-03-05T08:00:00-03:30"
    assert field("2024-07-05T08:00:00", zone="Europe/Berlin") == "2024-07-05T08:00:00+02:00"
    assert field("2024-03-05T08:00:00+01:00", zone="-03:30") == "2024-03-05T08:00:00+01:00"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("status", "4", 4),
        ("status", "4.0", 4),
        ("status", 4.0, 4),
        ("status", 4, 4),
        ("identified", "true", True),
        ("identified", "FALSE", False),
        ("identified", 1, True),
        ("identified", "0", False),
        ("identified", 0.0, False),
        ("identified", "Yes", True),
        ("components", '[{"code": "A"}]', [{"code": "A"}]),
        ("components", [{"code": "A"}], [{"code": "A"}]),
        ("unit", "H25.16", "H25.16"),
        ("unit", float("nan"), None),
        ("unit", "", None),
        ("unit", None, None),
    ],
)
def test_cells_become_values_of_their_fields(name: str, value: object, expected: object) -> None:
    assert field(value, name) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "four"),
        ("status", True),
        ("status", "-1"),
        ("identified", "XXX"),
        ("identified", 2),
        ("components", "XXX"),
        ("components", "5"),
        ("procedure", 1.000001),
        ("unit", b"H25"),
    ],
)
def test_cells_of_another_form_are_refused_and_never_quoted(name: str, value: object) -> None:
    assert fault(value, name).column == "cell"
    assert fault(value, name).detail.startswith("expected")
    assert "XXX" not in str(fault(value, name))


def test_values_stand_for_others() -> None:
    channels = {"1": "direct", "true": "online", "gone": "", "*": "postal"}
    found = [
        field(value, "channel", values={"channel": channels}) for value in (1, 1.0, "1", True, "gone", "x")
    ]
    assert found == ["direct", "direct", "direct", "online", None, "postal"]
    assert field("", "channel", values={"channel": channels}) is None
    assert field("", "channel", values={"channel": {"": "direct"}}) == "direct"
    assert field("online", "channel", values={"channel": {"x": "postal"}}) == "online"
    assert field("Open", "status", values={"status": {"Open": 4}}) == 4
    assert field("*", "channel", values={"channel": channels}) == "postal"


def test_an_empty_cell_is_null_unless_the_mapping_says_absent() -> None:
    assert field("", "unit") is None
    assert field(" ", "unit", trim=True) is None
    assert field("", "unit", empty="absent") == "absent"
    assert field("", "unit", empty={"unit": "absent"}) == "absent"
    assert field("", "unit", empty={"channel": "absent"}) is None
    assert field("", "unit", empty={"*": "absent", "unit": "null"}) is None


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{agency}-{received_at:%y%m%d}-{n:0>6}", "H25-240306-000042"),
        ("{agency}-{day:%y%m%d}-{n:0>4}", "H25-240307-0042"),
        ("{Mã hồ sơ}", "abc"),
        ("{status}{identified}{{}}", "4true{}"),
        ("n", "42"),
    ],
)
def test_codes_are_composed_of_columns_and_fields(template: str, code: str) -> None:
    columns = {"received_at": "open", "status": "state"}
    table = reader(dossier=template, columns=columns, constants={"identified": True}, dates=["%d.%m.%Y"])
    record = {"open": "2024-03-05T20:00:00Z", "state": "4", "n": 42.0, "day": "07.03.2024", "Mã hồ sơ": "abc"}
    assert table.read(record).subject == code


@pytest.mark.parametrize(
    ("template", "record", "column"),
    [
        ("{n}", {"n": ""}, "n"),
        ("{n:x}", {"n": "1"}, "n"),
        ("{n:%y}", {"n": "XXX"}, "n"),
        ("{received_at:%y}", {"open": ""}, "open"),
        ("n", {}, "n"),
    ],
)
def test_a_code_that_cannot_be_composed_is_refused(
    template: str, record: dict[str, object], column: str
) -> None:
    (found,) = reader(dossier=template, columns={"received_at": "open"}).read(record).faults
    assert found.column == column


def test_agency_is_who_reports_and_a_column_of_that_name_is_asked_for_as_a_column() -> None:
    assert reader(dossier="{agency}", columns={}).read({"agency": "H44"}).subject == "H25"
    assert reader(dossier="{column:agency}", columns={}).read({"agency": "H44"}).subject == "H44"
    padded = reader(dossier="{column:agency:0>5}", columns={})
    assert padded.read({"agency": "H44"}).subject == "00H44"
    assert padded.wanted(["agency"]) == ["agency"]


def test_the_columns_that_are_needed_must_be_there() -> None:
    table = reader(dossier="{agency}-{received_at:%y%m%d}-{n}", columns={"received_at": "open", "unit": "u"})
    assert table.wanted(["x", "u", "n", "open"]) == ["u", "n", "open"]
    with pytest.raises(InputError, match="there is no column 'n', 'open'; the file has u, x"):
        table.wanted(["u", "x"])
    with pytest.raises(InputError, match=r"is its first line the columns' names.*mapping suggest") as caught:
        table.wanted(["XXX", "0"])
    assert "XXX" not in str(caught.value)


def test_without_columns_the_contracts_names_are_read() -> None:
    table = TableReader(FileMapping(), "H25")
    assert table.wanted(["dossier", "status", "x"]) == ["dossier", "status"]
    assert table.read({"dossier": "X", "status": "4"}).data == {"status": 4}
    with pytest.raises(InputError, match="no column 'dossier'"):
        table.wanted(["status"])
    with pytest.raises(InputError, match="no column bears a name of the contract"):
        table.wanted(["dossier", "x"])
