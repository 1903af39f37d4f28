"""Procedure entries, declarations and heartbeats."""

from typing import Any

from tests.contract.building import Fault, Taken, Vector, declaration, heartbeat, invalid, one, procedure, raw

LEAST, MOST = 0, 10**9
PROCEDURE_GOOD: tuple[tuple[str, Any], ...] = (
    ("service_level", "full"),
    ("service_level", "partial"),
    ("service_level", "none"),
    ("eligible_full_online", True),
    ("result_required", False),
    ("fee_bearing", True),
    ("published", False),
    ("name", "Đăng ký khai sinh"),
    ("name", ""),
    ("name", "ữ" * 500),
)
PROCEDURE_BAD: tuple[tuple[str, Any], ...] = (
    ("service_level", "Full"),
    ("service_level", 4),
    ("service_level", ""),
    ("eligible_full_online", "yes"),
    ("result_required", 1),
    ("fee_bearing", "0"),
    ("published", 0),
    ("name", "x" * 501),
    ("name", "a\nb"),
    ("name", 5),
    ("valid_from", "1969-12-31"),
    ("valid_from", "2100-01-02"),
    ("valid_from", "2024-02-30"),
    ("valid_from", "2024-2-3"),
    ("valid_from", "2024-03-05T00:00:00Z"),
    ("valid_from", "20240305"),
    ("valid_from", " 2024-03-05"),
    ("valid_from", "٢٠٢٤-03-05"),
    ("valid_from", ""),
    ("valid_from", 2024),
)
VALID_FROM = ("1970-01-01", "1999-12-31", "2024-02-29", "2100-01-01")
DAYS_BAD = (
    "1999-12-31",
    "2100-01-02",
    "2024-02-30",
    "2024-03",
    "2024-3-05",
    "05-03-2024",
    "2024-03-05\n",
    "today",
    "",
)


def procedures() -> list[Vector]:
    taken = [
        one(f"procedure {n} {k}", procedure({k: v}), Taken({k: v}, "1.010708", "H25", "1970-01-01"))
        for n, (k, v) in enumerate(PROCEDURE_GOOD)
    ]
    refused = [
        one(f"no procedure {n} {k}", procedure({k: v}), invalid(f"$.data.{k}"))
        for n, (k, v) in enumerate(PROCEDURE_BAD)
    ]
    entries = [
        one(f"valid from {v}", procedure({"valid_from": v}), Taken({}, valid_from=v)) for v in VALID_FROM
    ]
    return taken + refused + entries


def declarations() -> list[Vector]:
    good: list[dict[str, Any]] = [
        {"received": LEAST},
        {"received": MOST, "resolved": LEAST},
        {"resolved": None},
        {"received": None, "resolved": 3},
        {},
    ]
    bad = [-1, MOST + 1, 1.0, 2.5, "5", True, [], 10**40]
    taken = [
        one(f"declared {data}", declaration(data), Taken(data, "2024-03-05", "H25", "")) for data in good
    ]
    refused = [
        one(f"not declared {value!r}", declaration({"resolved": value}), invalid("$.data.resolved"))
        for value in bad
    ]
    days = [one(f"no day {day!r}", declaration({}, day), invalid("$.subject")) for day in DAYS_BAD]
    return taken + refused + days


def received(name: str, number: bytes, expected: Taken | Fault) -> Vector:
    """A declaration with this number, as written."""
    value = raw(declaration({"received": "NUMBER"})).replace(b'"NUMBER"', number)
    return Vector(name, value, (expected,))


UNREADABLE = Fault("invalid", "$.data.received", (("malformed", "$"),))
VECTORS = (
    *procedures(),
    *declarations(),
    one(
        "valid from null",
        procedure({"valid_from": None, "published": None}),
        Taken({"published": None}, valid_from="1970-01-01"),
    ),
    one(
        "a dossier's field in a procedure",
        procedure({"channel": "online"}),
        Fault("unknown_field", "$.data.*"),
    ),
    one("the first declared day", declaration({"received": 1}, "2000-01-01"), Taken({"received": 1})),
    one("the last declared day", declaration({"received": 1}, "2100-01-01"), Taken({"received": 1})),
    one("a day to come may be declared", declaration({"received": 1}, "2030-01-01"), Taken({"received": 1})),
    one(
        "minus zero is zero", declaration({"received": 0}) | {"data": {"received": 0}}, Taken({"received": 0})
    ),
    received("minus zero, as written", b"-0", Taken({"received": 0})),
    received("an exponent is no integer", b"1e2", invalid("$.data.received")),
    received("a thousand digits", b"1" * 1_000, invalid("$.data.received")),
    # the letter says invalid; more digits than a reader's integers hold may count as no JSON
    received("ten thousand digits", b"1" * 10_000, UNREADABLE),
    one("a declaration with more", declaration({"pending": 1}), Fault("unknown_field", "$.data.*")),
    one("heartbeat", heartbeat(), Taken({}, "mcdt", "H25")),
    one(
        "heartbeat of another system than the source's",
        heartbeat(source="/agencies/H25/other"),
        Taken({}, "mcdt"),
    ),
    one("heartbeat of a system of 64", heartbeat({}, "S" * 64), Taken()),
    one("heartbeat of a system of 65", heartbeat({}, "S" * 65), invalid("$.subject")),
    one("heartbeat of a system with a blank", heartbeat({}, "một cửa"), invalid("$.subject")),
    one("heartbeat without a system", heartbeat({}, ""), invalid("$.subject")),
    one("heartbeat with data", heartbeat({"load": 1}), Fault("unknown_field", "$.data.*")),
    one("heartbeat with a list", heartbeat([]), invalid("$.data")),
)
