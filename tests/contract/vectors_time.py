"""Instants: RFC 3339 with offset, microseconds, the range; and the future."""

from tests.contract.building import Fault, Taken, Vector, dossier, invalid, one

TEXTS = {
    "2024-03-05T08:00:00Z": "2024-03-05T08:00:00.000000Z",
    "2024-03-05T08:00:00+07:00": "2024-03-05T01:00:00.000000Z",
    "2024-03-05T08:00:00-11:30": "2024-03-05T19:30:00.000000Z",
    "2024-03-05T00:00:00+23:59": "2024-03-04T00:01:00.000000Z",
    "2024-03-05T08:00:00-00:00": "2024-03-05T08:00:00.000000Z",
    "2024-03-05t08:00:00z": "2024-03-05T08:00:00.000000Z",
    "2024-03-05T08:00:00.5Z": "2024-03-05T08:00:00.500000Z",
    "2024-03-05T08:00:00.123456Z": "2024-03-05T08:00:00.123456Z",
    "2024-03-05T08:00:00.1234569Z": "2024-03-05T08:00:00.123456Z",
    "2024-03-05T08:00:00.9999999999999999+07:00": "2024-03-05T01:00:00.999999Z",
    "2024-02-29T23:59:59.999999Z": "2024-02-29T23:59:59.999999Z",
    "2000-01-01T00:00:00Z": "2000-01-01T00:00:00.000000Z",
    "2100-01-01T00:00:00Z": "2100-01-01T00:00:00.000000Z",
    "2099-12-31T23:59:59.999999Z": "2099-12-31T23:59:59.999999Z",
}
REFUSED = (
    "2024-03-05T08:00:00",
    "2024-03-05",
    "2024-03-05 08:00:00Z",
    "2024-03-05T08:00Z",
    "2024-03-05T08:00:60Z",
    "2024-06-30T23:59:60Z",
    "2024-03-05T24:00:00Z",
    "2024-03-05T08:60:00Z",
    "2024-02-30T08:00:00Z",
    "2023-02-29T08:00:00Z",
    "2024-00-05T08:00:00Z",
    "2024-13-05T08:00:00Z",
    "2024-03-05T08:00:00+7:00",
    "2024-03-05T08:00:00+0700",
    "2024-03-05T08:00:00+07",
    "2024-03-05T08:00:00+24:00",
    "2024-03-05T08:00:00+07:60",
    "2024-03-05T08:00:00 +07:00",
    "2024-03-05T08:00:00.Z",
    "2024-03-05T08:00:00,5Z",
    "20240305T080000Z",
    "24-03-05T08:00:00Z",
    "2024-3-5T08:00:00Z",
    "+2024-03-05T08:00:00Z",
    "２０２４-03-05T08:00:00Z",
    "2024-03-05T08:00:00Z\n",
    " 2024-03-05T08:00:00Z",
    "2024-W10-2T08:00:00Z",
    "05/03/2024 08:00:00",
    "",
    "1999-12-31T16:59:59Z",
    "2100-01-02T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
)
FUTURE = Fault("future", "$.time")


def field_vectors() -> list[Vector]:
    """Each text as a field; accepted ones in normal form."""
    taken = [
        one(f"instant {text}", dossier({"due_at": text}), Taken({"due_at": utc}))
        for text, utc in TEXTS.items()
    ]
    refused = [
        one(f"no instant {text!r}", dossier({"due_at": text}), invalid("$.data.due_at")) for text in REFUSED
    ]
    return taken + refused


def time_vectors() -> list[Vector]:
    """Each refused text as the event's own time."""
    return [one(f"no time {text!r}", dossier(time=text), invalid("$.time")) for text in REFUSED]


VECTORS = (
    *field_vectors(),
    *time_vectors(),
    one(
        "time normalised",
        dossier(time="2024-03-05t08:00:00.1234569+07:00"),
        Taken(time="2024-03-05T01:00:00.123456Z"),
    ),
    one("the first time", dossier(time="2000-01-01T00:00:00Z"), Taken(time="2000-01-01T00:00:00.000000Z")),
    one("time at arrival", dossier(time="2024-06-01T00:00:00Z"), Taken()),
    one("an hour after arrival", dossier(time="2024-06-01T01:00:00Z"), Taken()),
    one("an hour and the digits that are cut", dossier(time="2024-06-01T01:00:00.0000009Z"), Taken()),
    one("an hour and a microsecond after", dossier(time="2024-06-01T01:00:00.000001Z"), FUTURE),
    one("an hour after arrival in Hanoi", dossier(time="2024-06-01T08:00:00+07:00"), Taken()),
    one("the last time there is", dossier(time="2100-01-01T00:00:00Z"), FUTURE),
    one(
        "dates in the future are no fault",
        dossier({"received_at": "2099-05-05T00:00:00Z"}),
        Taken({"received_at": "2099-05-05T00:00:00.000000Z"}),
    ),
)
